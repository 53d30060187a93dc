#include "web/exchange/pairs.h"

#include "base/buf.h"
#include "format/escape/percent.h"

/* 0x80 to 0x9F of Windows-1252; 0 where it has nothing. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

static rs_text from_windows_1252(struct rs_job *job, rs_text t)
{
    rs_buf out = rs_buf_in(job);

    for (size_t i = 0; i < t.size; i++) {
        uint32_t c = (unsigned char)t.bytes[i];
        if (c >= 0x80 && c < 0xA0)
            c = windows_1252[c - 0x80] ? windows_1252[c - 0x80] : 0xFFFD;
        rs_buf_add_code_point(&out, c);
    }
    return rs_buf_text(&out);
}

rs_text exchange_utf8(struct rs_job *job, rs_text t)
{
    return rs_text_is_utf8(t) ? t : from_windows_1252(job, t);
}

rs_text exchange_decode(struct rs_job *job, rs_text t, bool plus_is_blank)
{
    return exchange_utf8(job, escape_percent_parse(job, t, plus_is_blank ? ESCAPE_PLUS_IS_BLANK
                                                                         : ESCAPE_PLUS_IS_PLUS));
}

rs_status exchange_pairs_parse(struct rs_job *job, rs_text text, struct exchange_pairs *out)
{
    rs_text element, name, value;

    while (text.size > 0) {
        rs_text_cut(text, '&', &element, &text);
        if (rs_text_starts(element, RS_TEXT("amp;")))
            element = rs_text_from_offset(element, 4);
        if (element.size == 0)
            continue;
        if (out->count == EXCHANGE_PAIRS_MAX)
            return rs_fail(job, RS_OVER_LIMIT, "more than %d parameters in one request", EXCHANGE_PAIRS_MAX);
        bool has_value = rs_text_cut(element, '=', &name, &value);
        rs_vec_push(job, out, (struct exchange_pair){exchange_decode(job, name, true),
                                                     exchange_decode(job, value, true), has_value});
        RS_TRY(rs_job_checkpoint(job));
    }
    return RS_OK;
}

const struct exchange_pair *exchange_pair_find(const struct exchange_pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (rs_text_equal_nocase(pairs->items[i].name, rs_text_from(name)))
            return &pairs->items[i];
    return NULL;
}

rs_text exchange_pair_value(const struct exchange_pairs *pairs, const char *name)
{
    const struct exchange_pair *pair = exchange_pair_find(pairs, name);

    return pair ? pair->value : (rs_text){0};
}
