/* format/json/json.h - JSON text <-> values, within limits and in a job's lifetime.
 *
 * The values are jansson's; this layer bounds what is read, ties values to a job and speaks rs_text.
 *
 * Source:  RFC 8259.
 */
#ifndef FORMAT_JSON_JSON_H
#define FORMAT_JSON_JSON_H

#include <jansson.h>

#include "base/job.h"

#define JSON_TEXT_MAX ((size_t)16 * 1024 * 1024) /* bytes; used where a caller gives no limit */
#define JSON_DEPTH_MAX 64                        /* arrays and objects inside each other */

/* Parse one value with nothing behind it. Names may not repeat in an object; text must be UTF-8.
 *
 * limit  bytes allowed; 0 = JSON_TEXT_MAX.
 * out    lives as long as the job.
 *
 * Fails with RS_INVALID; the message gives line and column. RS_OVER_LIMIT where it is too long or deep. */
RS_CHECKED rs_status json_parse(struct rs_job *job, rs_text text, size_t limit, json_t **out);

/* Give the caller's reference to the job. NULL (out of memory in jansson) aborts. Returns `value`. */
json_t *json_keep(struct rs_job *job, json_t *value);

enum json_layout { JSON_COMPACT_LINE, JSON_INDENTED };

/* In the job's memory. Members keep their order. */
rs_text json_write(struct rs_job *job, const json_t *value, enum json_layout layout);

/* A new reference, like jansson's own makers. Bytes that are not UTF-8 become U+FFFD. */
json_t *json_from_text(rs_text text);

/* The text of a string value, borrowed from it; empty where it is none. */
rs_text json_to_text(const json_t *value);

#endif
