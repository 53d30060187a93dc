/* service/auth/identify.h - who sends this request?
 *
 * Source:  RFC 9110 section 11 (challenges and credentials).
 */
#ifndef SERVICE_AUTH_IDENTIFY_H
#define SERVICE_AUTH_IDENTIFY_H

#include "base/job.h"
#include "service/auth/permissions.h"

struct auth; /* one per process: what was tried lately, and what was right */

/* What clients may prove themselves with. */
enum auth_method {
    AUTH_BASIC = 1 << 0,     /* name and password of a local account */
    AUTH_NEGOTIATE = 1 << 1, /* a ticket of Kerberos */
    AUTH_FORMS = 1 << 2,     /* a cookie, got by name and password on a page */
};

/* Extended protection of tickets: protection.h. */
enum auth_protection_level { AUTH_PROTECTION_OFF, AUTH_PROTECTION_ALLOW, AUTH_PROTECTION_REQUIRE };
enum auth_protection_scenario { AUTH_PROTECTION_PROXY, AUTH_PROTECTION_ANY, AUTH_PROTECTION_DIRECT };

struct auth_protection {
    enum auth_protection_level level;
    enum auth_protection_scenario scenario;
    rs_text proxy_channel; /* what trusted proxies' connections to clients are bound to, as auth_attempt.channel; empty: as ours */
    /* Whether a URL of the application has this host; NULL: all have. */
    bool (*has_host)(void *data, rs_text application, rs_text host);
    void *data;
};

struct secret_key;

struct auth_settings {
    unsigned methods;        /* enum auth_method, or-ed */
    rs_text realm;           /* shown by browsers; empty: "Bindery" */
    bool allow_plain_http;   /* credentials over http too */
    int64_t remember_ms;     /* how long right passwords are not checked again; 0: always check */
    int64_t forms_ms;        /* AUTH_FORMS: how long a cookie is good that is not used */
    rs_text attempts_path;   /* of the table of failed logons that processes share; empty: each has its own */
    rs_text kerberos_socket; /* AUTH_NEGOTIATE: where the process with the keytab listens */
    struct auth_protection protection;
    bool keep_for_connection; /* who logged on with a ticket need not do so with each request of the connection */
    rs_text kerberos_realm;  /* principals of this realm have the accounts of their short names; empty: of full names only */
};

#define AUTH_REMEMBER_MS (5 * 60 * 1000)

/* `catalog`, and the texts of `settings`, are used until auth_destroy. */
RS_CHECKED rs_status auth_create(struct rs_job *job, const struct auth_settings *settings,
                                 struct catalog *catalog, struct auth **out);
void auth_destroy(struct auth *auth); /* accepts NULL */
RS_OWNED_BY(auth, auth_destroy)

struct auth_attempt {
    rs_text authorization; /* the header's value; empty where there is none */
    rs_text client;        /* its address */
    bool secure;           /* it came over https */
    rs_text connection;    /* Bindery-Connection; empty where the connection may carry requests of several clients */
    rs_text state;         /* Bindery-State */
    rs_text cookie;        /* FORMS_COOKIE */
    rs_text channel;       /* Bindery-Channel */
    rs_text application;   /* Bindery-Application */
    bool through_proxy;    /* of those that are trusted */
    const struct secret_key *seal_key; /* of what is kept; NULL: nothing is kept */
};

/* Whether it cannot do without seal_key. */
bool auth_wants_key(const struct auth_attempt *attempt);

struct auth_user {
    rs_text name; /* as the account spells it */
    enum auth_role role;
};

/* What the answer to the request says besides, whatever it is. */
struct auth_reply {
    rs_text token;  /* of Negotiate, in base64; empty: none */
    rs_text state;  /* to be kept with the connection, where has_state */
    bool has_state;
    rs_text cookie; /* to be set, where has_cookie; empty: to be removed */
    bool has_cookie;
};

/* Fails with AUTH_INSECURE, AUTH_REQUIRED (answer with auth_challenges), AUTH_THROTTLED, AUTH_NO_ACCOUNT or
 * KERBEROS_UNAVAILABLE. `reply` is written in every case. */
RS_CHECKED rs_status auth_identify(struct rs_job *job, struct auth *auth, const struct auth_attempt *attempt,
                                   struct auth_user *out, struct auth_reply *reply);

/* A name and a password out of a form of ours; the password is wiped. Fails as auth_identify, and with SECRET_KEY. */
RS_CHECKED rs_status auth_log_on(struct rs_job *job, struct auth *auth, const struct auth_attempt *attempt, rs_text name,
                                 rs_text password, struct auth_user *out, struct auth_reply *reply);

#define AUTH_CHALLENGES_MAX 3

/* The values of WWW-Authenticate beside 401, the strongest first; how many. */
size_t auth_challenges(struct rs_job *job, const struct auth_settings *settings, const struct auth_reply *reply,
                       rs_text out[AUTH_CHALLENGES_MAX]);

#endif
