/* daemon/counters.h - what the front answered and what went wrong, counted for metrics: in the front's process, told to the
 * parent when it asks (FRONT_COUNT).
 */
#ifndef DAEMON_COUNTERS_H
#define DAEMON_COUNTERS_H

#include "base/buf.h"
#include "daemon/channel.h"

struct counters;
struct front_access;
struct front_trouble;
struct json_t;

struct counters *counters_create(void); /* never NULL */
void counters_destroy(struct counters *counters); /* accepts NULL */
RS_OWNED_BY(counters, counters_destroy)

void counters_access(struct counters *counters, const struct front_access *access);
void counters_trouble(struct counters *counters, const struct front_trouble *trouble);

/* Append them to a message; and out of it, as `traffic` and `troubles` of `out`, a JSON object. */
void counters_put(rs_buf *out, const struct counters *counters);
void counters_take(struct channel_reader *reader, struct json_t *out);

#endif
