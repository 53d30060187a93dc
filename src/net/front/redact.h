/* net/front/redact.h - an address without passwords, for logs.
 *
 * URL access takes the credentials of data sources as parameters (dsp:SOURCE=password), and report authors call
 * parameters of their own "Password". Logs are kept, copied and read by more people than may know these.
 */
#ifndef NET_FRONT_REDACT_H
#define NET_FRONT_REDACT_H

#include "base/text.h"

/* `url` where its query holds no secret; else a copy in `room`, cut to `size` bytes, in which *** stands for each
 * secret value. A name is secret that holds "dsp:", "password", "passwd" or "pwd", percent-encoded or not. */
rs_text redact_url(rs_text url, char *room, size_t size);

#endif
