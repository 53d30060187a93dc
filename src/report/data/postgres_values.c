/* Values of PostgreSQL: its binary formats where they are exact, texts of everything else. */
#include <math.h>

#include "format/escape/hex.h"
#include "report/data/postgres.h"
#include "report/value/convert.h"
#include "report/value/date.h"
#include "report/value/decimal.h"

#define EPOCH INT64_C(630822816000000000) /* 2000-01-01 in ticks */
#define NUMERIC_BASE 10000u

static uint64_t read_unsigned(const char *bytes, size_t size)
{
    uint64_t value = 0;

    for (size_t i = 0; i < size; i++)
        value = value << 8 | (unsigned char)bytes[i];
    return value;
}

static struct value malformed(void)
{
    return value_error(RS_TEXT("the database sent a value that is not of its type"));
}

static struct value read_bool(struct rs_job *job, rs_text b)
{
    return b.size == 1 ? value_boolean(b.bytes[0] != 0) : malformed();
}

static struct value read_int16(struct rs_job *job, rs_text b)
{
    return b.size == 2 ? value_integer((int16_t)read_unsigned(b.bytes, 2)) : malformed();
}

static struct value read_int32(struct rs_job *job, rs_text b)
{
    return b.size == 4 ? value_integer((int32_t)read_unsigned(b.bytes, 4)) : malformed();
}

static struct value read_oid(struct rs_job *job, rs_text b)
{
    return b.size == 4 ? value_long((int64_t)read_unsigned(b.bytes, 4)) : malformed();
}

static struct value read_int64(struct rs_job *job, rs_text b)
{
    return b.size == 8 ? value_long((int64_t)read_unsigned(b.bytes, 8)) : malformed();
}

static struct value read_float4(struct rs_job *job, rs_text b)
{
    uint32_t bits;
    float f;

    if (b.size != 4)
        return malformed();
    bits = (uint32_t)read_unsigned(b.bytes, 4);
    memcpy(&f, &bits, sizeof f);
    return (struct value){.kind = VALUE_SINGLE, .real = (double)f};
}

static struct value read_float8(struct rs_job *job, rs_text b)
{
    uint64_t bits;
    double d;

    if (b.size != 8)
        return malformed();
    bits = read_unsigned(b.bytes, 8);
    memcpy(&d, &bits, sizeof d);
    return value_double(d);
}

static struct value read_money(struct rs_job *job, rs_text b)
{
    int64_t cents;

    if (b.size != 8)
        return malformed();
    cents = (int64_t)read_unsigned(b.bytes, 8);
    return value_decimal_make(0, cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents, 2, cents < 0);
}

static struct value read_bytes_as_text(struct rs_job *job, rs_text b)
{
    return value_text(b);
}

static struct value read_jsonb(struct rs_job *job, rs_text b)
{
    return b.size && b.bytes[0] == 1 ? value_text(rs_text_from_offset(b, 1)) : malformed();
}

static struct value read_bytea(struct rs_job *job, rs_text b)
{
    struct value v = value_text(b);

    v.kind = VALUE_BYTES;
    return v;
}

static struct value read_uuid(struct rs_job *job, rs_text b)
{
    static const char digits[] = "0123456789abcdef";
    char *text, *at;

    if (b.size != 16)
        return malformed();
    at = text = rs_alloc(job, 36);
    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[(unsigned char)b.bytes[i] >> 4];
        *at++ = digits[(unsigned char)b.bytes[i] & 15];
    }
    return value_text(rs_text_of(text, 36));
}

/* ---- numeric ---------------------------------------------------------------------------------------- */

enum { NUMERIC_NEGATIVE = 0x4000, NUMERIC_NAN = 0xC000, NUMERIC_INFINITY = 0xD000, NUMERIC_MINUS_INFINITY = 0xF000 };

/* Digits to the base 10000, the first of them times 10000^weight, as many decimals as `scale` says. False where it needs
 * more than .NET's 96 bits or 28 decimals. */
static bool numeric_exact(const char *digits, size_t count, int weight, unsigned scale, bool negative, struct value *out)
{
    unsigned __int128 whole = 0;
    int decimals = 0;

    if (scale > VALUE_DECIMAL_SCALE_MAX || weight > 7)
        return false;
    int places = weight + 1 + (int)((scale + 3) / 4); /* digits that count, with zeros that are not sent */
    for (int i = 0; i < places; i++) {
        unsigned digit = (size_t)i < count ? (unsigned)read_unsigned(digits + 2 * i, 2) : 0;
        if (digit >= NUMERIC_BASE || whole >> 110)
            return false;
        whole = whole * NUMERIC_BASE + digit;
    }
    for (decimals = (int)((scale + 3) / 4 * 4); decimals > (int)scale; decimals--) {
        if (whole % 10)
            return false;
        whole /= 10;
    }
    if (whole >> 96 || (size_t)(places < 0 ? 0 : places) < count)
        return false;
    *out = value_decimal_make((uint32_t)(whole >> 64), (uint64_t)whole, scale, negative);
    return true;
}

/* As text, for what is rounded to 28 decimals or too large for a decimal. */
static struct value numeric_rounded(struct rs_job *job, const char *digits, size_t count, int weight, bool negative)
{
    rs_buf text = rs_buf_in(job);
    struct value v;
    double d;

    if (negative)
        rs_buf_add_byte(&text, '-');
    rs_buf_add_literal(&text, "0.");
    for (size_t i = 0; i < count; i++)
        rs_buf_printf(&text, "%04u", (unsigned)read_unsigned(digits + 2 * i, 2) % NUMERIC_BASE);
    rs_buf_printf(&text, "e%d", (weight + 1) * 4);
    if (value_decimal_parse(rs_buf_text(&text), &v) && v.kind == VALUE_DECIMAL)
        return v;
    return value_parse_double(rs_buf_text(&text), value_culture_invariant(), &d) ? value_double(d) : malformed();
}

static struct value read_numeric(struct rs_job *job, rs_text b)
{
    struct value v;

    if (b.size < 8)
        return malformed();
    size_t count = read_unsigned(b.bytes, 2);
    int weight = (int16_t)read_unsigned(b.bytes + 2, 2);
    unsigned sign = (unsigned)read_unsigned(b.bytes + 4, 2), scale = (unsigned)read_unsigned(b.bytes + 6, 2);
    if (b.size != 8 + 2 * count)
        return malformed();
    if (sign == NUMERIC_NAN)
        return value_double(NAN);
    if (sign == NUMERIC_INFINITY || sign == NUMERIC_MINUS_INFINITY)
        return value_double(sign == NUMERIC_INFINITY ? INFINITY : -INFINITY);
    bool negative = sign == NUMERIC_NEGATIVE;
    const char *digits = b.bytes + 8;
    if (weight < -1 && count) { /* zeros behind the point that are not sent: 0.000012 */
        char padded[64] = {0};
        size_t zeros = (size_t)(-1 - weight);
        if (count + zeros > sizeof padded / 2)
            return numeric_rounded(job, digits, count, weight, negative);
        memcpy(padded + 2 * zeros, digits, 2 * count);
        return numeric_exact(padded, count + zeros, -1, scale, negative, &v)
                   ? v : numeric_rounded(job, digits, count, weight, negative);
    }
    return numeric_exact(digits, count, count ? weight : -1, scale, negative, &v)
               ? v : numeric_rounded(job, digits, count, weight, negative);
}

/* ---- dates ------------------------------------------------------------------------------------------ */

/* What lies outside DateTime is its end, as Npgsql converts infinity. */
static int64_t clamp(int64_t ticks)
{
    return ticks < 0 ? 0 : ticks > VALUE_DATE_MAX ? VALUE_DATE_MAX : ticks;
}

static int64_t ticks_of(rs_text b)
{
    int64_t micros = (int64_t)read_unsigned(b.bytes, 8), ticks;

    if (__builtin_mul_overflow(micros, 10, &ticks) || __builtin_add_overflow(ticks, EPOCH, &ticks))
        ticks = micros < 0 ? 0 : VALUE_DATE_MAX;
    return clamp(ticks);
}

static struct value read_date(struct rs_job *job, rs_text b)
{
    int64_t ticks;

    if (b.size != 4)
        return malformed();
    int64_t days = (int32_t)read_unsigned(b.bytes, 4);
    if (__builtin_mul_overflow(days, VALUE_TICKS_PER_DAY, &ticks) || __builtin_add_overflow(ticks, EPOCH, &ticks))
        ticks = days < 0 ? 0 : VALUE_DATE_MAX;
    return value_date(clamp(ticks));
}

static struct value read_timestamp(struct rs_job *job, rs_text b)
{
    return b.size == 8 ? value_date(ticks_of(b)) : malformed();
}

static struct value read_timestamptz(struct rs_job *job, rs_text b)
{
    return b.size == 8 ? value_date(value_date_local_from_utc(ticks_of(b))) : malformed();
}

static struct value read_time(struct rs_job *job, rs_text b)
{
    return b.size == 8 ? value_span((int64_t)read_unsigned(b.bytes, 8) * 10) : malformed();
}

/* Months have no length: an interval that has some is its ISO 8601 text. */
static struct value read_interval(struct rs_job *job, rs_text b)
{
    int64_t ticks, whole_days;

    if (b.size != 16)
        return malformed();
    int64_t micros = (int64_t)read_unsigned(b.bytes, 8);
    int32_t days = (int32_t)read_unsigned(b.bytes + 8, 4), months = (int32_t)read_unsigned(b.bytes + 12, 4);
    if (!months && !__builtin_mul_overflow(micros, 10, &ticks) &&
        !__builtin_mul_overflow((int64_t)days, VALUE_TICKS_PER_DAY, &whole_days) && !__builtin_add_overflow(ticks, whole_days, &ticks))
        return value_span(ticks);
    return value_text(rs_text_format(job, "P%dY%dM%dDT%.6gS", months / 12, months % 12, days, (double)micros / 1e6));
}

struct value postgres_read_offset(rs_text bytes, bool is_binary)
{
    int64_t ticks;
    int minutes;

    if (is_binary)
        return bytes.size == 8 ? value_offset(ticks_of(bytes), 0) : malformed();
    if (!value_date_parse(bytes, NULL, &ticks, &minutes) || minutes == VALUE_NO_OFFSET)
        return malformed();
    return value_offset(ticks, minutes);
}

/* ---- types ------------------------------------------------------------------------------------------ */

static const struct postgres_type types[] = { /* by oid */
    {16, VALUE_BOOLEAN, read_bool},      {17, VALUE_BYTES, read_bytea},        {18, VALUE_TEXT, read_bytes_as_text},
    {19, VALUE_TEXT, read_bytes_as_text}, {20, VALUE_LONG, read_int64},        {21, VALUE_INTEGER, read_int16},
    {23, VALUE_INTEGER, read_int32},     {25, VALUE_TEXT, read_bytes_as_text}, {26, VALUE_LONG, read_oid},
    {114, VALUE_TEXT, read_bytes_as_text}, {142, VALUE_TEXT, read_bytes_as_text}, {700, VALUE_SINGLE, read_float4},
    {701, VALUE_DOUBLE, read_float8},    {790, VALUE_DECIMAL, read_money},     {1042, VALUE_TEXT, read_bytes_as_text},
    {1043, VALUE_TEXT, read_bytes_as_text}, {1082, VALUE_DATE, read_date},     {1083, VALUE_SPAN, read_time},
    {1114, VALUE_DATE, read_timestamp},  {POSTGRES_TIMESTAMPTZ, VALUE_DATE, read_timestamptz}, {1186, VALUE_SPAN, read_interval},
    {1700, VALUE_DECIMAL, read_numeric}, {2950, VALUE_TEXT, read_uuid},        {3802, VALUE_TEXT, read_jsonb},
};

const struct postgres_type *postgres_type_find(uint32_t oid)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].oid == oid)
            return &types[i];
    return NULL;
}

static struct value bytea_of_text(struct rs_job *job, rs_text text)
{
    struct value v = value_text(text);
    rs_text bytes;

    if (!rs_text_starts(text, RS_TEXT("\\x")))
        return v; /* bytea_output = escape */
    if (escape_hex_parse(job, rs_text_from_offset(text, 2), &bytes) != RS_OK) {
        rs_job_forgive(job);
        return v;
    }
    v = value_text(bytes);
    v.kind = VALUE_BYTES;
    return v;
}

static struct value date_of_text(rs_text text)
{
    int64_t ticks;
    int minutes;

    if (rs_text_equal(text, RS_TEXT("infinity")) || rs_text_equal(text, RS_TEXT("-infinity")))
        return value_date(text.bytes[0] == '-' ? 0 : VALUE_DATE_MAX);
    if (!value_date_parse(text, NULL, &ticks, &minutes))
        return value_text(text);
    if (minutes != VALUE_NO_OFFSET)
        ticks = value_date_local_from_utc(clamp(ticks - minutes * VALUE_TICKS_PER_MINUTE));
    return value_date(ticks);
}

/* Numbers of texts become numbers in the column, which wants the type's kind. */
struct value postgres_read_text(struct rs_job *job, uint32_t oid, rs_text text)
{
    const struct postgres_type *type = postgres_type_find(oid);

    switch (type ? type->kind : VALUE_TEXT) {
    case VALUE_BOOLEAN:
        return value_boolean(text.size && text.bytes[0] == 't');
    case VALUE_BYTES:
        return bytea_of_text(job, text);
    case VALUE_DATE:
        return date_of_text(text);
    default:
        return value_text(text);
    }
}

uint32_t postgres_type_of(struct value v, bool texts_too)
{
    switch (v.kind) {
    case VALUE_BOOLEAN: return 16;
    case VALUE_INTEGER: return 23;
    case VALUE_LONG: return 20;
    case VALUE_SINGLE: case VALUE_DOUBLE: return 701;
    case VALUE_DECIMAL: return 1700;
    case VALUE_DATE: return 1114;
    case VALUE_OFFSET: return POSTGRES_TIMESTAMPTZ;
    case VALUE_SPAN: return 1186;
    case VALUE_BYTES: return 17;
    default: return texts_too ? 25 : 0;
    }
}
