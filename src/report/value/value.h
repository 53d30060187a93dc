/* report/value/value.h - what an expression or a field holds: 16 bytes, passed by value.
 *
 * Text, bytes and arrays are borrowed: they live as long as the job or data set that made them.
 * Integer is VB's Integer (32 bits) and Long (64 bits) are told apart because arithmetic overflows differently.
 *
 * Source:  Visual Basic language specification, types; .NET System.Decimal (96 bits, scale 0 to 28).
 */
#ifndef REPORT_VALUE_VALUE_H
#define REPORT_VALUE_VALUE_H

#include "base/text.h"

enum value_kind {
    VALUE_NULL,     /* Nothing, DBNull */
    VALUE_ERROR,    /* shown as #Error; `error` says why */
    VALUE_BOOLEAN,
    VALUE_INTEGER,  /* 32 bits */
    VALUE_LONG,     /* 64 bits */
    VALUE_SINGLE,   /* held as double, rounded to single precision */
    VALUE_DOUBLE,
    VALUE_DECIMAL,
    VALUE_CHAR,     /* one UTF-16 unit or code point, in `integer` */
    VALUE_TEXT,
    VALUE_DATE,     /* DateTime: ticks of 100 ns since 0001-01-01 00:00, no zone; see value/date.h */
    VALUE_SPAN,     /* TimeSpan: ticks of 100 ns, signed */
    VALUE_OFFSET,   /* DateTimeOffset: ticks of the local time; offset in minutes in `minutes` */
    VALUE_BYTES,    /* Byte() */
    VALUE_ARRAY,    /* Object(): a multi-value parameter, Split, LookupSet */
    VALUE_OBJECT,   /* a collection that the report's <Code> made; see report/expr/code_object.h */
    VALUE_KINDS
};

struct value {
    uint8_t kind;     /* enum value_kind */
    uint8_t scale;    /* VALUE_DECIMAL: digits behind the point, 0 to 28 */
    uint8_t negative; /* VALUE_DECIMAL: 1 below zero (minus zero is kept as .NET does) */
    uint8_t flags;    /* VALUE_IS_* below */
    union {
        uint32_t high;   /* VALUE_DECIMAL: bits 64 to 95 of the magnitude */
        uint32_t size;   /* VALUE_TEXT, VALUE_BYTES: bytes; VALUE_ARRAY: items; VALUE_ERROR: bytes of `text` */
        int32_t minutes; /* VALUE_OFFSET: east of UTC */
    };
    union {
        bool boolean;
        int64_t integer; /* VALUE_INTEGER (in 32-bit range), VALUE_LONG, VALUE_CHAR */
        double real;     /* VALUE_SINGLE, VALUE_DOUBLE */
        uint64_t low;    /* VALUE_DECIMAL: bits 0 to 63 */
        int64_t ticks;   /* VALUE_DATE, VALUE_SPAN, VALUE_OFFSET */
        const char *text; /* VALUE_TEXT (UTF-8), VALUE_BYTES, VALUE_ERROR (why) */
        const struct value *items; /* VALUE_ARRAY */
        struct value_object *object; /* VALUE_OBJECT: lives as long as the run of the report */
    };
};

_Static_assert(sizeof(struct value) == 16, "a value is two words");

enum value_flag {
    VALUE_IS_MISSING = 1, /* VALUE_NULL or VALUE_ERROR: the field is not in the result (Fields!X.IsMissing) */
    VALUE_IS_DBNULL = 2,  /* VALUE_NULL that came from a data source; equal to Nothing in every VB operator */
};

static inline struct value value_null(void)
{
    return (struct value){.kind = VALUE_NULL};
}

static inline struct value value_boolean(bool b)
{
    return (struct value){.kind = VALUE_BOOLEAN, .boolean = b};
}

static inline struct value value_integer(int32_t i)
{
    return (struct value){.kind = VALUE_INTEGER, .integer = i};
}

static inline struct value value_long(int64_t i)
{
    return (struct value){.kind = VALUE_LONG, .integer = i};
}

static inline struct value value_double(double d)
{
    return (struct value){.kind = VALUE_DOUBLE, .real = d};
}

static inline struct value value_text(rs_text t) /* at most 4 GiB - 1 */
{
    return (struct value){.kind = VALUE_TEXT, .size = (uint32_t)t.size, .text = t.bytes};
}

static inline struct value value_date(int64_t ticks)
{
    return (struct value){.kind = VALUE_DATE, .ticks = ticks};
}

static inline struct value value_array(const struct value *items, uint32_t count)
{
    return (struct value){.kind = VALUE_ARRAY, .size = count, .items = items};
}

/* `why` must outlive the value: a literal, or text in the job's memory. */
static inline struct value value_error(rs_text why)
{
    return (struct value){.kind = VALUE_ERROR, .size = (uint32_t)why.size, .text = why.bytes};
}

static inline bool value_is_null(struct value v)
{
    return v.kind == VALUE_NULL;
}

static inline bool value_is_error(struct value v)
{
    return v.kind == VALUE_ERROR;
}

/* The bytes of a VALUE_TEXT, VALUE_BYTES or VALUE_ERROR. */
static inline rs_text value_bytes(struct value v)
{
    return rs_text_of(v.text, v.size);
}

#endif
