#include "report/draw/pdf_file.h"

#include <assert.h>
#include <math.h>

#define FLUSH_AT ((size_t)64 * 1024)

void pdf_file_init(struct pdf_file *file, struct rs_job *memory, const struct draw_sink *sink)
{
    file->memory = memory;
    file->sink = *sink;
    file->deflater = draw_deflater_create(memory);
    file->waiting = rs_buf_in(memory);
    file->packed = rs_buf_in(memory);
    file->hash = 0xcbf29ce484222325u;
    rs_vec_push(memory, &file->offsets, 0);
}

static rs_status flush(struct rs_job *job, struct pdf_file *file, size_t at_least)
{
    if (file->waiting.used < at_least)
        return RS_OK;
    RS_TRY(file->sink.write(job, file->sink.data, rs_buf_text(&file->waiting)));
    file->offset += file->waiting.used;
    rs_buf_clear(&file->waiting);
    return RS_OK;
}

rs_status pdf_file_begin(struct rs_job *job, struct pdf_file *file)
{
    /* the comment of four bytes above 127 tells transports that the file is binary */
    rs_buf_add_literal(&file->waiting, "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
    return flush(job, file, FLUSH_AT);
}

unsigned pdf_file_reserve(struct pdf_file *file)
{
    rs_vec_push(file->memory, &file->offsets, 0);
    return (unsigned)file->offsets.count - 1;
}

static void object_begin(struct pdf_file *file, unsigned number)
{
    assert(number > 0 && number < file->offsets.count && file->offsets.items[number] == 0);
    file->offsets.items[number] = file->offset + file->waiting.used;
    rs_buf_add_int(&file->waiting, number);
    rs_buf_add_literal(&file->waiting, " 0 obj\n");
}

static void mix(struct pdf_file *file, rs_text bytes)
{
    /* FNV-1a over a sample: the identifier must differ between documents, not resist anyone */
    size_t step = bytes.size / 256 + 1;

    for (size_t i = 0; i < bytes.size; i += step)
        file->hash = (file->hash ^ (uint8_t)bytes.bytes[i]) * 0x100000001b3u;
    file->hash = (file->hash ^ bytes.size) * 0x100000001b3u;
}

rs_status pdf_file_object(struct rs_job *job, struct pdf_file *file, unsigned number, rs_text content)
{
    object_begin(file, number);
    rs_buf_add(&file->waiting, content);
    rs_buf_add_literal(&file->waiting, "\nendobj\n");
    mix(file, content);
    return flush(job, file, FLUSH_AT);
}

rs_status pdf_file_stream(struct rs_job *job, struct pdf_file *file, unsigned number, enum pdf_stream_form form,
                          rs_text entries, rs_text bytes)
{
    mix(file, bytes);
    if (form == PDF_STREAM_COMPRESS) {
        RS_TRY(draw_deflate(job, file->deflater, bytes, &file->packed));
        bytes = rs_buf_text(&file->packed);
    }
    object_begin(file, number);
    rs_buf_add_literal(&file->waiting, "<<");
    rs_buf_add(&file->waiting, entries);
    if (form == PDF_STREAM_COMPRESS)
        rs_buf_add_literal(&file->waiting, "/Filter/FlateDecode");
    rs_buf_add_literal(&file->waiting, "/Length ");
    rs_buf_add_int(&file->waiting, (int64_t)bytes.size);
    rs_buf_add_literal(&file->waiting, ">>\nstream\n");
    if (bytes.size >= FLUSH_AT) { /* large ones go past the buffer */
        RS_TRY(flush(job, file, 1));
        RS_TRY(file->sink.write(job, file->sink.data, bytes));
        file->offset += bytes.size;
    } else {
        rs_buf_add(&file->waiting, bytes);
    }
    rs_buf_add_literal(&file->waiting, "\nendstream\nendobj\n");
    return flush(job, file, FLUSH_AT);
}

rs_status pdf_file_finish(struct rs_job *job, struct pdf_file *file, unsigned catalog, unsigned info)
{
    uint64_t start = file->offset + file->waiting.used, first = file->hash, second;

    rs_buf_printf(&file->waiting, "xref\n0 %zu\n0000000000 65535 f \n", file->offsets.count);
    for (size_t i = 1; i < file->offsets.count; i++) {
        assert(file->offsets.items[i] != 0);
        if (file->offsets.items[i] > 9999999999u)
            return rs_fail(job, RS_OVER_LIMIT, "the PDF is larger than its format can address (10 GB): render it in parts");
        rs_buf_printf(&file->waiting, "%010llu 00000 n \n", (unsigned long long)file->offsets.items[i]);
        RS_TRY(flush(job, file, FLUSH_AT));
    }
    second = first * 0x9e3779b97f4a7c15u ^ file->offsets.count;
    rs_buf_printf(&file->waiting,
                  "trailer\n<</Size %zu/Root %u 0 R/Info %u 0 R/ID[<%016llx%016llx><%016llx%016llx>]>>\n"
                  "startxref\n%llu\n%%%%EOF\n",
                  file->offsets.count, catalog, info, (unsigned long long)first, (unsigned long long)second,
                  (unsigned long long)first, (unsigned long long)second, (unsigned long long)start);
    return flush(job, file, 1);
}

/* ---- spelling --------------------------------------------------------------------------------------- */

/* "00" to "99", one behind the other. */
static const char two_digits[201] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                    "8081828384858687888990919293949596979899";

static char *put_whole(char *at, uint64_t whole)
{
    char digits[PDF_NUMBER_MAX];
    int count = sizeof digits;

    for (; whole >= 100; whole /= 100) {
        count -= 2;
        memcpy(digits + count, two_digits + whole % 100 * 2, 2);
    }
    if (whole >= 10) {
        count -= 2;
        memcpy(digits + count, two_digits + whole * 2, 2);
    } else {
        digits[--count] = (char)('0' + whole);
    }
    memcpy(at, digits + count, sizeof digits - (size_t)count);
    return at + (sizeof digits - (size_t)count);
}

char *pdf_put_hundredths(char *at, int64_t hundredths)
{
    uint64_t magnitude = hundredths < 0 ? -(uint64_t)hundredths : (uint64_t)hundredths, rest = magnitude % 100;

    if (hundredths < 0)
        *at++ = '-';
    if (magnitude < 1000000) { /* what lies on a page: at most four digits */
        unsigned whole = (unsigned)magnitude / 100, low = whole;
        if (whole >= 100) {
            if (whole >= 1000)
                *at++ = two_digits[whole / 100 * 2];
            *at++ = two_digits[whole / 100 * 2 + 1];
            low = whole % 100;
        }
        if (whole >= 10)
            *at++ = two_digits[low * 2];
        *at++ = two_digits[low * 2 + 1];
    } else {
        at = put_whole(at, magnitude / 100);
    }
    if (rest) {
        *at++ = '.';
        *at++ = two_digits[rest * 2];
        if (rest % 10)
            *at++ = two_digits[rest * 2 + 1];
    }
    return at;
}

void pdf_add_number(rs_buf *buf, double number)
{
    char *at = rs_buf_reserve(buf, PDF_NUMBER_MAX);

    buf->used += (size_t)(pdf_put_hundredths(at, pdf_hundredths(number)) - at);
}

void pdf_add_decimal(rs_buf *buf, double number, int decimals)
{
    size_t start = buf->used;

    rs_buf_printf(buf, "%.*f", decimals, number);
    if (decimals > 0) {
        while (buf->used > start && buf->bytes[buf->used - 1] == '0')
            buf->used--;
        if (buf->bytes[buf->used - 1] == '.')
            buf->used--;
    }
}

void pdf_add_bytes(rs_buf *buf, rs_text bytes)
{
    rs_buf_add_byte(buf, '(');
    for (size_t i = 0; i < bytes.size; i++) {
        char c = bytes.bytes[i];
        if (c == '(' || c == ')' || c == '\\')
            rs_buf_add_byte(buf, '\\');
        if (c == '\r')
            rs_buf_add_literal(buf, "\\r");
        else
            rs_buf_add_byte(buf, c);
    }
    rs_buf_add_byte(buf, ')');
}

void pdf_add_utf16(rs_buf *buf, rs_text text)
{
    for (size_t at = 0; at < text.size;) {
        uint32_t c = rs_text_next(text, &at);
        if (c >= 0x10000)
            rs_buf_printf(buf, "%04X%04X", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
        else
            rs_buf_printf(buf, "%04X", c);
    }
}

void pdf_add_text(rs_buf *buf, rs_text text)
{
    bool ascii = true;

    for (size_t i = 0; i < text.size; i++)
        ascii &= text.bytes[i] >= ' ' && text.bytes[i] < 0x7f;
    if (ascii) {
        pdf_add_bytes(buf, text);
        return;
    }
    rs_buf_add_literal(buf, "<FEFF");
    pdf_add_utf16(buf, text);
    rs_buf_add_byte(buf, '>');
}
