/* daemon/certificates.h - the certificates that the front was given, by thumbprint.
 */
#ifndef DAEMON_CERTIFICATES_H
#define DAEMON_CERTIFICATES_H

#include "daemon/channel.h"

struct certificates;
struct tables_snapshot;
struct tls_chain;

/* Their bytes lie in a file in this folder (a descriptor), and are read when a client first asks for the name; where none can be
 * made, in memory. */
struct certificates *certificates_create(int folder);
void certificates_destroy(struct certificates *certificates); /* accepts NULL */
RS_OWNED_BY(certificates, certificates_destroy)

/* The body of FRONT_CERTIFICATES. Fails with RS_INVALID where it is not whole. */
RS_CHECKED rs_status certificates_take(struct rs_job *job, struct certificates *certificates,
                                       struct channel_reader *reader);

/* The body of FRONT_STAPLE: for every row that shows the certificate, from the next handshake on. One that is not here, or no
 * more, is no error. */
RS_CHECKED rs_status certificates_staple(struct rs_job *job, struct certificates *certificates, struct channel_reader *reader);

/* By SHA-256 thumbprint, as the row has it. Borrowed; NULL: it was not given. */
struct tls_chain *certificates_find(const struct certificates *certificates, rs_text sha256);

/* Forget those that no row of `tables` names. */
void certificates_keep(struct certificates *certificates, const struct tables_snapshot *tables);

#endif
