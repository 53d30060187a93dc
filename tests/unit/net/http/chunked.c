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

UNIT_TEST(chunked_hands_trailers_out_however_the_bytes_are_cut)
{
    static const char bytes[] = "3\r\nabc\r\n0\r\nX-Sum: 1\r\ncookie: a=b\r\nx_forwarded_for: 1\r\nEmpty:\r\n\r\nGET";

    for (size_t step = 1; step < sizeof bytes; step++) {
        struct http_chunked one = {0};
        struct http_trailers trailers = {0};
        enum http_parse end = HTTP_MORE;
        rs_text data, lines, name, value;
        size_t at = 0, taken, visible = 0;

        while (end == HTTP_MORE) {
            if (at == visible)
                visible = visible + step < sizeof bytes - 1 ? visible + step : sizeof bytes - 1;
            end = http_chunked_decode(&one, rs_text_of(bytes + at, visible - at), &taken, &data);
            http_trailers_add_lines(&trailers, one.trailer);
            at += taken;
        }
        assert_int_equal(end, HTTP_DONE);
        assert_int_equal(at, sizeof bytes - 4);
        http_trailers_done(&trailers);
        assert_text(http_trailers_text(&trailers), "X-Sum: 1\r\nEmpty: \r\n");
        lines = http_trailers_text(&trailers);
        assert_true(http_trailers_next(&lines, &name, &value));
        assert_text(name, "X-Sum");
        assert_text(value, "1");
        http_trailers_clear(&trailers);
    }
}

UNIT_TEST(trailers_are_bounded)
{
    struct http_trailers trailers = {0};
    char value[4000];

    memset(value, 'v', sizeof value);
    for (int i = 0; i < 3; i++)
        http_trailers_add(&trailers, RS_TEXT("x"), rs_text_of(value, sizeof value));
    assert_true(trailers.count == 2 && trailers.used <= HTTP_TRAILERS_MAX);
    for (int i = 0; i < 100; i++)
        http_trailers_add(&trailers, RS_TEXT("y"), RS_TEXT(""));
    assert_true(trailers.count <= HTTP_TRAILERS_COUNT_MAX && trailers.used <= HTTP_TRAILERS_MAX);
    http_trailers_add(&trailers, RS_TEXT("bad name"), RS_TEXT(""));
    http_trailers_add(&trailers, RS_TEXT("x"), RS_TEXT("a\r\nb"));
    assert_null(memmem(trailers.bytes, trailers.used, "bad", 3));
    assert_null(memmem(trailers.bytes, trailers.used, "a\r\nb", 4));
    http_trailers_clear(&trailers);
}
