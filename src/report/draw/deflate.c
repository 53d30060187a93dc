#include "report/draw/deflate.h"

#include <isa-l.h>

#define LEVEL 1 /* reference measurements: level 0 is a third faster and a quarter larger */

struct draw_deflater {
    struct isal_zstream stream;
    uint8_t level_memory[ISAL_DEF_LVL1_DEFAULT];
};

struct draw_deflater *draw_deflater_create(struct rs_job *job)
{
    return RS_NEW(job, struct draw_deflater);
}

rs_status draw_deflate(struct rs_job *job, struct draw_deflater *deflater, rs_text bytes, rs_buf *out)
{
    struct isal_zstream *stream = &deflater->stream;

    if (bytes.size > UINT32_MAX / 2)
        return rs_fail(job, RS_OVER_LIMIT, "a stream of %zu bytes is more than a PDF may hold", bytes.size);
    rs_buf_clear(out);
    isal_deflate_init(stream);
    stream->level = LEVEL;
    stream->level_buf = deflater->level_memory;
    stream->level_buf_size = sizeof deflater->level_memory;
    stream->gzip_flag = IGZIP_ZLIB;
    stream->end_of_stream = 1;
    stream->flush = NO_FLUSH;
    stream->next_in = (uint8_t *)bytes.bytes;
    stream->avail_in = (uint32_t)bytes.size;
    do {
        size_t room = bytes.size / 2 + 4096;
        stream->next_out = (uint8_t *)rs_buf_reserve(out, room);
        stream->avail_out = (uint32_t)room;
        if (isal_deflate(stream) != COMP_OK)
            return rs_fail(job, RS_FAILED, "compressing a stream failed");
        out->used += room - stream->avail_out;
    } while (stream->avail_out == 0);
    return RS_OK;
}

bool draw_inflate(rs_text bytes, uint8_t *out, size_t size)
{
    struct inflate_state state;

    if (bytes.size > UINT32_MAX || size > UINT32_MAX)
        return false;
    isal_inflate_init(&state);
    state.crc_flag = ISAL_ZLIB;
    state.next_in = (uint8_t *)bytes.bytes;
    state.avail_in = (uint32_t)bytes.size;
    state.next_out = out;
    state.avail_out = (uint32_t)size;
    /* At the end of the pixels the check sum may still be unread: one more call with no room takes it. */
    for (int turn = 0; turn < 2 && state.block_state != ISAL_BLOCK_FINISH; turn++)
        if (isal_inflate(&state) != ISAL_DECOMP_OK)
            return false;
    return state.block_state == ISAL_BLOCK_FINISH && state.avail_out == 0;
}
