/* web/exchange/exchange.h - one request and its answer, as the faces of the report server see them.
 *
 * A face (web/url, web/portal, later web/soap and web/rest) is a row: which application and virtual directory it
 * answers for, how it answers, and how it shows a failure. exchange_serve (serve.h) reads requests, finds out who
 * asks, and calls the face.
 */
#ifndef WEB_EXCHANGE_EXCHANGE_H
#define WEB_EXCHANGE_EXCHANGE_H

#include "base/buf.h"
#include "net/http/serve.h"
#include "service/ops/service.h"
#include "web/exchange/multipart.h"
#include "web/exchange/pairs.h"

struct exchange;

struct exchange_settings {
    struct service_settings service;
    /* Virtual directories, for links between the faces, and for requests that do not come through the HTTPS
     * service: "/ReportServer", "/Reports". */
    rs_text report_server_directory, portal_directory;
    /* Both as they are now, asked before each request; the texts live until it is asked again. NULL: they stay. */
    void (*directories_now)(void *data, rs_text *report_server, rs_text *portal);
    void *directories_data;
    /* Forms authentication: which paths are the pages for it, in any virtual directory, and what they answer. NULL: none. */
    bool (*logon_takes)(const struct exchange *x);
    rs_status (*logon)(struct exchange *x, const struct auth_attempt *attempt);
    bool plain_cookie;       /* the cookie of a logon may go over http too, where the request did */
    rs_text url_root;        /* the report server's address as reports and their links have it; empty: as the request came */
    rs_text frame_ancestors; /* who may show our pages in a frame, as in CSP; empty: everybody, as the original */
    unsigned secure_level;   /* SecureConnectionLevel: from 1 on SOAP needs TLS */
    size_t body_max;         /* bytes of one request's body */
    size_t memory_max;       /* bytes of one request's job; 0: no limit */
    int64_t request_ms;      /* for one request; 0: no limit */
    unsigned hang_s;         /* a request that has not ended so long after it began ends the process, by SIGALRM: a
                              * library may hang where no checkpoint is reached; 0: never */
    uint64_t requests_max;   /* after so many the worker ends, to be replaced by a fresh one; 0: never */
};

void exchange_settings_default(struct exchange_settings *settings);

enum exchange_directory { EXCHANGE_REPORT_SERVER, EXCHANGE_PORTAL, EXCHANGE_DIRECTORIES };

/* Texts live in the job. */
struct exchange {
    struct rs_job *job;
    const struct exchange_settings *settings;
    const struct http_incoming *incoming;
    enum http_method method;
    rs_text scheme, host; /* as the client sees them: "https", "reports.example:8443" */
    rs_text client;       /* its address */
    rs_text request_id;   /* also in the client's answer and in the log; may be empty */
    enum exchange_directory face; /* which face answers, and its */
    rs_text directory;    /* virtual directory, as this request spells it: "/ReportServer" */
    rs_text path;         /* behind it, decoded: "" or "/Pages/ReportViewer.aspx" */
    struct exchange_pairs query;
    struct exchange_pairs form; /* after exchange_read_form */
    struct exchange_files files;
    struct service_caller caller;
    bool by_cookie;          /* logged on by the page for it: there is a way out */
    struct auth_reply logon; /* what the answer says of it, in `job` or the one that failed */
    struct http_reply *reply;
};

struct exchange_face {
    enum exchange_directory directory;
    const char *application; /* as URL reservations name it: "ReportServerWebService" */
    /* Whether a path behind the virtual directory is this face's; NULL: what no face before it takes. */
    bool (*takes)(rs_text path);
    rs_status (*answer)(struct exchange *x);
    /* Show the failure of x->job; nothing has been sent yet. What fails here again gets a bare page. */
    rs_status (*fail)(struct exchange *x, rs_status status);
};

/* What the answer says of a logon besides (x->logon): once for each answer. exchange_serve does it, but for a logon that is
 * found out later. */
void exchange_logon_fields(struct exchange *x);

/* ---- reading ------------------------------------------------------------------------------------- */

rs_text exchange_header(const struct exchange *x, enum http_field_id id); /* empty where absent */
rs_text exchange_cookie(const struct exchange *x, const char *name);      /* empty where absent */

/* Read a posted form (urlencoded or with files) into `form` and `files`; another content type leaves them empty. */
RS_CHECKED rs_status exchange_read_form(struct exchange *x);

/* "https://host/ReportServer" and the like: where a client reaches the face. */
rs_text exchange_url(const struct exchange *x, enum exchange_directory directory);

/* Fails with EXCHANGE_FORGED where a request that changes something was not made by a page of ours: its Origin is
 * another site's, or the field "token" is not the token of exchange_form_token. */
RS_CHECKED rs_status exchange_check_form(const struct exchange *x);
/* For a hidden field "token" of every form that changes something; sets its cookie where the client has none. */
rs_text exchange_form_token(struct exchange *x);

/* ---- answering ----------------------------------------------------------------------------------- */

void exchange_status(struct exchange *x, int status);
void exchange_field(struct exchange *x, const char *name, rs_text value);
/* Body bytes, as often as needed. */
RS_CHECKED rs_status exchange_write(struct exchange *x, rs_text bytes);

/* A whole answer of one piece. */
RS_CHECKED rs_status exchange_send(struct exchange *x, int status, const char *content_type, rs_text body);
/* 303 to `location`: a path or a URL. */
RS_CHECKED rs_status exchange_redirect(struct exchange *x, rs_text location);

/* Sets ETag and what goes with it. True where the client has this version already: 304 is the answer, no body. */
bool exchange_is_known(struct exchange *x, rs_text tag);

/* Content-Disposition with a name that every client understands: RFC 6266, `filename` in ASCII beside `filename*`. */
void exchange_disposition(struct exchange *x, const char *kind, rs_text file_name);

#endif
