/* net/http/http2.c - the library's callbacks, and what a client may cost.
 *
 * Credit. Frames that ask for nothing (PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty DATA) and streams that are reset
 * make work and cost the client nothing; floods of them are the known attacks on HTTP/2. A connection has a credit:
 * such a frame takes of it (see costs), and so does every byte; requests, bytes of bodies and time give some back,
 * never above HTTP2_CREDIT_MAX. Whoever has none left is told ENHANCE_YOUR_CALM and closed. An honest client, also one that cancels
 * a page full of pictures, stays far from that. The library bounds what it keeps by itself: acknowledgements that wait
 * (OUTBOUND_ACKS), CONTINUATION frames, entries of SETTINGS.
 */
#include "net/http/http2.h"

#include <assert.h>
#include <nghttp2/nghttp2.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/http/http2_memory.h"
#include "net/http/trailers.h"

#define DATA_MAX (16384 - 9) /* bytes: with the frame's head one TLS record */
#define OUTBOUND_ACKS 100
#define CONTINUATIONS 8      /* a head of HTTP_HEAD_MAX has 4 */
#define BYTES_PER_CREDIT 1024

/* What one of these takes of the credit. */
enum costs {
    COST_FRAME = 1,
    COST_RESET = 12,    /* either side's: the application had been asked, maybe */
    COST_BAD_HEAD = 40,
    GAIN_REQUEST = 4,
};

struct http2_session {
    nghttp2_session *library; /* through awake() */
    struct http2_memory memory; /* of the library's session */
    const struct http2_handler *handler;
    void *data;
    struct http2_head head; /* of the stream whose head is coming */
    size_t head_bytes;      /* of it, as they came */
    int64_t credit;
    int64_t credit_second; /* steady clock: when time gave some last */
    uint64_t earned_bytes;   /* less than one credit's worth */
    uint64_t spent_bytes;
    bool calm_down;          /* the credit is used up */
    char *problem; /* NULL: none, or no memory to tell it */
};

static nghttp2_session *awake(struct http2_session *session)
{
    http2_memory_wake(&session->memory);
    return session->library;
}

/* ---- credit --------------------------------------------------------------------------------- */

static void earn(struct http2_session *session, int64_t credit)
{
    session->credit = session->credit + credit < HTTP2_CREDIT_MAX ? session->credit + credit : HTTP2_CREDIT_MAX;
}

static void earn_bytes(struct http2_session *session, size_t bytes)
{
    session->earned_bytes += bytes;
    earn(session, (int64_t)(session->earned_bytes / BYTES_PER_CREDIT));
    session->earned_bytes %= BYTES_PER_CREDIT;
}

/* False: there is none left. */
static bool spend(struct http2_session *session, int64_t cost)
{
    session->credit -= cost;
    if (session->credit < HTTP2_CREDIT_MAX / 2) { /* otherwise time does not matter */
        int64_t second = rs_clock_steady_ms() / 1000;
        earn(session, (second - session->credit_second) * HTTP2_CREDIT_PER_SECOND);
        session->credit_second = second;
    }
    if (session->credit >= 0)
        return true;
    session->calm_down = true;
    return false;
}

static bool spend_bytes(struct http2_session *session, size_t bytes)
{
    int64_t cost;

    session->spent_bytes += bytes;
    cost = (int64_t)(session->spent_bytes / BYTES_PER_CREDIT);
    session->spent_bytes %= BYTES_PER_CREDIT;
    return spend(session, cost);
}

/* ---- what the library tells ------------------------------------------------------------------- */

static void *stream_of(struct http2_session *session, int32_t id)
{
    return nghttp2_session_get_stream_user_data(awake(session), id);
}

static int on_begin_headers(nghttp2_session *inner, const nghttp2_frame *frame, void *data)
{
    struct http2_session *session = data;

    (void)inner;
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
        http2_head_clear(&session->head);
        session->handler->head_begins(session->data);
    }
    return 0;
}

static int on_header(nghttp2_session *inner, const nghttp2_frame *frame, const uint8_t *name, size_t name_size,
                     const uint8_t *value, size_t value_size, uint8_t flags, void *data)
{
    struct http2_session *session = data;

    (void)inner, (void)flags;
    if (frame->hd.type != NGHTTP2_HEADERS)
        return 0;
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) {
        void *stream = stream_of(session, frame->hd.stream_id);
        if (stream)
            session->handler->trailer(session->data, stream, rs_text_of((const char *)name, name_size),
                                      rs_text_of((const char *)value, value_size));
        return 0;
    }
    if (!session->head.too_large &&
        !http2_head_add(&session->head, rs_text_of((const char *)name, name_size),
                        rs_text_of((const char *)value, value_size)) &&
        !spend(session, COST_BAD_HEAD))
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    return 0;
}

/* The library would drop such a field and go on; what is wrong is refused here. */
static int on_invalid_header(nghttp2_session *inner, const nghttp2_frame *frame, const uint8_t *name,
                             size_t name_size, const uint8_t *value, size_t value_size, uint8_t flags, void *data)
{
    struct http2_session *session = data;

    (void)inner, (void)frame, (void)name, (void)name_size, (void)value, (void)value_size, (void)flags;
    return spend(session, COST_BAD_HEAD) ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int head_is_here(struct http2_session *session, const nghttp2_frame *frame)
{
    int32_t id = frame->hd.stream_id;
    bool complete = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    struct http2_head head = session->head;
    void *stream;

    session->head = (struct http2_head){0};
    earn(session, GAIN_REQUEST);
    if (!head.too_large)
        earn_bytes(session, session->head_bytes);
    session->head_bytes = 0;
    stream = session->handler->request(session->data, id, &head, complete);
    http2_head_clear(&head);
    if (!stream)
        return nghttp2_submit_rst_stream(awake(session), NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
    nghttp2_session_set_stream_user_data(awake(session), id, stream);
    return 0;
}

static int on_frame(nghttp2_session *inner, const nghttp2_frame *frame, void *data)
{
    struct http2_session *session = data;
    bool end = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    void *stream;

    (void)inner;
    switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
        if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
            return head_is_here(session, frame);
        break;
    case NGHTTP2_DATA:
        if (frame->hd.length == 0 && !end && !spend(session, COST_FRAME))
            return NGHTTP2_ERR_CALLBACK_FAILURE;
        break;
    default:
        return 0;
    }
    stream = end ? stream_of(session, frame->hd.stream_id) : NULL;
    if (stream)
        session->handler->body_done(session->data, stream);
    return 0;
}

/* Before the library looks at it: it does not tell of what it ignores. */
static int on_begin_frame(nghttp2_session *inner, const nghttp2_frame_hd *head, void *data)
{
    struct http2_session *session = data;
    int64_t cost = COST_FRAME;

    (void)inner;
    if (head->type == NGHTTP2_HEADERS || head->type == NGHTTP2_CONTINUATION)
        session->head_bytes += head->length;
    if (head->type == NGHTTP2_HEADERS || head->type == NGHTTP2_DATA)
        return 0;
    if (head->type == NGHTTP2_RST_STREAM)
        cost = COST_RESET;
    return spend(session, cost) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int on_data(nghttp2_session *inner, uint8_t flags, int32_t id, const uint8_t *bytes, size_t size, void *data)
{
    struct http2_session *session = data;
    void *stream = stream_of(session, id);

    (void)inner, (void)flags;
    earn_bytes(session, size);
    if (stream)
        session->handler->body(session->data, stream, rs_text_of((const char *)bytes, size));
    else
        nghttp2_session_consume(awake(session), id, size);
    return 0;
}

static int on_stream_close(nghttp2_session *inner, int32_t id, uint32_t error, void *data)
{
    struct http2_session *session = data;
    void *stream = stream_of(session, id);

    (void)inner, (void)error;
    if (!stream)
        return 0;
    nghttp2_session_set_stream_user_data(awake(session), id, NULL);
    session->handler->closed(session->data, stream);
    return 0;
}

static int on_frame_sent(nghttp2_session *inner, const nghttp2_frame *frame, void *data)
{
    struct http2_session *session = data;
    bool reset = frame->hd.type == NGHTTP2_RST_STREAM && frame->rst_stream.error_code != NGHTTP2_NO_ERROR &&
                 frame->rst_stream.error_code != NGHTTP2_REFUSED_STREAM;

    (void)inner;
    if ((frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS) &&
        frame->hd.flags & NGHTTP2_FLAG_END_STREAM) {
        void *stream = stream_of(session, frame->hd.stream_id);
        if (stream)
            session->handler->sent(session->data, stream);
    }
    if (reset && !spend(session, COST_RESET)) /* a client can make us do it (a window update of 0, ...) */
        http2_go_away(session, HTTP2_ENHANCE_YOUR_CALM);
    return 0;
}

static void note_problem(struct http2_session *session, rs_text sentence)
{
    free(session->problem);
    session->problem = strndup(sentence.bytes, sentence.size);
}

static int on_error(nghttp2_session *inner, int code, const char *sentence, size_t size, void *data)
{
    struct http2_session *session = data;

    (void)inner, (void)code;
    note_problem(session, rs_text_of(sentence, size));
    return 0;
}

static ssize_t data_size(nghttp2_session *inner, uint8_t type, int32_t id, int32_t connection_window,
                         int32_t stream_window, uint32_t frame_max, void *data)
{
    uint32_t size = frame_max < DATA_MAX ? frame_max : DATA_MAX;

    (void)inner, (void)type, (void)id, (void)data;
    if (connection_window < (int32_t)size)
        size = (uint32_t)connection_window;
    return stream_window < (int32_t)size ? stream_window : (ssize_t)size;
}

static ssize_t read_body(nghttp2_session *inner, int32_t id, uint8_t *bytes, size_t room, uint32_t *flags,
                         nghttp2_data_source *source, void *data)
{
    struct http2_session *session = data;
    void *stream = stream_of(session, id);
    size_t size = 0;

    (void)inner, (void)source;
    if (!stream)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    switch (session->handler->read(session->data, stream, (char *)bytes, room, &size)) {
    case HTTP2_READ_LATER:
        return NGHTTP2_ERR_DEFERRED;
    case HTTP2_READ_FAILED:
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    case HTTP2_READ_TRAILERS:
        *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
        break;
    case HTTP2_READ_END:
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        break;
    default:
        break;
    }
    earn_bytes(session, size);
    return (ssize_t)size;
}

/* ---- the session ----------------------------------------------------------------------------- */

static void check(int result)
{
    if (result == NGHTTP2_ERR_NOMEM)
        rs_log_abort("no memory for HTTP/2");
}

/* Both are read by the library when a session is made; one of each is enough. */
static nghttp2_session_callbacks *make_callbacks(void)
{
    nghttp2_session_callbacks *callbacks;

    check(nghttp2_session_callbacks_new(&callbacks));
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, on_invalid_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_sent);
    nghttp2_session_callbacks_set_error_callback2(callbacks, on_error);
    nghttp2_session_callbacks_set_data_source_read_length_callback(callbacks, data_size);
    return callbacks;
}

static nghttp2_option *make_options(void)
{
    nghttp2_option *option;

    check(nghttp2_option_new(&option));
    nghttp2_option_set_no_auto_window_update(option, 1); /* see http2_consume */
    nghttp2_option_set_no_closed_streams(option, 1);
    nghttp2_option_set_max_outbound_ack(option, OUTBOUND_ACKS);
    nghttp2_option_set_max_continuations(option, CONTINUATIONS);
    return option;
}

struct http2_session *http2_session_create(const struct http2_handler *handler, void *data)
{
    static nghttp2_session_callbacks *callbacks;
    static nghttp2_option *option;
    static const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, HTTP2_STREAMS_MAX},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, HTTP2_WINDOW},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HTTP_HEAD_MAX},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
        {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1},
    };
    struct http2_session *session = calloc(1, sizeof *session);
    nghttp2_mem functions;

    if (!session)
        rs_log_abort("no memory for HTTP/2");
    if (!callbacks) {
        callbacks = make_callbacks();
        option = make_options();
    }
    session->handler = handler;
    session->data = data;
    session->credit = HTTP2_CREDIT_MAX;
    session->credit_second = rs_clock_steady_ms() / 1000;
    functions = http2_memory_functions(&session->memory);
    check(nghttp2_session_server_new3(&session->library, callbacks, session, option, &functions));
    session->memory.settled = true;
    check(nghttp2_submit_settings(awake(session), NGHTTP2_FLAG_NONE, settings, sizeof settings / sizeof settings[0]));
    check(nghttp2_session_set_local_window_size(awake(session), NGHTTP2_FLAG_NONE, 0, HTTP2_CONNECTION_WINDOW));
    return session;
}

void http2_session_destroy(struct http2_session *session)
{
    if (!session)
        return;
    nghttp2_session_del(awake(session));
    http2_memory_end(&session->memory);
    free(session->problem);
    http2_head_clear(&session->head);
    free(session);
}

bool http2_session_receive(struct http2_session *session, rs_text bytes)
{
    ssize_t used = NGHTTP2_ERR_FLOODED;

    if (spend_bytes(session, bytes.size))
        used = nghttp2_session_mem_recv(awake(session), (const uint8_t *)bytes.bytes, bytes.size);
    if (used == NGHTTP2_ERR_NOMEM)
        check(NGHTTP2_ERR_NOMEM);
    if (used >= 0)
        return true;
    if (session->calm_down)
        note_problem(session, RS_TEXT("the client sends floods of frames that ask for nothing"));
    else if (!session->problem)
        note_problem(session, rs_text_from(nghttp2_strerror((int)used)));
    /* the library has nothing to say after some of its errors */
    nghttp2_session_terminate_session(awake(session),
                                      session->calm_down || used == NGHTTP2_ERR_FLOODED ? NGHTTP2_ENHANCE_YOUR_CALM
                                                                                        : NGHTTP2_PROTOCOL_ERROR);
    return false;
}

rs_text http2_session_send(struct http2_session *session)
{
    const uint8_t *bytes;
    ssize_t size = nghttp2_session_mem_send(awake(session), &bytes);

    check((int)(size < 0 ? size : 0));
    return rs_text_of((const char *)bytes, size > 0 ? (size_t)size : 0);
}

void http2_session_rest(struct http2_session *session)
{
    http2_memory_rest(&session->memory);
}

bool http2_session_is_over(struct http2_session *session)
{
    return !nghttp2_session_want_read(awake(session)) && !nghttp2_session_want_write(awake(session));
}

const char *http2_session_problem(const struct http2_session *session)
{
    return session->problem;
}

/* ---- responses ------------------------------------------------------------------------------- */

static nghttp2_nv pair(rs_text name, rs_text value, uint8_t flags)
{
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name.bytes, (uint8_t *)(uintptr_t)value.bytes, name.size, value.size, flags};
}

void http2_respond(struct http2_session *session, int32_t id, int status, const struct http_fields *fields,
                   bool has_length, uint64_t length, bool has_body)
{
    nghttp2_nv pairs[HTTP_FIELDS_MAX + 2];
    nghttp2_data_provider body = {.read_callback = read_body};
    char status_digits[RS_DIGITS_MAX], length_digits[RS_DIGITS_MAX];
    size_t count = 0;

    pairs[count++] = pair(RS_TEXT(":status"), rs_text_of(status_digits, rs_digits((uint64_t)status, status_digits)), NGHTTP2_NV_FLAG_NONE);
    for (size_t i = 0; i < fields->count; i++) /* one that differs each time is not worth a place in the table */
        pairs[count++] = pair(fields->items[i].name, fields->items[i].value,
                              fields->items[i].id == HTTP_X_REQUEST_ID ? NGHTTP2_NV_FLAG_NO_INDEX
                                                                       : NGHTTP2_NV_FLAG_NONE);
    if (has_length)
        pairs[count++] = pair(RS_TEXT("content-length"), rs_text_of(length_digits, rs_digits(length, length_digits)), NGHTTP2_NV_FLAG_NONE);
    check(nghttp2_submit_response(awake(session), id, pairs, count, has_body ? &body : NULL));
}

void http2_trailers(struct http2_session *session, int32_t id, rs_text lines)
{
    nghttp2_nv pairs[HTTP_TRAILERS_COUNT_MAX];
    rs_text name, value;
    size_t count = 0;

    while (count < HTTP_TRAILERS_COUNT_MAX && http_trailers_next(&lines, &name, &value))
        pairs[count++] = pair(name, value, NGHTTP2_NV_FLAG_NONE);
    check(nghttp2_submit_trailer(awake(session), id, pairs, count));
}

void http2_continue(struct http2_session *session, int32_t id)
{
    nghttp2_nv status = pair(RS_TEXT(":status"), RS_TEXT("100"), NGHTTP2_NV_FLAG_NONE);

    check(nghttp2_submit_headers(awake(session), NGHTTP2_FLAG_NONE, id, NULL, &status, 1, NULL));
}

void http2_resume(struct http2_session *session, int32_t id)
{
    check(nghttp2_session_resume_data(awake(session), id));
}

void http2_reset(struct http2_session *session, int32_t id, enum http2_error error)
{
    check(nghttp2_submit_rst_stream(awake(session), NGHTTP2_FLAG_NONE, id, (uint32_t)error));
}

void http2_consume(struct http2_session *session, int32_t id, size_t size)
{
    check(nghttp2_session_consume(awake(session), id, size));
}

bool http2_is_shut(struct http2_session *session, int32_t id)
{
    return nghttp2_session_get_stream_remote_window_size(awake(session), id) <= 0;
}

void http2_warn(struct http2_session *session)
{
    check(nghttp2_submit_shutdown_notice(awake(session)));
}

void http2_go_away(struct http2_session *session, enum http2_error error)
{
    int32_t last = nghttp2_session_get_last_proc_stream_id(awake(session));

    check(nghttp2_submit_goaway(awake(session), NGHTTP2_FLAG_NONE, last, (uint32_t)error, NULL, 0));
}
