#include "report/value/format.h"

#include <math.h>
#include <stdio.h>

#include "report/value/decimal.h"
#include "report/value/number.h"

/* ---- what a format string is compiled to -------------------------------------------------------- */

enum token_type {
    TOKEN_LITERAL,
    TOKEN_ZERO,     /* 0 */
    TOKEN_HASH,     /* # */
    TOKEN_POINT,
    TOKEN_PERCENT,
    TOKEN_PER_MILLE,
    TOKEN_EXPONENT, /* E0 E+00 e-0: where the section is scientific */
};

struct token {
    uint8_t type;
    bool plus;      /* TOKEN_EXPONENT: a sign for positive exponents too */
    uint8_t digits; /* TOKEN_EXPONENT: at least so many */
    char letter;    /* TOKEN_EXPONENT: E or e */
    rs_text text;   /* TOKEN_LITERAL */
};

/* One of the three parts between semicolons, measured as .NET does before it writes. */
struct section {
    struct token *tokens;
    size_t count;
    bool exists;       /* an empty section behind the first gives way to the first */
    bool scientific;
    bool groups;
    int digit_count;   /* placeholders */
    int point_at;      /* placeholders before the point */
    int first_zero;    /* digits before the point at least */
    int last_zero;     /* digits behind the point at least */
    int scale_adjust;  /* % +2, per mille +3, trailing comma -3 each */
    bool simple;       /* placeholders stand together: the fast way can write it */
    size_t prefix_end, suffix_start; /* tokens, where simple */
};

enum numeric_kind { NUMERIC_STANDARD, NUMERIC_CUSTOM, NUMERIC_INVALID };

struct value_format {
    rs_text source;
    enum numeric_kind kind;
    char letter;       /* NUMERIC_STANDARD: as written */
    int precision;     /* -1 = not given */
    struct section sections[3]; /* positive, negative, zero */
};

#define PRECISION_MAX 99

/* ---- compiling ------------------------------------------------------------------------------ */

struct section_scan {
    int thousand_at, thousand_count;
    int first_zero, last_zero;
    int point_at;
    bool exponent_written;
};

static void add_token(struct section *s, struct token token)
{
    struct token *last = s->count ? &s->tokens[s->count - 1] : NULL;

    /* neighbours in the format string become one literal */
    if (token.type == TOKEN_LITERAL && last && last->type == TOKEN_LITERAL &&
        last->text.bytes + last->text.size == token.text.bytes) {
        last->text.size += token.text.size;
        return;
    }
    s->tokens[s->count++] = token;
}

static void add_literal(struct section *s, rs_text text)
{
    if (text.size)
        add_token(s, (struct token){.type = TOKEN_LITERAL, .text = text});
}

/* E0, E+0, E-0 at `i`: bytes of the mark without the zeros behind the first; 0 where it is a letter only. */
static size_t exponent_at(rs_text f, size_t i)
{
    size_t at = i + 1;

    if (at < f.size && (f.bytes[at] == '+' || f.bytes[at] == '-'))
        at++;
    return at < f.size && f.bytes[at] == '0' ? at - i : 0;
}

static size_t compile_exponent(struct section *s, rs_text f, size_t i)
{
    size_t mark = exponent_at(f, i), end = i + (mark ? mark : 1);

    while (mark && end < f.size && f.bytes[end] == '0')
        end++;
    if (mark && !s->scientific) {
        size_t zeros = end - i - mark;
        s->scientific = true;
        add_token(s, (struct token){.type = TOKEN_EXPONENT,
                                    .letter = f.bytes[i],
                                    .plus = mark == 2 && f.bytes[i + 1] == '+',
                                    .digits = (uint8_t)(zeros > 10 ? 10 : zeros)});
    } else {
        add_literal(s, rs_text_slice(f, i, end - i));
    }
    return end;
}

static void note_comma(struct section *s, struct section_scan *scan)
{
    if (s->digit_count == 0 || scan->point_at >= 0)
        return;
    if (scan->thousand_at >= 0) {
        if (scan->thousand_at == s->digit_count) {
            scan->thousand_count++;
            return;
        }
        s->groups = true;
    }
    scan->thousand_at = s->digit_count;
    scan->thousand_count = 1;
}

static void note_digit(struct section *s, struct section_scan *scan, char c)
{
    if (c == '0' && scan->first_zero < 0)
        scan->first_zero = s->digit_count;
    s->digit_count++;
    if (c == '0')
        scan->last_zero = s->digit_count;
    add_token(s, (struct token){.type = c == '0' ? TOKEN_ZERO : TOKEN_HASH});
}

/* 'text', "text" or \c at `i`; gives where it ends. */
static size_t compile_quoted(struct section *s, rs_text f, size_t i)
{
    size_t end = i + 1;

    if (f.bytes[i] == '\\') {
        if (end < f.size)
            (void)rs_text_next(f, &end);
        add_literal(s, rs_text_slice(f, i + 1, end - i - 1));
        return end;
    }
    while (end < f.size && f.bytes[end] != f.bytes[i])
        end++;
    add_literal(s, rs_text_slice(f, i + 1, end - i - 1));
    return end + 1;
}

/* Where all placeholders and the point stand together, what is before and behind. */
static void find_simple(struct section *s)
{
    size_t i = 0;

    while (i < s->count && (s->tokens[i].type == TOKEN_LITERAL || s->tokens[i].type >= TOKEN_PERCENT))
        i++;
    s->prefix_end = i;
    while (i < s->count && (s->tokens[i].type == TOKEN_ZERO || s->tokens[i].type == TOKEN_HASH ||
                            s->tokens[i].type == TOKEN_POINT))
        i++;
    s->suffix_start = i;
    while (i < s->count && s->tokens[i].type != TOKEN_ZERO && s->tokens[i].type != TOKEN_HASH &&
           s->tokens[i].type != TOKEN_POINT)
        i++;
    s->simple = i == s->count && !s->scientific && s->last_zero <= PRECISION_MAX && s->first_zero <= PRECISION_MAX &&
                s->digit_count > 0;
}

/* Compile up to the semicolon or the end; gives where that is. */
static size_t compile_section(struct rs_job *job, struct section *s, rs_text f, size_t i)
{
    struct section_scan scan = {-1, 0, -1, 0, -1, false};

    s->tokens = RS_NEW_ARRAY(job, struct token, f.size - i + 1);
    s->exists = i < f.size && f.bytes[i] != ';';
    while (i < f.size && f.bytes[i] != ';') {
        char c = f.bytes[i];
        if (c == '0' || c == '#') {
            note_digit(s, &scan, c);
            i++;
        } else if (c == '.') {
            if (scan.point_at < 0) {
                scan.point_at = s->digit_count;
                add_token(s, (struct token){.type = TOKEN_POINT});
            }
            i++;
        } else if (c == ',') {
            note_comma(s, &scan);
            i++;
        } else if (c == '%') {
            s->scale_adjust += 2;
            add_token(s, (struct token){.type = TOKEN_PERCENT});
            i++;
        } else if (rs_text_starts(rs_text_from_offset(f, i), RS_TEXT("‰"))) {
            s->scale_adjust += 3;
            add_token(s, (struct token){.type = TOKEN_PER_MILLE});
            i += 3;
        } else if (c == '\'' || c == '"' || c == '\\') {
            i = compile_quoted(s, f, i);
        } else if (c == 'E' || c == 'e') {
            i = compile_exponent(s, f, i);
        } else {
            add_literal(s, rs_text_slice(f, i, 1));
            i++;
        }
    }
    s->point_at = scan.point_at < 0 ? s->digit_count : scan.point_at;
    if (scan.thousand_at >= 0) {
        if (scan.thousand_at == s->point_at)
            s->scale_adjust -= scan.thousand_count * 3;
        else
            s->groups = true;
    }
    s->first_zero = scan.first_zero >= 0 && scan.first_zero < s->point_at ? s->point_at - scan.first_zero : 0;
    s->last_zero = scan.last_zero > s->point_at ? scan.last_zero - s->point_at : 0;
    find_simple(s);
    return i;
}

static void compile_custom(struct rs_job *job, struct value_format *format)
{
    size_t at = 0;

    format->kind = NUMERIC_CUSTOM;
    for (int i = 0; i < 3; i++) {
        at = compile_section(job, &format->sections[i], format->source, at);
        if (at >= format->source.size)
            break;
        at++; /* the semicolon */
    }
}

struct value_format *value_format_compile(struct rs_job *job, rs_text source)
{
    struct value_format *format = RS_NEW(job, struct value_format);
    rs_text digits;

    format->source = rs_text_copy(job, rs_text_slice(source, 0, VALUE_FORMAT_MAX));
    source = format->source;
    format->precision = -1;
    if (source.size == 0) {
        format->letter = 'G';
        return format;
    }
    digits = rs_text_from_offset(source, 1);
    if (!rs_is_alpha(source.bytes[0]) || digits.size > 2 || (digits.size > 0 && !rs_is_digit(digits.bytes[0])) ||
        (digits.size > 1 && !rs_is_digit(digits.bytes[1]))) {
        compile_custom(job, format);
        return format;
    }
    format->letter = source.bytes[0];
    format->kind = strchr("CDEFGNPRXcdefgnprx", format->letter) ? NUMERIC_STANDARD : NUMERIC_INVALID;
    if (digits.size > 0)
        format->precision = digits.bytes[0] - '0';
    if (digits.size > 1)
        format->precision = format->precision * 10 + digits.bytes[1] - '0';
    return format;
}

rs_text value_format_source(const struct value_format *format)
{
    return format->source;
}

/* ---- pieces of standard formats ------------------------------------------------------------------ */

static void add_zeros(rs_buf *out, int count)
{
    for (; count > 0; count--)
        rs_buf_add_byte(out, '0');
}

static void add_exponent(const struct value_culture *culture, int exponent, char letter, bool plus, int width, rs_buf *out)
{
    char digits[12];
    int at = sizeof digits;

    rs_buf_add_byte(out, letter);
    if (exponent < 0) {
        rs_buf_add(out, culture->negative_sign);
        exponent = -exponent;
    } else if (plus) {
        rs_buf_add(out, culture->positive_sign);
    }
    for (; (exponent > 0 || width > 0) && at > 0; exponent /= 10, width--)
        digits[--at] = (char)('0' + exponent % 10);
    rs_buf_add(out, rs_text_of(digits + at, sizeof digits - (size_t)at));
}

/* Whether a separator stands to the right of the digit that has `right` digits of the integer part on its right. */
static bool group_ends(const struct value_number_shape *shape, int right)
{
    int sum = 0;

    if (right <= 0)
        return false;
    for (int i = 0; i < shape->group_size_count; i++) {
        int size = shape->group_sizes[i];
        if (size == 0)
            return false;
        if (i + 1 == shape->group_size_count)
            return right > sum && (right - sum) % size == 0;
        sum += size;
        if (right == sum)
            return true;
        if (right < sum)
            return false;
    }
    return false;
}

/* Integer part, point, `decimals` digits; the number is rounded already. */
static void add_fixed(const struct value_number *n, const struct value_number_shape *shape, rs_text point, int decimals,
                      rs_buf *out)
{
    int at = 0;

    if (n->scale <= 0)
        rs_buf_add_byte(out, '0');
    for (int left = n->scale; left > 0; left--) {
        rs_buf_add_byte(out, at < n->count ? n->digits[at] : '0');
        at++;
        if (shape && group_ends(shape, left - 1))
            rs_buf_add(out, shape->group);
    }
    if (decimals <= 0)
        return;
    rs_buf_add(out, point);
    for (int zeros = n->scale < 0 ? -n->scale : 0; zeros > 0 && decimals > 0; zeros--, decimals--)
        rs_buf_add_byte(out, '0');
    for (; decimals > 0 && at < n->count; decimals--)
        rs_buf_add_byte(out, n->digits[at++]);
    add_zeros(out, decimals);
}

static void add_scientific(const struct value_culture *culture, const struct value_number *n, int digits, char letter,
                           rs_buf *out)
{
    int at = 0;

    rs_buf_add_byte(out, n->count ? n->digits[at++] : '0');
    if (digits > 1) {
        rs_buf_add(out, culture->number.point);
        for (int i = 1; i < digits; i++)
            rs_buf_add_byte(out, at < n->count ? n->digits[at++] : '0');
    }
    add_exponent(culture, n->count ? n->scale - 1 : 0, letter, true, 3, out);
}

static void add_general(const struct value_culture *culture, const struct value_number *n, int digits, char letter,
                        bool never_scientific, rs_buf *out)
{
    int point = n->scale, at = 0;
    bool scientific = !never_scientific && (point > digits || point < -3);

    if (scientific)
        point = 1;
    if (point <= 0)
        rs_buf_add_byte(out, '0');
    for (; point > 0; point--) {
        rs_buf_add_byte(out, at < n->count ? n->digits[at] : '0');
        at++;
    }
    if (at < n->count || point < 0) {
        rs_buf_add(out, culture->number.point);
        for (; point < 0; point++)
            rs_buf_add_byte(out, '0');
        if (at < n->count)
            rs_buf_add(out, rs_text_of(n->digits + at, (size_t)(n->count - at)));
    }
    if (scientific)
        add_exponent(culture, n->scale - 1, letter, true, 2, out);
}

/* A .NET pattern: n is the number, $ the symbol, - the sign; everything else is itself. */
static void add_pattern(const struct value_culture *culture, const char *pattern, rs_text symbol, rs_text number,
                        rs_buf *out)
{
    for (; *pattern; pattern++) {
        if (*pattern == 'n')
            rs_buf_add(out, number);
        else if (*pattern == '$')
            rs_buf_add(out, symbol);
        else if (*pattern == '-')
            rs_buf_add(out, culture->negative_sign);
        else
            rs_buf_add_byte(out, *pattern);
    }
}

static const char *const currency_positive[] = {"$n", "n$", "$ n", "n $"};
static const char *const currency_negative[] = {"($n)", "-$n", "$-n", "$n-", "(n$)", "-n$",  "n-$",  "n$-", "-n $",
                                                "-$ n", "n $-", "$ n-", "$ -n", "n- $", "($ n)", "(n $)", "$- n"};
static const char *const percent_positive[] = {"n $", "n$", "$n", "$ n"};
static const char *const percent_negative[] = {"-n $", "-n$", "-$n", "$-n", "$n-", "n-$",
                                               "n$-",  "-$ n", "n $-", "$ n-", "$ -n", "n- $"};
static const char *const number_negative[] = {"(n)", "-n", "- n", "n-", "n -"};

/* C, F, N, P: which shape and which patterns. */
struct fixed_style {
    const struct value_number_shape *shape;
    const char *positive, *negative;
    rs_text symbol;
    bool groups;
    int adjust;
};

static struct fixed_style fixed_style_of(const struct value_culture *culture, char letter)
{
    switch (letter) {
    case 'C':
        return (struct fixed_style){&culture->currency, currency_positive[culture->currency.positive],
                                    currency_negative[culture->currency.negative], culture->currency_symbol, true, 0};
    case 'P':
        return (struct fixed_style){&culture->percent, percent_positive[culture->percent.positive],
                                    percent_negative[culture->percent.negative], culture->percent_symbol, true, 2};
    case 'N':
        return (struct fixed_style){&culture->number, "n", number_negative[culture->number.negative], {0}, true, 0};
    default:
        return (struct fixed_style){&culture->number, "n", "-n", {0}, false, 0};
    }
}

#define NUMBER_TEXT_ROOM 64

/* The number without its sign, then put into the pattern: it is written in its place and moved where text goes before. */
static void append_fixed(const struct value_culture *culture, char letter, int precision, struct value v, rs_buf *out)
{
    struct fixed_style style = fixed_style_of(culture, letter);
    int decimals = precision < 0 ? style.shape->digits : precision;
    struct value_scaled fast;
    const char *pattern;
    bool negative;
    size_t start = out->used;

    if (value_scaled_from(v, &fast) && fast.scale >= style.adjust) {
        fast.scale -= style.adjust;
        value_scaled_round(&fast, decimals);
        negative = fast.negative;
        value_scaled_write(&fast, style.groups ? style.shape : NULL, style.shape->point, 1, decimals, out);
    } else {
        struct value_number n;
        value_number_from(v, v.kind == VALUE_SINGLE ? VALUE_SINGLE_DIGITS : VALUE_DOUBLE_DIGITS, &n);
        n.scale += n.count ? style.adjust : 0;
        value_number_round(&n, n.scale + decimals);
        negative = n.negative;
        add_fixed(&n, style.groups ? style.shape : NULL, style.shape->point, decimals, out);
    }
    pattern = negative ? style.negative : style.positive;
    if (pattern[0] == 'n' && pattern[1] == 0)
        return;
    /* The digits stand at `start`: a copy of them goes through the pattern. */
    {
        char room[NUMBER_TEXT_ROOM];
        rs_text digits = rs_text_of(out->bytes + start, out->used - start);
        const char *copy = digits.size <= sizeof room ? memcpy(room, digits.bytes, digits.size)
                                                      : rs_text_copy(out->job, digits).bytes;
        out->used = start;
        add_pattern(culture, pattern, style.symbol, rs_text_of(copy, digits.size), out);
    }
}

static void append_integer(const struct value_culture *culture, int precision, struct value v, rs_buf *out)
{
    struct value_scaled s;

    (void)value_scaled_from(v, &s);
    if (s.negative)
        rs_buf_add(out, culture->negative_sign);
    value_scaled_write(&s, NULL, culture->number.point, precision > 1 ? precision : 1, 0, out);
}

static void append_hex(char letter, int precision, struct value v, rs_buf *out)
{
    const char *digits = letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    uint64_t bits = v.kind == VALUE_INTEGER ? (uint32_t)v.integer : (uint64_t)v.integer;
    char text[16];
    int at = 16;

    do
        text[--at] = digits[bits & 15];
    while ((bits >>= 4) != 0);
    add_zeros(out, precision - (16 - at));
    rs_buf_add(out, rs_text_of(text + at, (size_t)(16 - at)));
}

static bool is_real(struct value v)
{
    return v.kind == VALUE_DOUBLE || v.kind == VALUE_SINGLE;
}

/* NaN and infinities, which no format changes. */
static bool append_special(const struct value_culture *culture, struct value v, rs_buf *out)
{
    if (!is_real(v) || isfinite(v.real))
        return false;
    rs_buf_add(out, isnan(v.real) ? culture->nan : v.real > 0 ? culture->positive_infinity : culture->negative_infinity);
    return true;
}

/* "R": as few digits as read back to the same number: the ordinary precision, else the longest. */
static int round_trip_digits(struct value v)
{
    char text[48];
    int ordinary = v.kind == VALUE_SINGLE ? VALUE_SINGLE_DIGITS : VALUE_DOUBLE_DIGITS;
    int longest = v.kind == VALUE_SINGLE ? 9 : 17;
    double back;
    int size = snprintf(text, sizeof text, "%.*e", ordinary - 1, v.real);

    for (int i = 0; i < size; i++)
        text[i] = text[i] == ',' ? '.' : text[i];
    if (!rs_parse_double(rs_text_of(text, (size_t)size), &back))
        return longest;
    if (v.kind == VALUE_SINGLE)
        back = (double)(float)back;
    return back == v.real ? ordinary : longest;
}

static void append_general(const struct value_culture *culture, char letter, int precision, struct value v, rs_buf *out)
{
    struct value_number n;
    bool exact = v.kind == VALUE_DECIMAL && precision < 0; /* zeros at the end stay; not with G0 */
    int ordinary = v.kind == VALUE_SINGLE    ? VALUE_SINGLE_DIGITS
                   : v.kind == VALUE_DOUBLE  ? VALUE_DOUBLE_DIGITS
                   : v.kind == VALUE_INTEGER ? 10
                   : v.kind == VALUE_LONG    ? 19
                                             : 29;
    int digits = precision > 0 ? precision : ordinary;

    value_number_from(v, is_real(v) && digits > ordinary ? (v.kind == VALUE_SINGLE ? 9 : 17) : ordinary, &n);
    if (!exact)
        value_number_round(&n, digits);
    if (n.negative)
        rs_buf_add(out, culture->negative_sign);
    add_general(culture, &n, digits, letter == 'g' ? 'e' : 'E', exact, out);
}

static void append_round_trip(const struct value_culture *culture, char letter, struct value v, rs_buf *out)
{
    struct value_number n;
    int digits = round_trip_digits(v);

    value_number_from(v, digits, &n);
    if (n.negative)
        rs_buf_add(out, culture->negative_sign);
    add_general(culture, &n, digits, letter == 'r' ? 'e' : 'E', false, out);
}

static void append_scientific(const struct value_culture *culture, char letter, int precision, struct value v, rs_buf *out)
{
    struct value_number n;
    bool single = v.kind == VALUE_SINGLE;
    int decimals = precision < 0 ? 6 : precision;
    int ordinary = single ? VALUE_SINGLE_DIGITS : VALUE_DOUBLE_DIGITS;

    value_number_from(v, decimals >= ordinary ? (single ? 9 : 17) : ordinary, &n);
    value_number_round(&n, decimals + 1);
    if (n.negative)
        rs_buf_add(out, culture->negative_sign);
    add_scientific(culture, &n, decimals + 1, letter, out);
}

static bool append_standard(const struct value_culture *culture, char letter, int precision, struct value v, rs_buf *out)
{
    char upper = rs_upper(letter);
    bool whole = v.kind == VALUE_INTEGER || v.kind == VALUE_LONG;

    if (((upper == 'D' || upper == 'X') && !whole) || (upper == 'R' && !is_real(v)))
        return append_special(culture, v, out); /* .NET writes NaN before it looks at the letter */
    if (append_special(culture, v, out))
        return true;
    switch (upper) {
    case 'C':
    case 'F':
    case 'N':
    case 'P':
        append_fixed(culture, upper, precision, v, out);
        return true;
    case 'D':
        append_integer(culture, precision, v, out);
        return true;
    case 'E':
        append_scientific(culture, letter, precision, v, out);
        return true;
    case 'R':
        append_round_trip(culture, letter, v, out);
        return true;
    case 'X':
        append_hex(letter, precision, v, out);
        return true;
    default:
        append_general(culture, letter, precision, v, out);
        return true;
    }
}

/* ---- custom formats ----------------------------------------------------------------------------- */

/* What stands around the digits. */
static void add_tokens(const struct value_culture *culture, const struct section *s, size_t from, size_t to, rs_buf *out)
{
    for (; from < to; from++) {
        const struct token *token = &s->tokens[from];
        if (token->type == TOKEN_PERCENT)
            rs_buf_add(out, culture->percent_symbol);
        else if (token->type == TOKEN_PER_MILLE)
            rs_buf_add(out, culture->per_mille_symbol);
        else
            rs_buf_add(out, token->text);
    }
}

static const struct section *section_or_first(const struct value_format *format, int i)
{
    return format->sections[i].exists ? &format->sections[i] : &format->sections[0];
}

/* To the digits that the section shows. False where a shift to the left does not fit. */
static bool adjust_scaled(struct value_scaled *n, const struct section *s)
{
    static const uint64_t up[] = {1, 10, 100, 1000};

    n->scale -= s->scale_adjust;
    if (n->scale < 0) { /* percent of a whole number: two zeros more */
        if (n->scale < -3 || __builtin_mul_overflow(n->digits, up[-n->scale], &n->digits))
            return false;
        n->scale = 0;
    }
    value_scaled_round(n, s->digit_count - s->point_at);
    return true;
}

/* Nearly all formats and numbers of real reports. False: the general way must do it. */
static bool append_custom_fast(const struct value_format *format, const struct value_culture *culture, struct value v,
                               rs_buf *out)
{
    const struct section *first = &format->sections[0], *s = first;
    struct value_scaled n;

    if (!value_scaled_from(v, &n))
        return false;
    if (n.digits == 0)
        s = section_or_first(format, 2);
    else if (n.negative)
        s = section_or_first(format, 1);
    if (!s->simple || !adjust_scaled(&n, s))
        return false;
    if (n.digits == 0 && s != section_or_first(format, 2)) { /* rounded to nothing: the section for zero */
        s = section_or_first(format, 2);
        if (!s->simple)
            return false;
    }
    if (n.digits == 0)
        n.scale = 0;
    if (n.negative && s == first)
        rs_buf_add(out, culture->negative_sign);
    if (s->prefix_end > 0)
        add_tokens(culture, s, 0, s->prefix_end, out);
    value_scaled_write(&n, s->groups ? &culture->number : NULL, culture->number.point, s->first_zero, s->last_zero, out);
    if (s->suffix_start < s->count)
        add_tokens(culture, s, s->suffix_start, s->count, out);
    return true;
}

/* Digits as they are handed out to placeholders, from left to right. */
struct writer {
    const struct value_culture *culture;
    const struct section *section;
    const struct value_number *n;
    rs_buf *out;
    int next;      /* in n->digits */
    int position;  /* digits of the integer part that follow, this one included; <= 0 behind the point */
    int adjust;    /* digits that have no placeholder (> 0), placeholders that have no digit (< 0) */
    bool point_written;
};

static void write_digit(struct writer *w, char digit)
{
    rs_buf_add_byte(w->out, digit);
    if (w->section->groups && group_ends(&w->culture->number, w->position - 1))
        rs_buf_add(w->out, w->culture->number.group);
}

static void write_placeholder(struct writer *w)
{
    char digit;

    if (w->adjust < 0) {
        w->adjust++;
        digit = w->position <= w->section->first_zero ? '0' : 0;
    } else {
        digit = w->next < w->n->count ? w->n->digits[w->next++] : w->position > -w->section->last_zero ? '0' : 0;
    }
    if (digit)
        write_digit(w, digit);
    w->position--;
}

static void write_token(struct writer *w, const struct token *token)
{
    if (token->type <= TOKEN_POINT && token->type != TOKEN_LITERAL)
        for (; w->adjust > 0; w->adjust--, w->position--) {
            char digit = w->next < w->n->count ? w->n->digits[w->next++] : '0';
            write_digit(w, digit);
        }
    switch (token->type) {
    case TOKEN_ZERO:
    case TOKEN_HASH:
        write_placeholder(w);
        break;
    case TOKEN_POINT:
        if (w->position != 0 || w->point_written)
            break;
        if (w->section->last_zero > 0 ||
            (w->section->point_at < w->section->digit_count && w->next < w->n->count)) {
            rs_buf_add(w->out, w->culture->number.point);
            w->point_written = true;
        }
        break;
    case TOKEN_PERCENT:
        rs_buf_add(w->out, w->culture->percent_symbol);
        break;
    case TOKEN_PER_MILLE:
        rs_buf_add(w->out, w->culture->per_mille_symbol);
        break;
    case TOKEN_EXPONENT:
        add_exponent(w->culture, w->n->count ? w->n->scale - w->section->point_at : 0, token->letter, token->plus,
                     token->digits, w->out);
        break;
    default:
        rs_buf_add(w->out, token->text);
        break;
    }
}

static void append_custom(const struct value_format *format, const struct value_culture *culture, struct value v,
                          rs_buf *out)
{
    struct value_number n;
    const struct section *s;
    struct writer w;

    if (append_custom_fast(format, culture, v, out) || append_special(culture, v, out))
        return;
    value_number_from(v, v.kind == VALUE_SINGLE ? VALUE_SINGLE_DIGITS : VALUE_DOUBLE_DIGITS, &n);
    s = n.count == 0 ? section_or_first(format, 2) : n.negative ? section_or_first(format, 1) : &format->sections[0];
    for (int turn = 0; n.count > 0 && turn < 2; turn++) {
        n.scale += s->scale_adjust;
        value_number_round(&n, s->scientific ? s->digit_count : n.scale + s->digit_count - s->point_at);
        if (n.count > 0 || section_or_first(format, 2) == s)
            break;
        s = section_or_first(format, 2);
    }
    if (n.count == 0)
        n.scale = 0;
    w = (struct writer){.culture = culture, .section = s, .n = &n, .out = out};
    if (s->scientific) {
        w.position = s->point_at;
    } else {
        w.position = n.scale > s->point_at ? n.scale : s->point_at;
        w.adjust = n.scale - s->point_at;
    }
    if (n.negative && s == &format->sections[0])
        rs_buf_add(out, culture->negative_sign);
    for (size_t i = 0; i < s->count; i++)
        write_token(&w, &s->tokens[i]);
}

/* ---- values ------------------------------------------------------------------------------------- */

bool value_format_append(const struct value_format *format, const struct value_culture *culture, struct value v,
                         rs_buf *out)
{
    switch (v.kind) {
    case VALUE_INTEGER:
    case VALUE_LONG:
    case VALUE_SINGLE:
    case VALUE_DOUBLE:
    case VALUE_DECIMAL:
        if (format->kind == NUMERIC_STANDARD)
            return append_standard(culture, format->letter, format->precision, v, out);
        if (format->kind == NUMERIC_INVALID)
            return append_special(culture, v, out);
        append_custom(format, culture, v, out);
        return true;
    case VALUE_DATE:
    case VALUE_OFFSET:
        return value_date_append(culture, v, format->source, out);
    case VALUE_SPAN:
        return value_span_append(culture, v.ticks, format->source, out);
    default:
        value_append(culture, v, out);
        return true;
    }
}

/* "G" of a number without looking at a format: the fast way where no exponent can appear. */
static void append_plain_number(const struct value_culture *culture, struct value v, rs_buf *out)
{
    struct value_scaled s;

    if (append_special(culture, v, out))
        return;
    if (!value_scaled_from(v, &s) || (v.kind == VALUE_DOUBLE && v.real != 0 && fabs(v.real) < 1e-4)) {
        append_general(culture, 'G', -1, v, out);
        return;
    }
    if (s.negative)
        rs_buf_add(out, culture->negative_sign);
    value_scaled_write(&s, NULL, culture->number.point, 1, v.kind == VALUE_DECIMAL ? s.scale : 0, out);
}

void value_append(const struct value_culture *culture, struct value v, rs_buf *out)
{
    switch (v.kind) {
    case VALUE_NULL:
        break;
    case VALUE_BOOLEAN:
        rs_buf_add(out, v.boolean ? RS_TEXT("True") : RS_TEXT("False"));
        break;
    case VALUE_INTEGER:
    case VALUE_LONG:
    case VALUE_SINGLE:
    case VALUE_DOUBLE:
    case VALUE_DECIMAL:
        append_plain_number(culture, v, out);
        break;
    case VALUE_CHAR:
        rs_buf_add_code_point(out, (uint32_t)v.integer);
        break;
    case VALUE_TEXT:
        rs_buf_add(out, value_bytes(v));
        break;
    case VALUE_DATE:
    case VALUE_OFFSET:
        (void)value_date_append(culture, v, RS_TEXT("G"), out);
        break;
    case VALUE_SPAN:
        (void)value_span_append(culture, v.ticks, RS_TEXT("c"), out);
        break;
    default: /* an error, bytes, an array: what the original shows */
        rs_buf_add_literal(out, "#Error");
        break;
    }
}

void value_append_vb(const struct value_culture *culture, struct value v, rs_buf *out)
{
    static const int64_t automation_day = 693593; /* 1899-12-30, where times of COM stand */

    if (v.kind == VALUE_DATE && (v.ticks < VALUE_TICKS_PER_DAY || v.ticks / VALUE_TICKS_PER_DAY == automation_day))
        (void)value_date_append(culture, v, RS_TEXT("T"), out);
    else if (v.kind == VALUE_DATE && v.ticks % VALUE_TICKS_PER_DAY == 0)
        (void)value_date_append(culture, v, RS_TEXT("d"), out);
    else
        value_append(culture, v, out);
}

rs_text value_to_text(struct rs_job *job, const struct value_culture *culture, struct value v)
{
    rs_buf out = rs_buf_in(job);

    if (v.kind == VALUE_TEXT)
        return value_bytes(v);
    value_append(culture, v, &out);
    return rs_buf_text(&out);
}

size_t value_double_write(double d, char out[VALUE_DOUBLE_TEXT_SIZE])
{
    for (int digits = 15; digits <= 17; digits++) {
        double back;
        int size = snprintf(out, VALUE_DOUBLE_TEXT_SIZE, "%.*g", digits, d);
        for (int i = 0; i < size; i++)
            out[i] = out[i] == ',' ? '.' : out[i];
        if (digits == 17 || (rs_parse_double(rs_text_of(out, (size_t)size), &back) && back == d))
            return (size_t)size;
    }
    return 0;
}
