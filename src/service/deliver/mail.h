/* service/deliver/mail.h - a message to a mail server.
 */
#ifndef SERVICE_DELIVER_MAIL_H
#define SERVICE_DELIVER_MAIL_H

#include "base/job.h"

#define DELIVER_ADDRESS_MAX 254u /* bytes (RFC 5321) */

enum deliver_authentication { DELIVER_ANONYMOUS, DELIVER_PASSWORD, DELIVER_NTLM }; /* the original's SMTPAuthenticate */

struct deliver_server {
    rs_text host;
    uint16_t port;       /* 465: TLS from the first byte */
    bool tls;            /* nothing is sent without; on other ports by STARTTLS */
    enum deliver_authentication authentication;
    rs_text user, password;
    int64_t connect_ms;  /* for the connection; a message has a minute more */
};

struct deliver_mail {
    rs_text from, to; /* addresses alone: user@host */
    rs_text subject;
    rs_text text;     /* UTF-8 */
};

/* Whether it is an address that can stand in a header and in an envelope. Fails with RS_INVALID. */
RS_CHECKED rs_status deliver_address_check(struct rs_job *job, rs_text address);

/* The message as it is sent: headers and body. Fails with RS_INVALID. */
RS_CHECKED rs_status deliver_mail_write(struct rs_job *job, const struct deliver_mail *mail, rs_text *out);

/* Hand it to the server. Fails with RS_INVALID, RS_TIMEOUT, RS_DENIED (the server does not take the user and password) and
 * RS_FAILED, in the server's words; never with the password. */
RS_CHECKED rs_status deliver_mail(struct rs_job *job, const struct deliver_server *server, const struct deliver_mail *mail);

#endif
