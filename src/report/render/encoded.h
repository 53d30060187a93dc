/* report/render/encoded.h - text on its way to a sink, in the encoding that the device information names.
 *
 * Text is gathered as UTF-8 in `buf`; `encoded_flush` hands it over once there is enough of it.
 */
#ifndef REPORT_RENDER_ENCODED_H
#define REPORT_RENDER_ENCODED_H

#include <unicode/ucnv.h>

#include "base/buf.h"
#include "report/render/format.h"

struct encoded {
    struct rs_job *job;
    const struct render_sink *sink;
    rs_buf buf;
    UConverter *converter; /* NULL: UTF-8 */
};

/* `encoding` is a name of .NET or of ICU. UTF-8 and UTF-16 begin with a byte order mark where `with_mark`. The
 * converter is freed with the job. An unknown name fails with RENDER_DEVICE_INFO. */
RS_CHECKED rs_status encoded_open(struct rs_job *job, const struct render_sink *sink, rs_text encoding, bool with_mark,
                                  struct encoded *out);

/* Passes a checkpoint where it writes. `last`: everything, and the state of the encoding is closed. */
RS_CHECKED rs_status encoded_flush(struct encoded *e, bool last);

/* The name for Content-Type: "utf-8", "utf-16", "iso-8859-1". */
rs_text encoded_charset(struct rs_job *job, rs_text encoding);

#endif
