#include "report/draw/deflate.h"

#include <isa-l.h>

#define LEVEL 1 /* reference measurements: level 0 is a third faster and a quarter larger */

struct draw_deflater {
    struct isal_zstream stream;
    uint8_t level_memory[ISAL_DEF_LVL1_DEFAULT];
};

struct draw_deflater *draw_deflater_create(struct rs_job *job)
{
    return rs_alloc_raw(job, sizeof(struct draw_deflater)); /* isal_deflate_init sets what is read */
}

/* isa-l 2.30 and others hash the third byte of a stream without history by where the compressor's own state lies instead of
 * by what it is (write_first_byte in igzip_icf_body_h1_gr_bt.asm), so that now and then the same bytes were packed
 * otherwise at another address. A stream with history does not go there: its first bytes are stored as they are, and are
 * the history of the rest. */
#define STORED 4u

/* The head of a zlib stream (RFC 1950, 2.2) and a stored block (RFC 1951, 3.2.4) of the first `count` bytes, if any. */
static void begin(rs_buf *out, rs_text bytes, size_t count)
{
    char head[] = {0x78, 0x01, 0, (char)count, 0, (char)~count, (char)0xff};

    rs_buf_add(out, rs_text_of(head, count ? sizeof head : 2));
    rs_buf_add(out, rs_text_slice(bytes, 0, count));
}

static void end(rs_buf *out, rs_text bytes)
{
    uint32_t sum = isal_adler32(1, (const unsigned char *)bytes.bytes, bytes.size);
    char tail[] = {(char)(sum >> 24), (char)(sum >> 16), (char)(sum >> 8), (char)sum};

    rs_buf_add(out, rs_text_of(tail, sizeof tail));
}

rs_status draw_deflate(struct rs_job *job, struct draw_deflater *deflater, rs_text bytes, rs_buf *out)
{
    struct isal_zstream *stream = &deflater->stream;
    size_t stored = bytes.size > STORED ? STORED : 0;

    if (bytes.size > UINT32_MAX / 2)
        return rs_fail(job, RS_OVER_LIMIT, "a stream of %zu bytes is more than a PDF may hold", bytes.size);
    rs_buf_clear(out);
    begin(out, bytes, stored);
    isal_deflate_init(stream);
    stream->level = LEVEL;
    stream->level_buf = deflater->level_memory;
    stream->level_buf_size = sizeof deflater->level_memory;
    stream->gzip_flag = IGZIP_DEFLATE;
    stream->end_of_stream = 1;
    stream->flush = NO_FLUSH;
    stream->next_in = (uint8_t *)bytes.bytes + stored;
    stream->avail_in = (uint32_t)(bytes.size - stored);
    if (stored && isal_deflate_set_dict(stream, (uint8_t *)bytes.bytes, STORED) != COMP_OK)
        return rs_fail(job, RS_FAILED, "compressing a stream failed");
    do {
        size_t room = bytes.size / 2 + 4096;
        stream->next_out = (uint8_t *)rs_buf_reserve(out, room);
        stream->avail_out = (uint32_t)room;
        if (isal_deflate(stream) != COMP_OK)
            return rs_fail(job, RS_FAILED, "compressing a stream failed");
        out->used += room - stream->avail_out;
    } while (stream->avail_out == 0);
    end(out, bytes);
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
