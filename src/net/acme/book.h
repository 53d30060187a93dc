/* net/acme/book.h - what was asked of an ACME server, and how it stands: files in INSTANCE/acme.
 *
 *     account.json, NAME.order.json     what was asked for: written by whoever asks
 *     account-state.json, NAME.state.json   how it stands: written by the process that renews, alone
 *     account.key                       the account's private key: made by that process
 *
 * `asked_ms` ties a state to the wish it is about: another wish makes the state void. All have mode 0600.
 */
#ifndef NET_ACME_BOOK_H
#define NET_ACME_BOOK_H

#include "base/job.h"
#include "net/acme/challenge.h"
#include "net/pki/kinds.h"

#define ACME_ORDERS_MAX 10000
#define ACME_HOSTS_MAX 100

struct acme_account {
    rs_text directory, ca_file;
    const rs_text *contacts;
    size_t contact_count;
    bool agreed;
    rs_text external_id, external_key; /* empty: none */
    int64_t asked_ms;
};

struct acme_account_state {
    int64_t asked_ms;
    rs_text account; /* its address; empty: not there yet */
    rs_text error;   /* of the last try; empty: it went well */
    unsigned failures;
    int64_t next_ms; /* UTC: when it is tried again */
};

struct acme_certificate {
    rs_text slot; /* the name of the files too */
    const rs_text *hosts;
    size_t host_count;
    enum acme_kind kind;
    enum pki_key_kind key_kind;
    int64_t asked_ms;
    rs_text revoke; /* once another one is there, the present one is taken back for this reason (acme_reason_number); empty: no */
};

struct acme_certificate_state {
    int64_t asked_ms;
    rs_text sha256, pem; /* of the certificate that was issued last, and itself; empty: none yet */
    rs_text revoke_pem, revoke; /* still to be taken back, and why; empty: nothing */
    rs_text error;
    unsigned failures;
    int64_t renew_ms; /* UTC: when it is renewed */
    int64_t early_ms; /* UTC: when it was last renewed ahead of its time, as suggested; 0: never */
    int64_t next_ms;  /* UTC: when something is done next: that, a question to the authority, or another try */
};

/* `*found` false: nobody asked. Fails with RS_IO or RS_INVALID (a damaged file). */
RS_CHECKED rs_status acme_account_read(struct rs_job *job, rs_text folder, struct acme_account *out, bool *found);
RS_CHECKED rs_status acme_account_write(struct rs_job *job, rs_text folder, const struct acme_account *account);
RS_CHECKED rs_status acme_account_state_read(struct rs_job *job, rs_text folder, struct acme_account_state *out);
RS_CHECKED rs_status acme_account_state_write(struct rs_job *job, rs_text folder, const struct acme_account_state *state);

/* The slots that certificates are asked for, in order. */
RS_CHECKED rs_status acme_certificates_list(struct rs_job *job, rs_text folder, const rs_text **out, size_t *count);
RS_CHECKED rs_status acme_certificate_read(struct rs_job *job, rs_text folder, rs_text slot, struct acme_certificate *out,
                                           bool *found);
RS_CHECKED rs_status acme_certificate_write(struct rs_job *job, rs_text folder, const struct acme_certificate *certificate);
RS_CHECKED rs_status acme_certificate_state_read(struct rs_job *job, rs_text folder, rs_text slot,
                                                 struct acme_certificate_state *out);
RS_CHECKED rs_status acme_certificate_state_write(struct rs_job *job, rs_text folder, rs_text slot,
                                                  const struct acme_certificate_state *state);
/* The wish and the state; gone already is fine. */
RS_CHECKED rs_status acme_certificate_remove(struct rs_job *job, rs_text folder, rs_text slot);

/* Read, or made. Freed with the job. */
RS_CHECKED rs_status acme_account_key(struct rs_job *job, rs_text folder, EVP_PKEY **out);

#endif
