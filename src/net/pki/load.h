/* net/pki/load.h - the bytes of a certificate file -> certificates and keys: for this folder and its fuzzer; pki_wipe for everybody.
 *
 * Source:  RFC 7468 (PEM), RFC 5280 (X.509), RFC 7292 (PKCS#12), RFC 2315 (PKCS#7), RFC 5958 (keys).
 */
#ifndef NET_PKI_LOAD_H
#define NET_PKI_LOAD_H

#include <openssl/x509.h>

#include "net/pki/store.h"

#define PKI_KEYS_PER_FILE_MAX 16
#define PKI_PASSWORD_MAX 1024          /* bytes */
#define PKI_MAC_ITERATIONS_MAX 2000000 /* of PKCS#12: more would stall whoever reads the folder */

/* Whether a password was needed and not right: the caller knows where it is to come from, and says so. */
enum pki_password { PKI_PASSWORD_FINE, PKI_PASSWORD_MISSING, PKI_PASSWORD_WRONG };

/* What a file holds. The objects live as long as the job that loaded them: load keys in a short one. */
struct pki_contents {
    X509 **certificates;
    size_t certificate_count;
    EVP_PKEY **keys;
    size_t key_count;
    X509_REQ *request; /* of a PEM file; or NULL */
    rs_text friendly_name; /* of PKCS#12; may be empty */
    bool sealed;           /* a password that is not empty keeps the keys */
    rs_text key_problem;   /* why a key in it could not be read; empty: none such */
    enum pki_password password; /* also where loading failed */
};

/* `password` may be NULL: then what is encrypted under more than the empty password stays closed.
 * Fails with PKI_FILE_INVALID; the message says what is wrong, without the file's name. */
RS_CHECKED rs_status pki_load(struct rs_job *job, rs_text bytes, const char *password,
                              struct pki_contents *out);

/* The same for who needs the keys alone: the certificates of a PEM file, which cost more than its keys, are not looked at, and
 * a file without a key is no failure. */
RS_CHECKED rs_status pki_load_keys(struct rs_job *job, rs_text bytes, const char *password,
                                   struct pki_contents *out);

/* A file, whole, with what decides about trusting it. The memory of `bytes` must be given to pki_wipe. */
struct pki_file {
    rs_text bytes;
    unsigned mode; /* permission bits */
    unsigned uid;
};

/* Only regular files, at most `limit` bytes; symbolic links are followed. Fails with RS_NOT_FOUND, RS_OVER_LIMIT
 * or RS_IO. */
RS_CHECKED rs_status pki_file_read(struct rs_job *job, rs_text path, size_t limit, struct pki_file *out);
void pki_wipe(rs_text bytes);

/* May a key lie in such a file? Empty: yes; else the sentence that tells why not and the chmod or chown that mends it. */
rs_text pki_file_exposed(struct rs_job *job, rs_text path, const struct pki_file *file);

/* name.ext -> name.pass read (first line), or NULL where there is none. A password file that others can read is
 * not used: `problem` tells. */
char *pki_password_read(struct rs_job *job, rs_text path, rs_text *problem);

/* "/a/b/name.ext" -> "/a/b/name" */
rs_text pki_path_stem(rs_text path);

#endif
