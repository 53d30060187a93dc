/* net/tables/policy_check.h - what a setting's value must be beyond its kind; named by policy.def.
 */
#ifndef NET_TABLES_POLICY_CHECK_H
#define NET_TABLES_POLICY_CHECK_H

#include "base/job.h"

/* `value` is what its kind allows; `out` its canonical form. Fails with RS_INVALID and a sentence about the value alone:
 * the caller says which setting it is of. */
typedef rs_status policy_check(struct rs_job *job, rs_text value, rs_text *out);

policy_check policy_check_any;
policy_check policy_check_headers;
policy_check policy_check_ciphers; /* of TLS, between colons: known, and good enough */
policy_check policy_check_groups;

#endif
