#include "daemon/ocsp_told.h"

void ocsp_told_put(rs_buf *out, rs_text name, const struct ocsp_record *record)
{
    channel_put_text(out, name);
    channel_put_number(out, record->answer.state);
    channel_put_number(out, (uint64_t)record->answer.this_ms);
    channel_put_number(out, (uint64_t)record->answer.next_ms);
    channel_put_number(out, (uint64_t)record->answer.revoked_ms);
    channel_put_text(out, record->answer.reason);
    channel_put_text(out, record->der);
    channel_put_text(out, record->responder);
    channel_put_text(out, record->error);
    channel_put_number(out, record->failures);
    channel_put_number(out, (uint64_t)record->asked_ms);
    channel_put_number(out, (uint64_t)record->ask_ms);
}

void ocsp_told_take(struct channel_reader *reader, rs_text *name, struct ocsp_record *record)
{
    uint64_t state;

    *record = (struct ocsp_record){0};
    *name = channel_take_text(reader);
    state = channel_take_number(reader);
    reader->broken = reader->broken || state >= OCSP_STATES;
    record->answer.state = reader->broken ? OCSP_STATE_NONE : (enum ocsp_state)state;
    record->answer.this_ms = (int64_t)channel_take_number(reader);
    record->answer.next_ms = (int64_t)channel_take_number(reader);
    record->answer.revoked_ms = (int64_t)channel_take_number(reader);
    record->answer.reason = channel_take_text(reader);
    record->der = channel_take_text(reader);
    record->responder = channel_take_text(reader);
    record->error = channel_take_text(reader);
    record->failures = (unsigned)channel_take_number(reader);
    record->asked_ms = (int64_t)channel_take_number(reader);
    record->ask_ms = (int64_t)channel_take_number(reader);
}
