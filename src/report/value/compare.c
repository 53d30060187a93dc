#include "report/value/compare.h"

#include <math.h>

#include <unicode/ucol.h>
#include <unicode/uiter.h>

#include "base/buf.h"
#include "base/map.h"
#include "report/value/date.h"

/* ---- VB's operators ------------------------------------------------------------------------------- */

enum order { LESS = -1, SAME = 0, GREATER = 1, UNORDERED = 2 };

static enum order order_of_reals(double a, double b)
{
    return a < b ? LESS : a > b ? GREATER : a == b ? SAME : UNORDERED;
}

static enum order order_of_wholes(int64_t a, int64_t b)
{
    return a < b ? LESS : a > b ? GREATER : SAME;
}

static enum order order_of_sign(int sign)
{
    return sign < 0 ? LESS : sign > 0 ? GREATER : SAME;
}

static bool is_whole(struct value v)
{
    return v.kind == VALUE_INTEGER || v.kind == VALUE_LONG;
}

static double real_of(struct value v)
{
    return is_whole(v) ? (double)v.integer : v.kind == VALUE_DECIMAL ? value_decimal_to_double(v) : v.real;
}

static struct value exact_of(struct value v)
{
    return is_whole(v) ? value_decimal_from_int64(v.integer) : v;
}

static enum order order_of_numbers(struct value a, struct value b)
{
    if (is_whole(a) && is_whole(b))
        return order_of_wholes(a.integer, b.integer);
    if (a.kind != VALUE_DOUBLE && a.kind != VALUE_SINGLE && b.kind != VALUE_DOUBLE && b.kind != VALUE_SINGLE)
        return order_of_sign(value_decimal_compare(exact_of(a), exact_of(b)));
    return order_of_reals(real_of(a), real_of(b));
}

static int64_t instant_of(struct value v)
{
    return v.kind == VALUE_OFFSET ? v.ticks - v.minutes * VALUE_TICKS_PER_MINUTE : v.ticks;
}

/* Nothing is what the other's type begins with. */
static struct value default_of(struct value other)
{
    switch (other.kind) {
    case VALUE_TEXT:
    case VALUE_CHAR:
        return value_text(RS_TEXT(""));
    case VALUE_BOOLEAN:
        return value_boolean(false);
    case VALUE_DATE:
    case VALUE_SPAN:
    case VALUE_OFFSET:
        return (struct value){.kind = other.kind};
    default:
        return value_integer(0);
    }
}

static struct value plain_text(struct rs_job *job, struct value v, const struct value_rules *rules)
{
    return v.kind == VALUE_CHAR ? value_to_string(job, v, rules->culture) : v;
}

/* Bring text to the kind of the other side. */
static struct value meet(struct rs_job *job, struct value v, struct value other, const struct value_rules *rules)
{
    if (v.kind == VALUE_BOOLEAN && value_is_number(other))
        return value_integer(v.boolean ? -1 : 0);
    if (v.kind != VALUE_TEXT || other.kind == VALUE_TEXT)
        return v;
    if (value_is_number(other))
        return value_to_double(job, v, rules->culture);
    if (other.kind == VALUE_BOOLEAN)
        return value_to_boolean(job, v, rules->culture);
    if (other.kind == VALUE_DATE)
        return value_to_date(job, v, rules->culture);
    if (other.kind == VALUE_SPAN || other.kind == VALUE_OFFSET)
        return value_convert(job, v, other.kind, rules->culture);
    return v;
}

static const char *const relation_signs[] = {"=", "<>", "<", "<=", ">", ">="};

static struct value answer(enum value_relation relation, enum order order)
{
    switch (relation) {
    case VALUE_EQUAL:
        return value_boolean(order == SAME);
    case VALUE_NOT_EQUAL:
        return value_boolean(order != SAME);
    case VALUE_LESS:
        return value_boolean(order == LESS);
    case VALUE_LESS_OR_EQUAL:
        return value_boolean(order == LESS || order == SAME);
    case VALUE_GREATER:
        return value_boolean(order == GREATER);
    default:
        return value_boolean(order == GREATER || order == SAME);
    }
}

struct value value_relate(struct rs_job *job, enum value_relation relation, struct value a, struct value b,
                          const struct value_rules *rules)
{
    struct value x, y;

    if (a.kind == VALUE_ERROR)
        return a;
    if (b.kind == VALUE_ERROR)
        return b;
    if (value_is_number(a) && value_is_number(b))
        return answer(relation, order_of_numbers(a, b));
    a = plain_text(job, value_is_null(a) ? default_of(b) : a, rules);
    b = plain_text(job, value_is_null(b) ? default_of(a) : b, rules);
    x = meet(job, a, b, rules);
    y = meet(job, b, a, rules);
    if (x.kind == VALUE_ERROR)
        return x;
    if (y.kind == VALUE_ERROR)
        return y;
    if (value_is_number(x) && value_is_number(y))
        return answer(relation, order_of_numbers(x, y));
    if (x.kind == y.kind) {
        switch (x.kind) {
        case VALUE_TEXT:
            return answer(relation, order_of_sign(rs_text_compare(value_bytes(x), value_bytes(y))));
        case VALUE_BOOLEAN: /* True is -1 */
            return answer(relation, order_of_wholes(-(int64_t)x.boolean, -(int64_t)y.boolean));
        case VALUE_DATE:
        case VALUE_SPAN:
        case VALUE_OFFSET:
            return answer(relation, order_of_wholes(instant_of(x), instant_of(y)));
        default:
            break;
        }
    }
    return value_error(rs_text_format(job, "Operator '%s' is not defined for type '%s' and type '%s'.",
                                      relation_signs[relation], value_type_name(a), value_type_name(b)));
}

/* ---- collation ------------------------------------------------------------------------------------ */

struct value_collation {
    UCollator *collator; /* NULL: byte for byte */
};

static void collator_close(void *collator)
{
    ucol_close(collator);
}

rs_status value_collation_create(struct rs_job *job, const struct value_culture *culture, unsigned flags,
                                 struct value_collation **out)
{
    struct value_collation *collation = RS_NEW(job, struct value_collation);
    UErrorCode error = U_ZERO_ERROR;
    bool ignore_case = flags & VALUE_IGNORE_CASE, ignore_accents = flags & VALUE_IGNORE_ACCENTS;

    if (!(flags & VALUE_ORDINAL)) {
        collation->collator = ucol_open(culture->locale.bytes, &error);
        if (U_FAILURE(error))
            return rs_fail(job, RS_FAILED, "there is no collation for the culture \"%.*s\": %s",
                           RS_TEXT_ARG(culture->name), u_errorName(error));
        rs_job_at_end(job, collator_close, collation->collator);
        ucol_setStrength(collation->collator, ignore_accents ? UCOL_PRIMARY : ignore_case ? UCOL_SECONDARY : UCOL_TERTIARY);
        if (ignore_accents && !ignore_case)
            ucol_setAttribute(collation->collator, UCOL_CASE_LEVEL, UCOL_ON, &error);
    }
    *out = collation;
    return RS_OK;
}

static int collate(const struct value_collation *collation, rs_text a, rs_text b)
{
    UErrorCode error = U_ZERO_ERROR;

    if (!collation->collator)
        return rs_text_compare(a, b);
    if (rs_text_equal(a, b))
        return 0;
    return ucol_strcollUTF8(collation->collator, a.bytes ? a.bytes : "", (int32_t)a.size, b.bytes ? b.bytes : "",
                            (int32_t)b.size, &error);
}

/* ---- sorting and grouping --------------------------------------------------------------------------- */

enum sort_class { CLASS_NULL, CLASS_ERROR, CLASS_BOOLEAN, CLASS_NUMBER, CLASS_DATE, CLASS_SPAN, CLASS_TEXT, CLASS_BYTES, CLASS_ARRAY };

static int class_of(struct value v)
{
    static const uint8_t classes[VALUE_KINDS] = {
        [VALUE_NULL] = CLASS_NULL,     [VALUE_ERROR] = CLASS_ERROR,   [VALUE_BOOLEAN] = CLASS_BOOLEAN,
        [VALUE_INTEGER] = CLASS_NUMBER, [VALUE_LONG] = CLASS_NUMBER,  [VALUE_SINGLE] = CLASS_NUMBER,
        [VALUE_DOUBLE] = CLASS_NUMBER, [VALUE_DECIMAL] = CLASS_NUMBER, [VALUE_CHAR] = CLASS_TEXT,
        [VALUE_TEXT] = CLASS_TEXT,     [VALUE_DATE] = CLASS_DATE,     [VALUE_OFFSET] = CLASS_DATE,
        [VALUE_SPAN] = CLASS_SPAN,     [VALUE_BYTES] = CLASS_BYTES,   [VALUE_ARRAY] = CLASS_ARRAY,
        [VALUE_OBJECT] = CLASS_BYTES, /* as empty bytes: nothing tells two objects apart */
    };
    return classes[v.kind];
}

/* The bytes of text; a Char goes through `room`. */
static rs_text text_of(struct value v, char room[4])
{
    if (v.kind == VALUE_CHAR)
        return rs_text_of(room, rs_utf8_encode((uint32_t)v.integer, room));
    return value_bytes(v);
}

static int sort_numbers(struct value a, struct value b)
{
    enum order order = order_of_numbers(a, b);
    bool a_nan, b_nan;

    if (order != UNORDERED)
        return order;
    a_nan = isnan(real_of(a));
    b_nan = isnan(real_of(b));
    return b_nan - a_nan;
}

int value_sort_compare(const struct value_collation *collation, struct value a, struct value b)
{
    int kind = class_of(a), other = class_of(b), order;
    char room_a[4], room_b[4];

    if (kind != other)
        return kind < other ? -1 : 1;
    switch (kind) {
    case CLASS_NULL:
        return 0;
    case CLASS_BOOLEAN:
        return a.boolean - b.boolean;
    case CLASS_NUMBER:
        return sort_numbers(a, b);
    case CLASS_DATE:
        return order_of_wholes(instant_of(a), instant_of(b));
    case CLASS_SPAN:
        return order_of_wholes(a.ticks, b.ticks);
    case CLASS_TEXT:
        return collate(collation, text_of(a, room_a), text_of(b, room_b));
    case CLASS_ARRAY:
        for (uint32_t i = 0; i < a.size && i < b.size; i++)
            if ((order = value_sort_compare(collation, a.items[i], b.items[i])) != 0)
                return order;
        return order_of_wholes(a.size, b.size);
    default: /* errors, bytes */
        return rs_text_compare(value_bytes(a), value_bytes(b));
    }
}

bool value_group_equal(const struct value_collation *collation, struct value a, struct value b)
{
    if (a.kind == VALUE_TEXT && b.kind == VALUE_TEXT && rs_text_equal(value_bytes(a), value_bytes(b)))
        return true;
    return value_sort_compare(collation, a, b) == 0;
}

/* Bits of a double whose order as unsigned numbers is the order of the doubles; NaN is first, -0 is 0. */
static uint64_t ordered_bits(double d)
{
    uint64_t bits;

    if (isnan(d))
        return 0;
    d += 0.0;
    memcpy(&bits, &d, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static uint64_t mix(uint64_t hash, uint64_t more)
{
    hash = (hash ^ more) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

#define KEY_PART 256

static uint64_t hash_text(const struct value_collation *collation, rs_text t)
{
    UCharIterator characters;
    UErrorCode error = U_ZERO_ERROR;
    uint32_t state[2] = {0, 0};
    uint8_t part[KEY_PART];
    uint64_t hash = 0;
    int32_t count;

    if (!collation->collator)
        return rs_hash(t);
    uiter_setUTF8(&characters, t.bytes ? t.bytes : "", (int32_t)t.size);
    do {
        count = ucol_nextSortKeyPart(collation->collator, &characters, state, part, KEY_PART, &error);
        if (U_FAILURE(error))
            return hash;
        hash = mix(hash, rs_hash(rs_text_of((const char *)part, (size_t)count)));
    } while (count == KEY_PART);
    return hash;
}

uint64_t value_group_hash(const struct value_collation *collation, struct value v)
{
    int kind = class_of(v);
    uint64_t hash = (uint64_t)kind;
    char room[4];

    switch (kind) {
    case CLASS_NULL:
        return mix(hash, 1);
    case CLASS_BOOLEAN:
        return mix(hash, v.boolean);
    case CLASS_NUMBER:
        return mix(hash, ordered_bits(real_of(v)));
    case CLASS_DATE:
        return mix(hash, (uint64_t)instant_of(v));
    case CLASS_SPAN:
        return mix(hash, (uint64_t)v.ticks);
    case CLASS_TEXT:
        return mix(hash, hash_text(collation, text_of(v, room)));
    case CLASS_ARRAY:
        for (uint32_t i = 0; i < v.size; i++)
            hash = mix(hash, value_group_hash(collation, v.items[i]));
        return mix(hash, v.size);
    default:
        return mix(hash, rs_hash(value_bytes(v)));
    }
}
