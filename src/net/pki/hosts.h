/* net/pki/hosts.h - host names and addresses as subject alternative names.
 */
#ifndef NET_PKI_HOSTS_H
#define NET_PKI_HOSTS_H

#include <openssl/types.h>
#include <openssl/x509v3.h>

#include "base/job.h"

#define PKI_HOSTS_MAX 100 /* of one certificate that is made or asked for here */

/* The hosts as subject alternative names, freed with the job; `first` is the first of them, in lower case and without
 * brackets. Fails with RS_INVALID where one is neither a name nor an address. */
RS_CHECKED rs_status pki_hosts_read(struct rs_job *job, const rs_text *hosts, size_t count, GENERAL_NAMES **out,
                                    rs_text *first);

#endif
