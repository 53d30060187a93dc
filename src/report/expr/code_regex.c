/* Regex objects of <Code>: New Regex(pattern, options), the Match and MatchCollection that they and Regex.Match give, groups.
 *
 * In expressions a match is its text (regex.c); here it is an object. A CODE_MATCH holds its text and its index, and behind them
 * those of its groups, whose names are its keys; the groups become objects, matches again, when they are asked for.
 */
#include "report/expr/code_object.h"
#include "report/expr/functions.h"
#include "report/expr/machine.h"
#include "report/expr/regex.h"

enum { MATCH_TEXT, MATCH_INDEX, MATCH_GROUPS };

static void push(struct value object, struct value v)
{
    rs_vec_push(object.object->memory, &object.object->items, code_keep(object.object->memory, v));
}

static void push_group(struct value match, struct expr_regex_group group)
{
    push(match, value_text(group.index >= 0 ? group.text : RS_TEXT("")));
    push(match, value_integer(group.index));
}

static struct value make_match(struct rs_job *memory, const struct expr_regex_matches *found, size_t match)
{
    const struct expr_regex_group *first = found->items + match * found->groups;
    struct value made = code_object_make(memory, CODE_MATCH);

    push_group(made, *first);
    for (size_t i = 0; i < found->groups; i++) {
        push_group(made, first[i]);
        rs_vec_push(memory, &made.object->keys, code_keep(memory, value_text(found->names[i])));
    }
    return made;
}

static struct value no_match(struct rs_job *memory)
{
    struct expr_regex_group nothing = {.index = -1};
    rs_text name = RS_TEXT("0");
    struct expr_regex_matches none = {1, 1, &nothing, &name};

    return make_match(memory, &none, 0);
}

/* Arguments as those of Regex.Match(text, pattern [, options]). */
static struct value find(struct rs_job *memory, struct expr_call *call, bool all)
{
    struct expr_regex_matches found;
    struct value list;

    if (!expr_regex_find(call, all ? EXPR_ITEMS_MAX : 1, &found))
        return expr_failed(call);
    if (!all)
        return found.count > 0 ? make_match(memory, &found, 0) : no_match(memory);
    list = code_object_make(memory, CODE_LIST);
    for (size_t i = 0; i < found.count; i++)
        push(list, make_match(memory, &found, i));
    return list;
}

struct value code_matches(struct run *run, const struct value *arguments, int count, bool all)
{
    struct expr_call call = {.job = run->job, .rules = &run->rules[0], .culture = run->culture, .arguments = arguments, .count = count};
    struct value found = find(run->env->code->memory, &call, all);

    run->status = call.status;
    return found;
}

/* ---- members of a Regex: those of the class, with the pattern of the object ------------------- */

static struct value with_pattern(struct expr_call *call, expr_function *function, struct value third)
{
    OBJECT_OR_FAIL(regex, call, 1u << CODE_REGEX);
    struct value options = regex->items.count > 0 ? regex->items.items[0] : value_integer(0);
    struct value arguments[4] = {expr_value(call, 1), expr_buf_value(&regex->text), options, options}, result;
    struct expr_call inner = *call;

    if (function == fn_regex_replace)
        arguments[2] = third;
    inner.arguments = arguments;
    inner.count = function == fn_regex_replace ? 4 : 3;
    result = function ? function(&inner) : find(regex->memory, &inner, third.boolean);
    call->status = inner.status;
    return result;
}

struct value object_is_match(struct expr_call *call)
{
    return with_pattern(call, fn_regex_is_match, value_null());
}

struct value object_match(struct expr_call *call)
{
    return with_pattern(call, NULL, value_boolean(false));
}

struct value object_matches(struct expr_call *call)
{
    return with_pattern(call, NULL, value_boolean(true));
}

struct value object_regex_replace(struct expr_call *call)
{
    return with_pattern(call, fn_regex_replace, expr_value(call, 2));
}

struct value object_split(struct expr_call *call)
{
    return with_pattern(call, fn_regex_split, value_null());
}

/* ---- members of a Match -------------------------------------------------------------------- */

struct value object_success(struct expr_call *call)
{
    OBJECT_OR_FAIL(match, call, 1u << CODE_MATCH);

    return value_boolean(match->items.items[MATCH_INDEX].integer >= 0);
}

struct value object_index(struct expr_call *call)
{
    OBJECT_OR_FAIL(match, call, 1u << CODE_MATCH);

    return match->items.items[MATCH_INDEX].integer >= 0 ? match->items.items[MATCH_INDEX] : value_integer(0);
}

struct value object_groups(struct expr_call *call)
{
    OBJECT_OR_FAIL(match, call, 1u << CODE_MATCH);
    struct value groups = code_object_make(match->memory, CODE_GROUPS), group;

    if (match->items.count <= MATCH_GROUPS)
        return EXPR_ERROR("a group has no groups");
    for (size_t i = 0; i < match->keys.count; i++) {
        group = code_object_make(match->memory, CODE_MATCH);
        push(group, match->items.items[MATCH_GROUPS + 2 * i]);
        push(group, match->items.items[MATCH_GROUPS + 2 * i + 1]);
        push(groups, group);
        rs_vec_push(match->memory, &groups.object->keys, match->keys.items[i]);
    }
    return groups;
}

/* groups(1), groups("name"): one that is not there took no part. */
struct value code_group(const struct value_object *groups, struct value index)
{
    for (size_t i = 0; index.kind == VALUE_TEXT && i < groups->keys.count; i++)
        if (groups->keys.items[i].size > 0 && rs_text_equal(value_bytes(groups->keys.items[i]), value_bytes(index)))
            return groups->items.items[i];
    if (value_is_number(index) && index.integer >= 0 && (size_t)index.integer < groups->items.count)
        return groups->items.items[index.integer];
    return no_match(groups->memory);
}
