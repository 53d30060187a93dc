/* report/expr/call.h - what a function of functions.def or members.def reads its arguments with.
 *
 * Each function converts an argument as the declared parameter of the original does. Where that fails the function
 * returns expr_failed(call):
 *
 *     rs_text text;
 *     if (!expr_text(call, 0, &text))
 *         return expr_failed(call);
 */
#ifndef REPORT_EXPR_CALL_H
#define REPORT_EXPR_CALL_H

#include "base/buf.h"
#include "report/expr/program.h"
#include "report/value/date.h"
#include "report/value/format.h"

#define EXPR_TEXT_MAX ((size_t)64 << 20) /* bytes of a text that a function makes longer than its arguments */
#define EXPR_ITEMS_MAX ((size_t)1 << 20) /* items of an array that a function makes */

/* The argument is there: not left out, not behind the last. */
static inline bool expr_given(const struct expr_call *call, int index)
{
    return index < call->count && !(call->arguments[index].kind == VALUE_NULL &&
                                    (call->arguments[index].flags & EXPR_LEFT_OUT));
}

/* The argument as it is; Nothing where it is not there. */
static inline struct value expr_value(const struct expr_call *call, int index)
{
    return expr_given(call, index) ? call->arguments[index] : value_null();
}

static inline struct value expr_failed(const struct expr_call *call)
{
    return call->error;
}

bool expr_text(struct expr_call *call, int index, rs_text *out);      /* String; Nothing is empty */
bool expr_whole(struct expr_call *call, int index, int32_t *out);     /* Integer */
bool expr_long(struct expr_call *call, int index, int64_t *out);
bool expr_double(struct expr_call *call, int index, double *out);
bool expr_boolean(struct expr_call *call, int index, bool *out);
bool expr_date(struct expr_call *call, int index, int64_t *ticks);

/* The same with a value for an argument that is not there. */
bool expr_text_or(struct expr_call *call, int index, rs_text absent, rs_text *out);
bool expr_whole_or(struct expr_call *call, int index, int32_t absent, int32_t *out);
bool expr_double_or(struct expr_call *call, int index, double absent, double *out);
bool expr_boolean_or(struct expr_call *call, int index, bool absent, bool *out);

/* A culture in the place of an IFormatProvider: its name as text; else the report's. */
const struct value_culture *expr_culture(struct expr_call *call, int index);

/* An error with a text that is built; `why` is a sentence as .NET says it. */
struct value expr_error(struct expr_call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define EXPR_ERROR(literal) value_error(RS_TEXT(literal))

/* Memory whose size an expression chose (Space(n)): NULL after setting the job's status. */
void *expr_allocate(struct expr_call *call, size_t count, size_t size);

/* An empty buffer takes room of a size that an expression chose; false after setting the job's status. */
bool expr_reserve(struct expr_call *call, rs_buf *buf, size_t size);
/* Asked in loops that lengthen a text: it is past EXPR_TEXT_MAX, or the job must stop. Then return expr_failed. */
bool expr_too_long(struct expr_call *call, const rs_buf *buf);

/* The first letter of each word a capital, the others small; a word of capitals stays. TextInfo.ToTitleCase. */
struct value expr_title_case(struct expr_call *call, rs_text text, const struct value_culture *culture);

struct value expr_array_of_texts(struct expr_call *call, const rs_text *texts, size_t count);
static inline struct value expr_buf_value(const rs_buf *buf)
{
    return value_text(rs_buf_text(buf));
}


/* ---- text in UTF-16 units, as .NET counts it ------------------------------------------------ */

size_t expr_units(rs_text text);
/* The byte where unit `units` begins; text.size where it is behind the end. */
size_t expr_offset(rs_text text, size_t units);
/* `count` units from unit `start` on; both are cut. */
rs_text expr_slice(rs_text text, size_t start, size_t count);
/* The byte where `what` begins at or after byte `from`, or -1. */
ptrdiff_t expr_find(rs_text text, rs_text what, size_t from, bool ignore_case);
/* The byte where the last `what` that ends at or before byte `end` begins, or -1. */
ptrdiff_t expr_find_last(rs_text text, rs_text what, size_t end, bool ignore_case);
/* How many bytes of `text` at `from` are equal to `what`; 0 where it does not stand there. */
size_t expr_match(rs_text text, size_t from, rs_text what, bool ignore_case);
int expr_compare_text(rs_text a, rs_text b, bool ignore_case);
/* By letters first, then by case, lower before upper: close to a culture's order, which String.Compare has. */
int expr_order_text(rs_text a, rs_text b);

uint32_t expr_upper(uint32_t c, const struct value_culture *culture);
uint32_t expr_lower(uint32_t c, const struct value_culture *culture);
bool expr_is_white(uint32_t c);
bool expr_is_letter(uint32_t c);

#endif
