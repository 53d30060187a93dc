/* System.Text.RegularExpressions.Regex, on ICU's expressions: their syntax is the same but for names of groups (of letters and
 * digits alone, in <> only), named groups in replacements (${name}), balancing groups and right-to-left matching. */
#include <unicode/uregex.h>
#include <unicode/ustring.h>

#include "base/vec.h"
#include "report/expr/functions.h"
#include "report/expr/regex.h"
#include "report/expr/regex_cache.h"

#define PATTERN_MAX 10000    /* bytes of a pattern */
#define TIME_LIMIT 2000      /* steps of 10 000 states: about a second */
enum regex_option { /* RegexOptions */
    REGEX_IGNORE_CASE = 1, REGEX_MULTILINE = 2, REGEX_EXPLICIT = 4, REGEX_COMPILED = 8, REGEX_SINGLELINE = 16,
    REGEX_BLANKS = 32, REGEX_INVARIANT = 512,
};

struct regex {
    URegularExpression *expression;
    const UChar *text;
    int32_t size; /* units of the text */
    RS_VEC(rs_text) names; /* of groups, as they stand in the pattern */
};

static inline void regex_finish(struct regex *regex)
{
    uregex_close(regex->expression);
}

static UChar *to_utf16(struct expr_call *call, rs_text text, int32_t *size)
{
    UChar *units = expr_allocate(call, text.size + 1, sizeof *units);
    UErrorCode error = U_ZERO_ERROR;

    if (units)
        u_strFromUTF8WithSub(units, (int32_t)text.size + 1, size, text.bytes ? text.bytes : "", (int32_t)text.size, 0xFFFD,
                             NULL, &error);
    return units;
}

static rs_text to_utf8(struct rs_job *job, const UChar *units, int32_t count)
{
    UErrorCode error = U_ZERO_ERROR;
    char *bytes = rs_alloc(job, (size_t)count * 3 + 1);
    int32_t size = 0;

    u_strToUTF8WithSub(bytes, count * 3 + 1, &size, units, count, 0xFFFD, NULL, &error);
    return rs_text_of(bytes, (size_t)size);
}

static uint32_t icu_flags(int32_t options)
{
    uint32_t flags = 0;

    if (options & REGEX_IGNORE_CASE)
        flags |= UREGEX_CASE_INSENSITIVE;
    if (options & REGEX_MULTILINE)
        flags |= UREGEX_MULTILINE;
    if (options & REGEX_SINGLELINE)
        flags |= UREGEX_DOTALL;
    if (options & REGEX_BLANKS)
        flags |= UREGEX_COMMENTS;
    return flags | UREGEX_UNIX_LINES; /* . and $ know \n only */
}

/* ---- names of groups ----------------------------------------------------------------------- */

/* A name as ICU takes it, without '_'. */
static void add_name(rs_buf *out, rs_text name)
{
    for (size_t i = 0; i < name.size; i++)
        if (name.bytes[i] == '_')
            rs_buf_add_literal(out, "x5Fx");
        else
            rs_buf_add_byte(out, name.bytes[i]);
}

/* <name> or 'name' at `at`: its end, behind the closing sign; 0 where none stands there. */
static size_t name_at(rs_text pattern, size_t at, rs_text *name)
{
    char open = at < pattern.size ? pattern.bytes[at] : '\0';
    rs_text rest = rs_text_from_offset(pattern, at + 1);
    ptrdiff_t size = open == '<' ? rs_text_find_byte(rest, '>') : open == '\'' ? rs_text_find_byte(rest, '\'') : -1;

    if (size < 1 || rest.bytes[0] == '=' || rest.bytes[0] == '!')
        return 0;
    *name = rs_text_slice(rest, 0, (size_t)size);
    return at + (size_t)size + 2;
}

/* A class, [...], at `at`: its end, behind the ']'. In it a '[' is a character, but in -[...], which is taken off; a ']' in front
 * is one, too. ICU has sets in sets, and -- for what is taken off. */
static size_t add_class(rs_buf *out, rs_text pattern, size_t at)
{
    size_t depth = 0;
    char before = '\0';

    while (at < pattern.size) {
        char c = pattern.bytes[at];
        bool first = before == '\0';
        if (c == '\\' && at + 1 < pattern.size) {
            rs_buf_add(out, rs_text_slice(pattern, at, 2));
            at += 2;
            before = 'x';
            continue;
        }
        if (c == '[' && (depth == 0 || before == '-')) {
            if (depth++ > 0)
                rs_buf_add_byte(out, '-');
            rs_buf_add_byte(out, c);
            if (++at < pattern.size && pattern.bytes[at] == '^')
                rs_buf_add_byte(out, pattern.bytes[at++]);
            before = '\0';
            continue;
        }
        if (c == '[' || (c == ']' && first))
            rs_buf_add_byte(out, '\\');
        else if (c == ']')
            depth--;
        rs_buf_add_byte(out, c);
        at++;
        before = c;
        if (depth == 0)
            break;
    }
    return at;
}

/* The pattern as ICU writes it: classes, and (?<name>, (?'name', \k<name> and \k'name'. */
static rs_text icu_pattern(struct rs_job *job, rs_text pattern, struct regex *out)
{
    rs_buf made = rs_buf_in(job);
    rs_text name;

    for (size_t at = 0, end; at < pattern.size;) {
        bool escaped = pattern.bytes[at] == '\\' && at + 1 < pattern.size;
        bool reference = escaped && pattern.bytes[at + 1] == 'k';
        bool group = rs_text_starts(rs_text_from_offset(pattern, at), RS_TEXT("(?"));
        if ((reference || group) && (end = name_at(pattern, at + 2, &name)) > 0) {
            rs_buf_add(&made, reference ? RS_TEXT("\\k<") : RS_TEXT("(?<"));
            add_name(&made, name);
            rs_buf_add_byte(&made, '>');
            if (group)
                rs_vec_push(job, &out->names, name);
            at = end;
        } else if (pattern.bytes[at] == '[') {
            at = add_class(&made, pattern, at);
        } else {
            rs_buf_add(&made, rs_text_slice(pattern, at, 1 + (size_t)escaped));
            at += 1 + (size_t)escaped;
        }
    }
    return rs_buf_text(&made);
}

static int32_t named_group(struct rs_job *job, const struct regex *regex, rs_text name)
{
    UErrorCode error = U_ZERO_ERROR;
    rs_buf known = rs_buf_in(job);

    add_name(&known, name);
    rs_text text = rs_buf_text(&known);
    int32_t group = uregex_groupNumberFromCName(regex->expression, text.bytes, (int32_t)text.size, &error);
    return U_FAILURE(error) ? -1 : group;
}

/* Arguments 0 and 1 are text and pattern, `options` the index of the RegexOptions. */
static bool regex_open(struct expr_call *call, int options, struct regex *out)
{
    UErrorCode error = U_ZERO_ERROR;
    rs_text text, pattern;
    int32_t flags, pattern_size = 0;
    const UChar *pattern_units;

    if (!expr_text(call, 0, &text) || !expr_text(call, 1, &pattern) || !expr_whole_or(call, options, 0, &flags))
        return false;
    if (pattern.size > PATTERN_MAX || text.size > INT32_MAX / 4) {
        call->error = EXPR_ERROR("the pattern or the text is too long for a regular expression");
        return false;
    }
    pattern_units = to_utf16(call, icu_pattern(call->job, pattern, out), &pattern_size);
    out->text = to_utf16(call, text, &out->size);
    if (!pattern_units || !out->text) {
        call->error = EXPR_ERROR("not enough memory");
        return false;
    }
    if (pattern_size == 0) { /* ICU refuses it; it matches everywhere */
        static const UChar empty[] = {'(', '?', ':', ')', 0};
        pattern_units = empty;
        pattern_size = 4;
    }
    out->expression = expr_regex_compile(pattern_units, pattern_size, icu_flags(flags), &error);
    if (U_SUCCESS(error)) {
        uregex_setTimeLimit(out->expression, TIME_LIMIT, &error);
        uregex_setText(out->expression, out->text, out->size, &error);
    }
    if (U_FAILURE(error)) {
        uregex_close(out->expression);
        out->expression = NULL;
        call->error = expr_error(call, "\"%.*s\" is not a regular expression that is supported: %s",
                                 RS_TEXT_ARG(rs_text_slice(pattern, 0, 200)), u_errorName(error));
        return false;
    }
    return true;
}

static struct value regex_failed(struct expr_call *call, UErrorCode error)
{
    return error == U_REGEX_TIME_OUT ? EXPR_ERROR("the regular expression takes too long")
                                     : expr_error(call, "the regular expression failed: %s", u_errorName(error));
}

struct value fn_regex_is_match(struct expr_call *call)
{
    __attribute__((cleanup(regex_finish))) struct regex regex = {0};
    UErrorCode error = U_ZERO_ERROR;

    if (!regex_open(call, 2, &regex))
        return expr_failed(call);
    bool found = uregex_find(regex.expression, 0, &error);
    return U_FAILURE(error) ? regex_failed(call, error) : value_boolean(found);
}

/* Where a group of the first match is; false (and the empty text) where there is none. */
static bool match_group(struct regex *regex, int32_t group, int32_t *from, int32_t *end, UErrorCode *error)
{
    *from = *end = 0;
    if (group < 0 || group > uregex_groupCount(regex->expression, error) || !uregex_find(regex->expression, 0, error))
        return false;
    *from = uregex_start(regex->expression, group, error);
    *end = uregex_end(regex->expression, group, error);
    return U_SUCCESS(*error) && *from >= 0;
}

/* Regex.Match(...).Groups(group).Value; a group that did not take part is empty. */
struct value fn_regex_match_group(struct expr_call *call)
{
    __attribute__((cleanup(regex_finish))) struct regex regex = {0};
    UErrorCode error = U_ZERO_ERROR;
    struct value which = expr_value(call, 3);
    int32_t group = 0, from, end;

    if (!regex_open(call, 2, &regex))
        return expr_failed(call);
    if (which.kind == VALUE_TEXT)
        group = named_group(call->job, &regex, value_bytes(which));
    else if (!expr_whole_or(call, 3, 0, &group))
        return expr_failed(call);
    if (!match_group(&regex, group, &from, &end, &error))
        from = end = 0;
    if (U_FAILURE(error))
        return regex_failed(call, error);
    return value_text(to_utf8(call->job, regex.text + from, end - from));
}

/* Regex.Match(...): the text of the first match, or the empty text. Its members are read by the compiler
 * (library.c), which knows that the text is a match. */
struct value fn_regex_match(struct expr_call *call)
{
    return fn_regex_match_group(call);
}

/* ---- Replace ------------------------------------------------------------------------------- */

static void append_units(rs_buf *buf, struct rs_job *job, const UChar *units, int32_t count)
{
    if (count > 0)
        rs_buf_add(buf, to_utf8(job, units, count));
}

static void append_group(struct expr_call *call, const struct regex *regex, int32_t group, rs_buf *out, UErrorCode *error)
{
    int32_t from = uregex_start(regex->expression, group, error), end = uregex_end(regex->expression, group, error);

    if (U_SUCCESS(*error) && from >= 0)
        append_units(out, call->job, regex->text + from, end - from);
}

/* The number behind $: as many digits as name a group. False where there is none. */
static bool group_number(rs_text text, size_t *at, int32_t groups, int32_t *out)
{
    size_t i = *at;
    bool braced = i < text.size && text.bytes[i] == '{', found = false;
    int32_t number = 0;

    for (i += braced; i < text.size && rs_is_digit(text.bytes[i]); i++) {
        if (number > groups || number * 10 + (text.bytes[i] - '0') > groups)
            break;
        number = number * 10 + (text.bytes[i] - '0');
        found = true;
    }
    if (braced && (i >= text.size || text.bytes[i] != '}'))
        return false;
    if (!found)
        return false;
    *at = i + braced;
    *out = number;
    return true;
}

/* $1 ${1} ${name} $& $0 $$ in the replacement. */
static void append_replacement(struct expr_call *call, const struct regex *regex, rs_text replacement, rs_buf *out,
                               UErrorCode *error)
{
    int32_t groups = uregex_groupCount(regex->expression, error), group;

    for (size_t at = 0; at < replacement.size && U_SUCCESS(*error);) {
        char c = replacement.bytes[at++], after = at < replacement.size ? replacement.bytes[at] : '\0';
        if (c != '$') {
            rs_buf_add_byte(out, c);
            continue;
        }
        ptrdiff_t end = after == '{' ? rs_text_find_byte(rs_text_from_offset(replacement, at), '}') : -1;
        if (after == '$' || after == '&') {
            at++;
            if (after == '$')
                rs_buf_add_byte(out, '$');
            else
                append_group(call, regex, 0, out, error);
        } else if (group_number(replacement, &at, groups, &group)) {
            append_group(call, regex, group, out, error);
        } else if (end > 1 && (group = named_group(call->job, regex, rs_text_slice(replacement, at + 1, (size_t)end - 1))) >= 0) {
            at += (size_t)end + 1;
            append_group(call, regex, group, out, error);
        } else {
            rs_buf_add_byte(out, '$');
        }
    }
}

struct value fn_regex_replace(struct expr_call *call)
{
    __attribute__((cleanup(regex_finish))) struct regex regex = {0};
    UErrorCode error = U_ZERO_ERROR;
    rs_buf buf = rs_buf_in(call->job);
    rs_text replacement;
    int32_t from = 0;

    if (!expr_text(call, 2, &replacement) || !regex_open(call, 3, &regex))
        return expr_failed(call);
    while (uregex_findNext(regex.expression, &error) && U_SUCCESS(error)) {
        append_units(&buf, call->job, regex.text + from, uregex_start(regex.expression, 0, &error) - from);
        append_replacement(call, &regex, replacement, &buf, &error);
        from = uregex_end(regex.expression, 0, &error);
        if (expr_too_long(call, &buf))
            return expr_failed(call);
    }
    if (U_FAILURE(error))
        return regex_failed(call, error);
    append_units(&buf, call->job, regex.text + from, regex.size - from);
    return expr_buf_value(&buf);
}

struct value fn_regex_split(struct expr_call *call)
{
    __attribute__((cleanup(regex_finish))) struct regex regex = {0};
    UErrorCode error = U_ZERO_ERROR;
    RS_VEC(rs_text) parts = {0};
    int32_t from = 0;

    if (!regex_open(call, 2, &regex))
        return expr_failed(call);
    while (uregex_findNext(regex.expression, &error) && U_SUCCESS(error)) {
        int32_t start = uregex_start(regex.expression, 0, &error);
        if (parts.count == EXPR_ITEMS_MAX)
            return EXPR_ERROR("Regex.Split makes too many parts");
        rs_vec_push(call->job, &parts, to_utf8(call->job, regex.text + from, start - from));
        from = uregex_end(regex.expression, 0, &error);
        for (int32_t group = 1; group <= uregex_groupCount(regex.expression, &error); group++) { /* what it captured stays */
            int32_t at = uregex_start(regex.expression, group, &error);
            if (at >= 0)
                rs_vec_push(call->job, &parts, to_utf8(call->job, regex.text + at, uregex_end(regex.expression, group, &error) - at));
        }
    }
    if (U_FAILURE(error))
        return regex_failed(call, error);
    rs_vec_push(call->job, &parts, to_utf8(call->job, regex.text + from, regex.size - from));
    return expr_array_of_texts(call, parts.items, parts.count);
}

/* ---- matches with their groups ------------------------------------------------------------- */

bool expr_regex_find(struct expr_call *call, size_t most, struct expr_regex_matches *out)
{
    __attribute__((cleanup(regex_finish))) struct regex regex = {0};
    UErrorCode error = U_ZERO_ERROR;
    RS_VEC(struct expr_regex_group) found = {0};
    rs_text *names;

    if (!regex_open(call, 2, &regex))
        return false;
    *out = (struct expr_regex_matches){.groups = (size_t)uregex_groupCount(regex.expression, &error) + 1};
    while (out->count < most && found.count < EXPR_ITEMS_MAX && uregex_findNext(regex.expression, &error) && U_SUCCESS(error)) {
        for (int32_t group = 0; group < (int32_t)out->groups; group++) {
            int32_t from = uregex_start(regex.expression, group, &error), end = uregex_end(regex.expression, group, &error);
            rs_text text = from >= 0 ? to_utf8(call->job, regex.text + from, end - from) : RS_TEXT("");
            rs_vec_push(call->job, &found, ((struct expr_regex_group){text, from}));
        }
        out->count++;
    }
    if (U_FAILURE(error)) {
        call->error = regex_failed(call, error);
        return false;
    }
    names = RS_NEW_ARRAY(call->job, rs_text, out->groups);
    for (size_t i = 0; i < regex.names.count; i++) {
        int32_t group = named_group(call->job, &regex, regex.names.items[i]);
        if (group >= 0)
            names[group] = regex.names.items[i];
    }
    out->items = found.items;
    out->names = names;
    return true;
}

/* Regex.Matches in an expression: the texts of the matches. */
struct value fn_regex_matches(struct expr_call *call)
{
    struct expr_regex_matches found;
    rs_text *texts;

    if (!expr_regex_find(call, EXPR_ITEMS_MAX, &found))
        return expr_failed(call);
    texts = RS_NEW_ARRAY(call->job, rs_text, found.count + 1);
    for (size_t i = 0; i < found.count; i++)
        texts[i] = found.items[i * found.groups].text;
    return expr_array_of_texts(call, texts, found.count);
}

struct value fn_regex_escape(struct expr_call *call)
{
    rs_buf buf = rs_buf_in(call->job);
    rs_text text;

    if (!expr_text(call, 0, &text))
        return expr_failed(call);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        if (c == '\t' || c == '\n' || c == '\r' || c == '\f') {
            rs_buf_add_byte(&buf, '\\');
            rs_buf_add_byte(&buf, c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : 'f');
            continue;
        }
        if (c && strchr("\\*+?|{[()^$.# ", c))
            rs_buf_add_byte(&buf, '\\');
        rs_buf_add_byte(&buf, c);
    }
    return expr_buf_value(&buf);
}
