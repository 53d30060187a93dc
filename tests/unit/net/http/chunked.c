#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "net/http/chunked.h"

static struct http_chunked chunked;
static char decoded[1024];
static size_t decoded_size, used;

/* Decode `text`, given in pieces of `step` bytes. */
static enum http_parse decode(rs_text text, size_t step)
{
    size_t offered = 0;

    memset(&chunked, 0, sizeof chunked);
    decoded_size = used = 0;
    while (offered < text.size) {
        rs_text data;
        size_t taken;
        offered = offered + step < text.size ? offered + step : text.size;
        while (used < offered) {
            enum http_parse end = http_chunked_decode(
                &chunked, rs_text_of(text.bytes + used, offered - used), &taken, &data);
            assert_true(taken > 0 && taken <= offered - used);
            assert_true(decoded_size + data.size < sizeof decoded);
            memcpy(decoded + decoded_size, data.bytes ? data.bytes : "", data.size);
            decoded_size += data.size;
            used += taken;
            if (end != HTTP_MORE)
                return end;
        }
    }
    return HTTP_MORE;
}

UNIT_TEST(chunked_gives_the_data_however_it_is_cut)
{
    rs_text text = RS_TEXT("5\r\nhello\r\n0A;x=\"y\"\r\n, world...\r\n0\r\nTrailer: dropped\r\n\r\nGET /");

    for (size_t step = 1; step <= text.size; step++) {
        assert_int_equal(decode(text, step), HTTP_DONE);
        assert_text(rs_text_of(decoded, decoded_size), "hello, world...");
        assert_text(rs_text_from_offset(text, used), "GET /");
    }
}

UNIT_TEST(chunked_framing_that_is_not_exact_is_refused)
{
    static const char *const bad[] = {
        "\r\n",
        "g\r\n",
        "-1\r\n",
        "0x5\r\nhello\r\n",
        "+5\r\nhello\r\n",
        " 5\r\nhello\r\n",
        "5 \r\nhello\r\n",
        "5\nhello\r\n",
        "5\rhello\r\n",
        "5\r\nhelloX",
        "5\r\nhello\n",
        "5\r\nhello\rX",
        "1000000000000000\r\n",
        "0000000000000001\r\n",
        ";x\r\n",
        "5;\nhello",
        "5;a\x01\r\n",
        "0\r\n\n",
        "0\r\nA b: c\r\n\r\n",
        "0\r\n A: b\r\n\r\n",
        "0\r\nA: b\n\r\n",
        "0\r\nno colon\r\n\r\n",
        "0\r\n\rX",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (decode(rs_text_from(bad[i]), 1000) != HTTP_BAD)
            fail_msg("not refused: %s", bad[i]);
}

UNIT_TEST(chunked_extensions_and_trailers_have_limits)
{
    char text[HTTP_TRAILERS_MAX + 64];
    size_t size;
    rs_text data;
    size_t taken;

    size = (size_t)sprintf(text, "5;%0*d\r\n", HTTP_CHUNK_EXTENSION_MAX + 1, 0);
    assert_int_equal(decode(rs_text_of(text, size), size), HTTP_BAD);
    size = (size_t)sprintf(text, "0\r\nA: %0*d\r\n", HTTP_TRAILERS_MAX, 0);
    assert_int_equal(decode(rs_text_of(text, size), size), HTTP_BAD);
    assert_int_equal(chunked.fault.status, 431);

    memset(&chunked, 0, sizeof chunked); /* many chunks, each with an allowed extension */
    size = (size_t)sprintf(text, "1;%0*d\r\n", HTTP_CHUNK_EXTENSION_MAX, 0);
    for (int i = 0; i <= HTTP_CHUNK_EXTENSIONS_MAX / HTTP_CHUNK_EXTENSION_MAX; i++) {
        enum http_parse end =
            http_chunked_decode(&chunked, rs_text_of(text, size), &taken, &data);
        if (i == HTTP_CHUNK_EXTENSIONS_MAX / HTTP_CHUNK_EXTENSION_MAX) {
            assert_int_equal(end, HTTP_BAD);
            return;
        }
        assert_int_equal(end, HTTP_MORE);
        assert_int_equal(http_chunked_decode(&chunked, RS_TEXT("a\r\n"), &taken, &data), HTTP_MORE);
        assert_int_equal(http_chunked_decode(&chunked, RS_TEXT("\r\n"), &taken, &data), HTTP_MORE);
    }
}

UNIT_TEST(chunked_head_is_read_back)
{
    static const size_t sizes[] = {1, 15, 16, 255, 65536, 123456789};
    char head[HTTP_CHUNK_HEAD_MAX];

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        rs_text data;
        size_t taken, size = http_chunk_head(sizes[i], head);
        memset(&chunked, 0, sizeof chunked);
        assert_int_equal(http_chunked_decode(&chunked, rs_text_of(head, size), &taken, &data), HTTP_MORE);
        assert_int_equal(taken, size);
        assert_int_equal(chunked.left, sizes[i]);
    }
}
