/* report/draw/deflate.h - bytes into a zlib stream and back, by isa-l. */
#ifndef REPORT_DRAW_DEFLATE_H
#define REPORT_DRAW_DEFLATE_H

#include "base/buf.h"

struct draw_deflater;

/* Holds the tables of the compressor, about 200 KiB, for many streams. */
struct draw_deflater *draw_deflater_create(struct rs_job *job);

/* `bytes` as one zlib stream, in `out`, which is emptied first. */
RS_CHECKED rs_status draw_deflate(struct rs_job *job, struct draw_deflater *deflater, rs_text bytes, rs_buf *out);

/* Exactly `size` bytes out of the zlib stream `bytes`; false where it is damaged, shorter or longer. */
bool draw_inflate(rs_text bytes, uint8_t *out, size_t size);

#endif
