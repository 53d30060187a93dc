/* store/catalog/name.h - what an item may be called, and how long its path may be.
 *
 * Source:  the rules of the original for item names and paths (docs of its item properties pages).
 */
#ifndef STORE_CATALOG_NAME_H
#define STORE_CATALOG_NAME_H

#include "base/job.h"

#define CATALOG_PATH_MAX 260 /* UTF-16 units of a whole path, as the original counts */
#define CATALOG_DEPTH_MAX 130 /* what CATALOG_PATH_MAX leaves room for */

/* A name: not empty, a letter or digit in it, no blank at either end, no control character and none of
 * ; ? : @ & = + , $ / * < > | " and backslash. Fails with CATALOG_NAME_INVALID. */
RS_CHECKED rs_status catalog_name_check(struct rs_job *job, rs_text name);

/* "/" or "/name/name", each name valid. Fails with CATALOG_PATH_INVALID or CATALOG_PATH_LONG. */
RS_CHECKED rs_status catalog_path_check(struct rs_job *job, rs_text path);

/* The form under which names are compared: two names with equal keys are the same name. Letters fold in every
 * script, and letters that are written in two ways (composed or not) are equal. */
RS_CHECKED rs_status catalog_name_key(struct rs_job *job, rs_text name, rs_text *out);

/* The folder part and the last name: "/a/b" gives "/a" and "b", "/a" gives "/" and "a", "/" gives "/" and "". */
void catalog_path_split(rs_text path, rs_text *folder, rs_text *name);

/* `folder` and `name` as one path. */
rs_text catalog_path_join(struct rs_job *job, rs_text folder, rs_text name);

/* UTF-16 units that `t` takes. */
size_t catalog_path_length(rs_text t);

#endif
