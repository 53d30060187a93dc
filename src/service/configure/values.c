/* Arguments out of JSON, results into it. */
#include "base/clock.h"
#include "format/json/json.h"
#include "service/configure/inside.h"

/* ---- arguments ----------------------------------------------------------------------------- */

rs_text call_text(const struct call *call, const char *name)
{
    return json_to_text(json_object_get(call->arguments, name));
}

bool call_flag(const struct call *call, const char *name)
{
    return json_is_true(json_object_get(call->arguments, name));
}

bool call_has(const struct call *call, const char *name)
{
    return json_object_get(call->arguments, name) != NULL;
}

bool call_number(const struct call *call, const char *name, json_int_t *out)
{
    *out = json_integer_value(json_object_get(call->arguments, name));
    return call_has(call, name);
}

void call_texts(const struct call *call, const char *name, const rs_text **out, size_t *count)
{
    const json_t *value = json_object_get(call->arguments, name);
    size_t items = json_is_array(value) ? json_array_size(value) : 1;
    rs_text *texts = RS_NEW_ARRAY(call->job, rs_text, items);

    for (size_t i = 0; i < items; i++)
        texts[i] = json_to_text(json_is_array(value) ? json_array_get(value, i) : value);
    *out = texts;
    *count = items;
}

rs_status call_port(const struct call *call, uint16_t *out)
{
    json_int_t port;

    (void)call_number(call, "Port", &port);
    if (port < 1 || port > 65535)
        return rs_fail(call->job, RS_INVALID, "a port is a number from 1 to 65535, not %lld", (long long)port);
    *out = (uint16_t)port;
    return RS_OK;
}

rs_status call_address(const struct call *call, const char *name, struct tables_address *out)
{
    rs_text text = call_text(call, name);

    if (!tables_address_parse(text, out))
        return rs_fail(call->job, RS_INVALID, "\"%.*s\" is not an IP address%s; 0.0.0.0 means all of them", RS_TEXT_ARG(text),
                       rs_text_find_byte(text, '%') > 0 ? ", which stands without its zone" : "");
    return RS_OK;
}

/* ---- results ------------------------------------------------------------------------------- */

void put_text(json_t *object, const char *name, rs_text text)
{
    json_object_set_new(object, name, json_from_text(text));
}

void put_number(json_t *object, const char *name, int64_t number)
{
    json_object_set_new(object, name, json_integer((json_int_t)number));
}

void put_flag(json_t *object, const char *name, bool flag)
{
    json_object_set_new(object, name, json_boolean(flag));
}

void put_time(json_t *object, const char *name, int64_t utc_ms)
{
    char stamp[RS_CLOCK_STAMP_SIZE];

    if (utc_ms == INT64_MIN || utc_ms == INT64_MAX) { /* a certificate may hold a time that is none */
        json_object_set_new(object, name, json_null());
        return;
    }
    rs_clock_stamp(utc_ms, stamp);
    json_object_set_new(object, name, json_string(stamp));
}

json_t *put_array(json_t *object, const char *name)
{
    json_t *array = json_array();

    json_object_set_new(object, name, array);
    return array;
}

json_t *put_object(json_t *object, const char *name)
{
    json_t *member = json_object();

    json_object_set_new(object, name, member);
    return member;
}

json_t *add_object(json_t *array)
{
    json_t *object = json_object();

    json_array_append_new(array, object);
    return object;
}

void add_text(json_t *array, rs_text text)
{
    json_array_append_new(array, json_from_text(text));
}

void put_texts(json_t *object, const char *name, const rs_text *texts, size_t count)
{
    json_t *array = put_array(object, name);

    for (size_t i = 0; i < count; i++)
        add_text(array, texts[i]);
}

void add_check(json_t *checks, const char *stage, rs_text subject, bool ok, bool fatal, rs_text message)
{
    json_t *check = add_object(checks);

    put_text(check, "stage", rs_text_from(stage));
    put_text(check, "subject", subject);
    put_flag(check, "ok", ok);
    if (!ok)
        put_text(check, "severity", fatal ? RS_TEXT("error") : RS_TEXT("warning"));
    put_text(check, "message", message);
}
