#include "unit.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "net/http/http2_memory.h"

#define BODY 16000 /* bytes: nearly a frame */

/* A client and a server of the library, and the bytes between them. */
struct talk {
    struct http2_memory memory;
    nghttp2_session *server, *client;
    size_t received; /* bytes of bodies, all of them right */
};

static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *bytes, size_t room, uint32_t *flags,
                         nghttp2_data_source *source, void *data)
{
    assert_true(room >= BODY);
    memset(bytes, 'a' + id % 26, BODY);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    return BODY;
}

static int on_request(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
    nghttp2_nv status = {(uint8_t *)":status", (uint8_t *)"200", 7, 3, NGHTTP2_NV_FLAG_NONE};
    nghttp2_data_provider body = {.read_callback = read_body};

    if (frame->hd.type == NGHTTP2_HEADERS)
        assert_int_equal(nghttp2_submit_response(session, frame->hd.stream_id, &status, 1, &body), 0);
    return 0;
}

static int on_body(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t size, void *data)
{
    struct talk *talk = data;

    for (size_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], 'a' + id % 26);
    talk->received += size;
    return 0;
}

static void begin(struct talk *talk)
{
    nghttp2_session_callbacks *callbacks;
    nghttp2_mem functions = http2_memory_functions(&talk->memory);

    assert_int_equal(nghttp2_session_callbacks_new(&callbacks), 0);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_request);
    assert_int_equal(nghttp2_session_server_new3(&talk->server, callbacks, talk, NULL, &functions), 0);
    talk->memory.settled = true;
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, NULL);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_body);
    assert_int_equal(nghttp2_session_client_new(&talk->client, callbacks, talk), 0);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(talk->server, NGHTTP2_FLAG_NONE, NULL, 0);
    nghttp2_submit_settings(talk->client, NGHTTP2_FLAG_NONE, NULL, 0);
}

static bool carry(nghttp2_session *from, nghttp2_session *to)
{
    const uint8_t *bytes;
    ssize_t size = nghttp2_session_mem_send(from, &bytes);

    assert_true(size >= 0);
    if (size > 0)
        assert_int_equal(nghttp2_session_mem_recv(to, bytes, (size_t)size), size);
    return size > 0;
}

static void ask(struct talk *talk)
{
    nghttp2_nv fields[] = {{(uint8_t *)":method", (uint8_t *)"GET", 7, 3, NGHTTP2_NV_FLAG_NONE},
                           {(uint8_t *)":scheme", (uint8_t *)"https", 7, 5, NGHTTP2_NV_FLAG_NONE},
                           {(uint8_t *)":authority", (uint8_t *)"one.example", 10, 11, NGHTTP2_NV_FLAG_NONE},
                           {(uint8_t *)":path", (uint8_t *)"/", 5, 1, NGHTTP2_NV_FLAG_NONE}};

    assert_true(nghttp2_submit_request(talk->client, NULL, fields, 4, NULL, NULL) > 0);
    while (carry(talk->client, talk->server) || carry(talk->server, talk->client))
        ;
}

static size_t pages_in_use(const struct talk *talk)
{
    const size_t size = HTTP2_MEMORY_TABLES + HTTP2_MEMORY_FRAME;
    unsigned char pages[(HTTP2_MEMORY_TABLES + HTTP2_MEMORY_FRAME) / 4096];
    size_t page = (size_t)sysconf(_SC_PAGESIZE), count = 0;

    assert_non_null(talk->memory.pages);
    assert_int_equal(mincore(talk->memory.pages, size, pages), 0);
    for (size_t i = 0; i * page < size; i++)
        count += pages[i] & 1;
    return count;
}

UNIT_TEST(http2_session_that_rests_keeps_no_page_and_goes_on_as_it_was)
{
    struct talk talk = {0};

    begin(&talk);
    assert_true(talk.memory.has_frame && talk.memory.used > 0);
    for (size_t request = 1; request <= 3; request++) {
        ask(&talk);
        assert_int_equal(talk.received, request * BODY);
        assert_true(pages_in_use(&talk) > 0);
        http2_memory_rest(&talk.memory);
        http2_memory_rest(&talk.memory); /* it does already */
        assert_int_equal(pages_in_use(&talk), 0);
        http2_memory_wake(&talk.memory);
    }
    http2_memory_rest(&talk.memory);
    http2_memory_wake(&talk.memory);
    nghttp2_session_del(talk.server);
    nghttp2_session_del(talk.client);
    http2_memory_end(&talk.memory);
}

UNIT_TEST(http2_memory_gives_and_moves_blocks_of_every_size)
{
    struct http2_memory memory = {0};
    nghttp2_mem functions = http2_memory_functions(&memory);
    size_t sizes[] = {1, 16, 1000, HTTP2_MEMORY_TABLES - 2000, 5000, 17000, 17000, HTTP2_MEMORY_FRAME + 1};
    char *blocks[sizeof sizes / sizeof sizes[0]];

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        blocks[i] = functions.calloc(1, sizes[i], &memory);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(blocks[i][k], 0);
        memset(blocks[i], 'A' + (int)i, sizes[i]);
    }
    http2_memory_rest(&memory);
    http2_memory_wake(&memory);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t kept = sizes[i] == 17000 && i == 5 ? 0 : sizes[i]; /* what a frame held is gone */
        blocks[i] = functions.realloc(blocks[i], sizes[i] * 2, &memory);
        for (size_t k = 0; k < kept; k++)
            assert_int_equal(blocks[i][k], 'A' + (int)i);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        functions.free(blocks[i], &memory);
    http2_memory_end(&memory);
}
