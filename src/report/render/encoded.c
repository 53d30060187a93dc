#include "report/render/encoded.h"

#include <unicode/ustring.h>

#define FLUSH_AT ((size_t)64 * 1024) /* bytes gathered before they go to the sink */

static bool is_utf8(rs_text encoding)
{
    return rs_text_equal_nocase(encoding, RS_TEXT("UTF-8")) || rs_text_equal_nocase(encoding, RS_TEXT("UTF8"));
}

/* .NET's names that ICU does not know. */
static rs_text icu_name(rs_text encoding)
{
    if (rs_text_equal_nocase(encoding, RS_TEXT("Unicode")) || rs_text_equal_nocase(encoding, RS_TEXT("UTF-16")))
        return RS_TEXT("UTF-16LE");
    if (rs_text_equal_nocase(encoding, RS_TEXT("ASCII")))
        return RS_TEXT("US-ASCII");
    return encoding;
}

rs_text encoded_charset(struct rs_job *job, rs_text encoding)
{
    rs_text name = rs_text_lower(job, encoding);

    return rs_text_equal(name, RS_TEXT("unicode")) ? RS_TEXT("utf-16") : name;
}

rs_status encoded_open(struct rs_job *job, const struct render_sink *sink, rs_text encoding, bool with_mark, struct encoded *out)
{
    UErrorCode error = U_ZERO_ERROR;

    *out = (struct encoded){.job = job, .sink = sink, .buf = rs_buf_in(job)};
    if (!is_utf8(encoding)) {
        out->converter = ucnv_open(rs_text_terminated(job, icu_name(encoding)), &error);
        if (U_FAILURE(error))
            return rs_fail(job, RENDER_DEVICE_INFO, "the encoding \"%.*s\" is not known", RS_TEXT_ARG(encoding));
        rs_job_at_end(job, (void (*)(void *))ucnv_close, out->converter);
    }
    if (with_mark && (!out->converter || rs_text_starts_nocase(icu_name(encoding), RS_TEXT("UTF-16"))))
        rs_buf_add_code_point(&out->buf, 0xFEFF);
    return RS_OK;
}

rs_status encoded_flush(struct encoded *e, bool last)
{
    if (e->buf.used < (last ? 1 : FLUSH_AT))
        return RS_OK;
    if (!e->converter) {
        RS_TRY(e->sink->write(e->job, e->sink->data, rs_buf_text(&e->buf)));
        rs_buf_clear(&e->buf);
        return rs_job_checkpoint(e->job);
    }
    RS_OWNED(rs_job) turn = rs_job_create(&(struct rs_job_options){.within = e->job});
    size_t room = e->buf.used + 1;
    UChar *wide = RS_NEW_ARRAY(turn, UChar, room);
    char *bytes = rs_alloc(turn, room * 4 + 16);
    int32_t wide_size = 0;
    UErrorCode error = U_ZERO_ERROR;
    u_strFromUTF8WithSub(wide, (int32_t)room, &wide_size, e->buf.bytes, (int32_t)e->buf.used, 0xFFFD, NULL, &error);
    const UChar *from = wide;
    char *to = bytes;
    ucnv_fromUnicode(e->converter, &to, bytes + room * 4 + 16, &from, wide + wide_size, NULL, last, &error);
    rs_buf_clear(&e->buf);
    if (U_FAILURE(error))
        return rs_fail(e->job, RENDER_FAILED, "the text cannot be written in the encoding: %s", u_errorName(error));
    RS_TRY(e->sink->write(e->job, e->sink->data, rs_text_of(bytes, (size_t)(to - bytes))));
    return rs_job_checkpoint(e->job);
}
