/* net/pki/files.h - files of the store as they are made here: their names, and writing them. For this folder only.
 */
#ifndef NET_PKI_FILES_H
#define NET_PKI_FILES_H

#include <openssl/x509.h>

#include "base/job.h"

#define PKI_FILE_NAME_MAX 100 /* bytes, without folder and ending */

/* What belongs together under one name. */
struct pki_files {
    rs_text certificate; /* FOLDER/name.crt */
    rs_text key;         /* FOLDER/name.key */
    rs_text request;     /* FOLDER/name.csr */
};

struct pki_files pki_files_named(struct rs_job *job, rs_text folder, rs_text name);

/* Fails with RS_INVALID unless it is visible ASCII without what a file name or a shell would mind; never hidden,
 * never a path. */
RS_CHECKED rs_status pki_name_check(struct rs_job *job, rs_text name);

/* A name that was asked for must be free (RS_CONFLICT); where `wanted` is empty one is made from `otherwise` (a host),
 * and becomes free by a number. */
RS_CHECKED rs_status pki_files_choose(struct rs_job *job, rs_text folder, rs_text wanted, rs_text otherwise,
                                      struct pki_files *out);

/* One maker at a time: the authority must not be made twice, nor a file name taken twice. `*fd` is the caller's to
 * close, which gives the lock back. */
RS_CHECKED rs_status pki_files_lock(struct rs_job *job, rs_text folder, int *fd);

/* A certificate and its chain (may be NULL), readable by everyone; a key, by its owner alone. */
RS_CHECKED rs_status pki_write_certificate(struct rs_job *job, X509 *certificate, const struct stack_st_X509 *chain,
                                           rs_text path);
RS_CHECKED rs_status pki_write_key(struct rs_job *job, EVP_PKEY *key, rs_text path);
RS_CHECKED rs_status pki_write_request(struct rs_job *job, X509_REQ *request, rs_text path);
/* A key without its certificate is of no use to anyone: both, or none. */
RS_CHECKED rs_status pki_write_pair(struct rs_job *job, X509 *certificate, const struct stack_st_X509 *chain, EVP_PKEY *key,
                                    const struct pki_files *files);

/* Report what OpenSSL just failed with: "cannot WHAT: reason". */
rs_status pki_failed(struct rs_job *job, const char *what);

/* End an object with the job. */
void pki_end_key(void *key);
void pki_end_certificate(void *certificate);

#endif
