#include "net/front/redact.h"

#include "format/escape/hex.h"

#define NAME_MAX_LOOKED_AT 256 /* bytes of a parameter's name */

/* Decoded and in lower case. */
static rs_text plain_name(rs_text name, char room[NAME_MAX_LOOKED_AT])
{
    size_t used = 0;

    for (size_t i = 0; i < name.size && used < NAME_MAX_LOOKED_AT; i++) {
        char c = name.bytes[i];
        if (c == '%' && i + 2 < name.size && escape_hex_digit(name.bytes[i + 1]) >= 0 &&
            escape_hex_digit(name.bytes[i + 2]) >= 0) {
            c = (char)(escape_hex_digit(name.bytes[i + 1]) << 4 | escape_hex_digit(name.bytes[i + 2]));
            i += 2;
        }
        room[used++] = rs_lower(c);
    }
    return rs_text_of(room, used);
}

static bool is_secret(rs_text name)
{
    static const char *const words[] = {"dsp:", "password", "passwd", "pwd"};
    char room[NAME_MAX_LOOKED_AT];
    rs_text plain = plain_name(name, room);

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (rs_text_find(plain, rs_text_from(words[i])) >= 0)
            return true;
    return false;
}

static bool has_secret(rs_text query)
{
    rs_text element, name, value;

    while (query.size > 0) {
        rs_text_cut(query, '&', &element, &query);
        if (rs_text_cut(element, '=', &name, &value) && is_secret(name))
            return true;
    }
    return false;
}

static void add(rs_text text, char *room, size_t size, size_t *used)
{
    size_t count = text.size < size - *used ? text.size : size - *used;

    if (count > 0)
        memcpy(room + *used, text.bytes, count);
    *used += count;
}

rs_text redact_url(rs_text url, char *room, size_t size)
{
    rs_text path, query, element, name, value;
    size_t used = 0;

    if (!rs_text_cut(url, '?', &path, &query) || !has_secret(query))
        return url;
    add(path, room, size, &used);
    add(RS_TEXT("?"), room, size, &used);
    while (query.size > 0) {
        bool more = rs_text_cut(query, '&', &element, &query);
        if (rs_text_cut(element, '=', &name, &value) && is_secret(name)) {
            add(name, room, size, &used);
            add(RS_TEXT("=***"), room, size, &used);
        } else {
            add(element, room, size, &used);
        }
        if (more)
            add(RS_TEXT("&"), room, size, &used);
    }
    return rs_text_of(room, used);
}
