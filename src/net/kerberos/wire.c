#include "net/kerberos/wire.h"

static void put(rs_buf *out, rs_text text, size_t most)
{
    uint32_t size = (uint32_t)(text.size < most ? text.size : most);

    rs_buf_add(out, rs_text_of((const char *)&size, sizeof size));
    rs_buf_add(out, rs_text_of(text.bytes, size));
}

static bool take(rs_text *rest, size_t most, rs_text *out)
{
    uint32_t size;

    if (rest->size < sizeof size)
        return false;
    memcpy(&size, rest->bytes, sizeof size);
    if (size > most || size > rest->size - sizeof size)
        return false;
    *out = rs_text_slice(*rest, sizeof size, size);
    *rest = rs_text_from_offset(*rest, sizeof size + size);
    return true;
}

void kerberos_question_write(rs_buf *out, const struct kerberos_question *question)
{
    put(out, question->handle, KERBEROS_HANDLE_SIZE);
    put(out, question->channel, KERBEROS_CHANNEL_MAX);
    put(out, question->token, KERBEROS_TOKEN_MAX);
}

bool kerberos_question_read(rs_text message, struct kerberos_question *out)
{
    *out = (struct kerberos_question){0};
    return take(&message, KERBEROS_HANDLE_SIZE, &out->handle) && take(&message, KERBEROS_CHANNEL_MAX, &out->channel) &&
           take(&message, KERBEROS_TOKEN_MAX, &out->token) && message.size == 0 &&
           (out->handle.size == 0 || out->handle.size == KERBEROS_HANDLE_SIZE);
}

void kerberos_answer_write(rs_buf *out, const struct kerberos_answer *answer)
{
    const struct kerberos_verdict *verdict = &answer->verdict;

    rs_buf_add_byte(out, (char)verdict->outcome);
    rs_buf_add_byte(out, verdict->bound);
    put(out, answer->handle, KERBEROS_HANDLE_SIZE);
    put(out, verdict->client, KERBEROS_NAME_MAX);
    put(out, verdict->service, KERBEROS_NAME_MAX);
    put(out, verdict->why, KERBEROS_WHY_MAX);
    put(out, verdict->token, KERBEROS_TOKEN_MAX);
}

bool kerberos_answer_read(rs_text message, struct kerberos_answer *out)
{
    struct kerberos_verdict *verdict = &out->verdict;

    *out = (struct kerberos_answer){0};
    if (message.size < 2 || message.bytes[0] < KERBEROS_ACCEPTED || message.bytes[0] > KERBEROS_REFUSED)
        return false;
    verdict->outcome = (enum kerberos_outcome)message.bytes[0];
    verdict->bound = message.bytes[1] == 1;
    message = rs_text_from_offset(message, 2);
    return take(&message, KERBEROS_HANDLE_SIZE, &out->handle) && take(&message, KERBEROS_NAME_MAX, &verdict->client) &&
           take(&message, KERBEROS_NAME_MAX, &verdict->service) && take(&message, KERBEROS_WHY_MAX, &verdict->why) &&
           take(&message, KERBEROS_TOKEN_MAX, &verdict->token) && message.size == 0 &&
           (verdict->outcome != KERBEROS_MORE || out->handle.size == KERBEROS_HANDLE_SIZE);
}
