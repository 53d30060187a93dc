/* daemon/ocsp_told.h - the body of an OCSP_TOLD (ocsp_role.h), both ways.
 */
#ifndef DAEMON_OCSP_TOLD_H
#define DAEMON_OCSP_TOLD_H

#include "daemon/channel.h"
#include "net/ocsp/record.h"

void ocsp_told_put(rs_buf *out, rs_text name, const struct ocsp_record *record);
/* Texts are borrowed from the body; reader->broken where it is not whole. */
void ocsp_told_take(struct channel_reader *reader, rs_text *name, struct ocsp_record *record);

#endif
