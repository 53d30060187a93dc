/* net/http/chunked.c - one byte at a time through the framing, whole runs through the data.
 *
 *   SIZE --digits--> SIZE --CR--> SIZE_LF --LF--> DATA, or TRAILER after size 0
 *   SIZE --';' or blank--> EXTENSION --CR--> SIZE_LF
 *   DATA --all bytes--> DATA_CR --CR--> DATA_LF --LF--> SIZE
 *   TRAILER --CR--> END_LF --LF--> done;  TRAILER --other byte--> TRAILER_NAME --':'--> TRAILER_LINE
 *   TRAILER_LINE --CR--> TRAILER_LF --LF--> TRAILER
 */
#include "net/http/chunked.h"

#include "net/http/field.h"
#include "net/http/head.h"

enum state {
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER,
    TRAILER_NAME,
    TRAILER_LINE,
    TRAILER_LF,
    END_LF,
};

static int hex_value(char c)
{
    if (rs_is_digit(c))
        return c - '0';
    c = rs_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum http_parse bad(struct http_chunked *chunked, int status, const char *sentence)
{
    return http_bad(&chunked->fault, status, "BadRequest", sentence);
}

static enum http_parse size_byte(struct http_chunked *chunked, char c)
{
    int digit = hex_value(c);

    if (digit >= 0) {
        if (++chunked->digits > HTTP_CHUNK_SIZE_DIGITS_MAX)
            return bad(chunked, 400, "a chunk size has too many digits");
        chunked->left = chunked->left << 4 | (uint64_t)digit;
        return HTTP_MORE;
    }
    if (chunked->digits == 0)
        return bad(chunked, 400, "a chunk size is not a hexadecimal number");
    if (c == '\r')
        chunked->state = SIZE_LF;
    else if (c == ';')
        chunked->state = EXTENSION;
    else
        return bad(chunked, 400, "a chunk size is followed by something else than CR LF or ';'");
    return HTTP_MORE;
}

static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7F;
}

static enum http_parse extension_byte(struct http_chunked *chunked, char c)
{
    if (c == '\r') {
        chunked->state = SIZE_LF;
        return HTTP_MORE;
    }
    if (is_control(c))
        return bad(chunked, 400, "a chunk extension has a control byte");
    if (++chunked->extension > HTTP_CHUNK_EXTENSION_MAX ||
        ++chunked->extensions > HTTP_CHUNK_EXTENSIONS_MAX)
        return bad(chunked, 400, "chunk extensions are too long");
    return HTTP_MORE;
}

static enum http_parse trailer_byte(struct http_chunked *chunked, char c)
{
    if (++chunked->trailers > HTTP_TRAILERS_MAX)
        return bad(chunked, 431, "the trailers are too large");
    if (chunked->state == TRAILER_LINE) {
        if (c == '\r')
            chunked->state = TRAILER_LF;
        else if (is_control(c))
            return bad(chunked, 400, "a trailer has a control byte");
        return HTTP_MORE;
    }
    if (chunked->state == TRAILER && c == '\r') {
        chunked->state = END_LF;
        return HTTP_MORE;
    }
    if (chunked->state == TRAILER_NAME && c == ':') {
        chunked->state = TRAILER_LINE;
        return HTTP_MORE;
    }
    if (!http_is_token(rs_text_of(&c, 1)))
        return bad(chunked, 400, "a trailer's name has a byte that may not stand there");
    chunked->state = TRAILER_NAME;
    return HTTP_MORE;
}

/* The byte that must stand here, and where it leads. */
static enum http_parse expect(struct http_chunked *chunked, char c, char expected, enum state next)
{
    if (c != expected)
        return bad(chunked, 400, "a line of the chunked coding does not end in CR LF");
    chunked->state = next;
    return HTTP_MORE;
}

static enum http_parse framing_byte(struct http_chunked *chunked, char c)
{
    enum http_parse end;

    switch ((enum state)chunked->state) {
    case SIZE:
        return size_byte(chunked, c);
    case EXTENSION:
        return extension_byte(chunked, c);
    case SIZE_LF:
        chunked->digits = 0;
        chunked->extension = 0;
        return expect(chunked, c, '\n', chunked->left > 0 ? DATA : TRAILER);
    case DATA_CR:
        return expect(chunked, c, '\r', DATA_LF);
    case DATA_LF:
        return expect(chunked, c, '\n', SIZE);
    case TRAILER_LF:
        return expect(chunked, c, '\n', TRAILER);
    case END_LF:
        end = expect(chunked, c, '\n', SIZE);
        return end == HTTP_MORE ? HTTP_DONE : end;
    default:
        return trailer_byte(chunked, c);
    }
}

enum http_parse http_chunked_decode(struct http_chunked *chunked, rs_text bytes, size_t *taken,
                                    rs_text *data)
{
    size_t at = 0;

    *data = chunked->trailer = rs_text_of(NULL, 0);
    while (at < bytes.size && chunked->state != DATA) {
        bool in_trailer = chunked->state >= TRAILER && chunked->state <= TRAILER_LF;
        enum http_parse end = framing_byte(chunked, bytes.bytes[at++]);
        if (in_trailer && chunked->state != END_LF)
            chunked->trailer = chunked->trailer.size == 0 ? rs_text_of(bytes.bytes + at - 1, 1)
                                                          : rs_text_of(chunked->trailer.bytes, chunked->trailer.size + 1);
        if (end != HTTP_MORE) {
            *taken = at;
            return end;
        }
    }
    if (chunked->state == DATA && at < bytes.size) {
        size_t run = bytes.size - at;
        if (run > chunked->left)
            run = (size_t)chunked->left;
        *data = rs_text_of(bytes.bytes + at, run);
        at += run;
        chunked->left -= run;
        if (chunked->left == 0)
            chunked->state = DATA_CR;
    }
    *taken = at;
    return HTTP_MORE;
}

size_t http_chunk_head(size_t size, char out[HTTP_CHUNK_HEAD_MAX])
{
    char digits[16];
    size_t count = 0, at = 0;

    do {
        digits[count++] = "0123456789abcdef"[size & 15];
        size >>= 4;
    } while (size > 0);
    while (count > 0)
        out[at++] = digits[--count];
    out[at++] = '\r';
    out[at++] = '\n';
    return at;
}
