/* net/tables/policy.h - settings of binding rows and of applications: one table (policy.def), typed and checked.
 *
 * Only what was set is stored; everything else has its default. Values are texts in a canonical form: equal values are
 * equal texts. What a setting does is the business of who reads it:
 *
 *     if (rs_text_equal(policy_text(&row->policy, POLICY_ROW_MIN_VERSION), RS_TEXT("1.3"))) ...
 *     int64_t most = policy_number(&application->policy, POLICY_APPLICATION_CONNECTIONS);
 */
#ifndef NET_TABLES_POLICY_H
#define NET_TABLES_POLICY_H

#include "base/job.h"

enum policy_scope { POLICY_ROW, POLICY_APPLICATION };

enum policy_kind { POLICY_CHOICE, POLICY_NUMBER, POLICY_FLAG, POLICY_TEXT };

enum policy_id {
#define POLICY(scope, id, ...) POLICY_##scope##_##id,
#include "net/tables/policy.def"
#undef POLICY
    POLICY_COUNT
};

struct policy_setting {
    enum policy_scope scope;
    const char *name;
    enum policy_kind kind;
    const char *range;     /* the words of a choice, "least most" of a number, most bytes of a text */
    const char *otherwise; /* the value where it is not set */
    const char *help;
};

struct policy_value {
    enum policy_id id;
    rs_text text; /* canonical */
};

/* What is set for one row or application; each setting at most once. */
struct tables_policy {
    const struct policy_value *values;
    size_t count;
};

const struct policy_setting *policy_setting(enum policy_id id);
/* By its name, without regard to case. False: there is none. */
bool policy_find(enum policy_scope scope, rs_text name, enum policy_id *out);
/* "yes or no", "1.2 or 1.3", "a number from 0 to 10000". */
rs_text policy_range(struct rs_job *job, enum policy_id id);

/* What an administrator typed, in its canonical form. Fails with RS_INVALID; the error names setting, value and range. */
RS_CHECKED rs_status policy_read(struct rs_job *job, enum policy_id id, rs_text typed, rs_text *out);

/* Headers in the form of the setting of that name: takes the next off `rest`. False: there is none. */
#define POLICY_HEADERS_MAX 32
bool policy_next_header(rs_text *rest, rs_text *name, rs_text *value);

/* The value that was set, or NULL. */
const rs_text *policy_set(const struct tables_policy *policy, enum policy_id id);
/* The value that holds: what was set, or the default. */
rs_text policy_text(const struct tables_policy *policy, enum policy_id id);
int64_t policy_number(const struct tables_policy *policy, enum policy_id id); /* of a POLICY_NUMBER */
bool policy_flag(const struct tables_policy *policy, enum policy_id id);      /* of a POLICY_FLAG */

#endif
