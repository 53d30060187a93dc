#include "service/configure/windows_text.h"

#include "base/buf.h"

#define SAMPLE 400 /* bytes that tell UTF-16 without a mark */

/* Code page 850 from 0x80 on. */
static const uint16_t cp850[128] = {
    0x00C7, 0x00FC, 0x00E9, 0x00E2, 0x00E4, 0x00E0, 0x00E5, 0x00E7, 0x00EA, 0x00EB, 0x00E8, 0x00EF, 0x00EE, 0x00EC, 0x00C4, 0x00C5,
    0x00C9, 0x00E6, 0x00C6, 0x00F4, 0x00F6, 0x00F2, 0x00FB, 0x00F9, 0x00FF, 0x00D6, 0x00DC, 0x00F8, 0x00A3, 0x00D8, 0x00D7, 0x0192,
    0x00E1, 0x00ED, 0x00F3, 0x00FA, 0x00F1, 0x00D1, 0x00AA, 0x00BA, 0x00BF, 0x00AE, 0x00AC, 0x00BD, 0x00BC, 0x00A1, 0x00AB, 0x00BB,
    0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x00C1, 0x00C2, 0x00C0, 0x00A9, 0x2563, 0x2551, 0x2557, 0x255D, 0x00A2, 0x00A5, 0x2510,
    0x2514, 0x2534, 0x252C, 0x251C, 0x2500, 0x253C, 0x00E3, 0x00C3, 0x255A, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256C, 0x00A4,
    0x00F0, 0x00D0, 0x00CA, 0x00CB, 0x00C8, 0x0131, 0x00CD, 0x00CE, 0x00CF, 0x2518, 0x250C, 0x2588, 0x2584, 0x00A6, 0x00CC, 0x2580,
    0x00D3, 0x00DF, 0x00D4, 0x00D2, 0x00F5, 0x00D5, 0x00B5, 0x00FE, 0x00DE, 0x00DA, 0x00DB, 0x00D9, 0x00FD, 0x00DD, 0x00AF, 0x00B4,
    0x00AD, 0x00B1, 0x2017, 0x00BE, 0x00B6, 0x00A7, 0x00F7, 0x00B8, 0x00B0, 0x00A8, 0x00B7, 0x00B9, 0x00B3, 0x00B2, 0x25A0, 0x00A0,
};

static rs_text from_oem(struct rs_job *job, rs_text bytes)
{
    rs_buf out = rs_buf_in(job);

    for (size_t i = 0; i < bytes.size; i++) {
        unsigned char c = (unsigned char)bytes.bytes[i];
        rs_buf_add_code_point(&out, c < 0x80 ? c : cp850[c - 0x80]);
    }
    return rs_buf_text(&out);
}

static rs_text from_utf16(struct rs_job *job, rs_text bytes, bool big)
{
    rs_buf out = rs_buf_in(job);

    for (size_t i = 0; i + 1 < bytes.size; i += 2) {
        const unsigned char *at = (const unsigned char *)bytes.bytes + i;
        uint32_t c = big ? (uint32_t)at[0] << 8 | at[1] : (uint32_t)at[1] << 8 | at[0];
        if (c >= 0xD800 && c < 0xDC00 && i + 3 < bytes.size) {
            uint32_t low = big ? (uint32_t)at[2] << 8 | at[3] : (uint32_t)at[3] << 8 | at[2];
            if (low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        rs_buf_add_code_point(&out, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
    }
    return rs_buf_text(&out);
}

/* Text in Latin letters as UTF-16 has a zero in every second byte. */
static bool has_zeros(rs_text bytes, size_t from)
{
    size_t zeros = 0, seen = 0;

    for (size_t i = from; i < bytes.size && i < SAMPLE; i += 2) {
        zeros += bytes.bytes[i] == 0;
        seen++;
    }
    return seen > 0 && zeros * 2 > seen;
}

rs_text windows_text(struct rs_job *job, rs_text bytes)
{
    bytes = rs_text_without_mark(bytes);
    if (rs_text_starts(bytes, RS_TEXT("\xFF\xFE")))
        return from_utf16(job, rs_text_from_offset(bytes, 2), false);
    else if (rs_text_starts(bytes, RS_TEXT("\xFE\xFF")))
        return from_utf16(job, rs_text_from_offset(bytes, 2), true);
    else if (has_zeros(bytes, 1))
        return from_utf16(job, bytes, false);
    else if (has_zeros(bytes, 0))
        return from_utf16(job, bytes, true);
    return rs_text_is_utf8(bytes) ? rs_text_copy(job, bytes) : from_oem(job, bytes);
}
