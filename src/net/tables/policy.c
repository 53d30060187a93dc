#include "net/tables/policy.h"

#include <assert.h>

#include "base/buf.h"
#include "net/tables/policy_check.h"

static const struct policy_setting settings[] = {
#define POLICY(scope, id, name, kind, range, otherwise, check, help)                           \
    [POLICY_##scope##_##id] = {POLICY_##scope, name, POLICY_##kind, range, otherwise, help},
#include "net/tables/policy.def"
#undef POLICY
};

static policy_check *const checks[] = {
#define POLICY(scope, id, name, kind, range, otherwise, check, help) [POLICY_##scope##_##id] = policy_check_##check,
#include "net/tables/policy.def"
#undef POLICY
};

const struct policy_setting *policy_setting(enum policy_id id)
{
    return &settings[id];
}

bool policy_find(enum policy_scope scope, rs_text name, enum policy_id *out)
{
    for (size_t i = 0; i < POLICY_COUNT; i++)
        if (settings[i].scope == scope && rs_text_equal_nocase(name, rs_text_from(settings[i].name))) {
            *out = (enum policy_id)i;
            return true;
        }
    return false;
}

/* ---- ranges -------------------------------------------------------------------------------- */

static void range_numbers(const char *range, int64_t *least, int64_t *most)
{
    rs_text first, second;
    bool is_range = rs_text_cut(rs_text_from(range), ' ', &first, &second) && rs_parse_int64(first, least) &&
                    rs_parse_int64(second, most);

    assert(is_range);
}

static rs_text range_words(struct rs_job *job, const char *range)
{
    rs_buf words = rs_buf_in(job);
    rs_text rest = rs_text_from(range), word;

    while (rest.size > 0) {
        rs_text_cut(rest, ' ', &word, &rest);
        rs_buf_printf(&words, "%s%.*s", words.used == 0 ? "" : rest.size > 0 ? ", " : " or ", RS_TEXT_ARG(word));
    }
    return rs_buf_text(&words);
}

rs_text policy_range(struct rs_job *job, enum policy_id id)
{
    const struct policy_setting *setting = &settings[id];
    int64_t least, most;

    switch (setting->kind) {
    case POLICY_CHOICE:
        return range_words(job, setting->range);
    case POLICY_NUMBER:
        range_numbers(setting->range, &least, &most);
        return rs_text_format(job, "a number from %lld to %lld", (long long)least, (long long)most);
    case POLICY_FLAG:
        return RS_TEXT("yes or no");
    case POLICY_TEXT:
        break;
    }
    return rs_text_format(job, "a text of at most %s bytes", setting->range);
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool read_choice(const char *range, rs_text typed, rs_text *out)
{
    rs_text rest = rs_text_from(range), word;

    while (rest.size > 0) {
        rs_text_cut(rest, ' ', &word, &rest);
        *out = word;
        if (rs_text_equal_nocase(word, typed))
            return true;
    }
    return false;
}

static bool read_number(struct rs_job *job, const char *range, rs_text typed, rs_text *out)
{
    int64_t least, most, number;

    range_numbers(range, &least, &most);
    if (!rs_parse_int64(typed, &number) || number < least || number > most)
        return false;
    *out = rs_text_format(job, "%lld", (long long)number);
    return true;
}

static bool read_flag(rs_text typed, rs_text *out)
{
    static const char *const words[][2] = {{"yes", "yes"}, {"no", "no"}, {"true", "yes"}, {"false", "no"},
                                           {"on", "yes"}, {"off", "no"}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (rs_text_equal_nocase(typed, rs_text_from(words[i][0]))) {
            *out = rs_text_from(words[i][1]);
            return true;
        }
    return false;
}

/* One line of UTF-8: it goes into heads, logs and configuration files. */
static bool read_text(const char *range, rs_text typed, rs_text *out)
{
    int64_t most = 0;

    *out = typed;
    for (size_t i = 0; i < typed.size; i++)
        if ((unsigned char)typed.bytes[i] < ' ' || typed.bytes[i] == 0x7f)
            return false;
    return rs_parse_int64(rs_text_from(range), &most) && typed.size <= (size_t)most && rs_text_is_utf8(typed);
}

static bool read_kind(struct rs_job *job, const struct policy_setting *setting, rs_text typed, rs_text *out)
{
    switch (setting->kind) {
    case POLICY_CHOICE:
        return read_choice(setting->range, typed, out);
    case POLICY_NUMBER:
        return read_number(job, setting->range, typed, out);
    case POLICY_FLAG:
        return read_flag(typed, out);
    case POLICY_TEXT:
        break;
    }
    return read_text(setting->range, typed, out);
}

rs_status policy_read(struct rs_job *job, enum policy_id id, rs_text typed, rs_text *out)
{
    const struct policy_setting *setting = &settings[id];
    rs_text value = rs_text_trim(typed);
    rs_status status;

    if (!read_kind(job, setting, value, &value)) {
        rs_text range = policy_range(job, id);
        return rs_fail(job, RS_INVALID, "%s is \"%.*s\"; it may be %.*s", setting->name, RS_TEXT_ARG(typed),
                       RS_TEXT_ARG(range));
    }
    status = checks[id](job, value, out);
    if (status != RS_OK)
        rs_within(job, "%s", setting->name);
    return status;
}

/* ---- what holds ---------------------------------------------------------------------------- */

bool policy_next_header(rs_text *rest, rs_text *name, rs_text *value)
{
    rs_text one = {NULL, 0};

    while (rest->size > 0 && one.size == 0) {
        rs_text_cut(*rest, '|', &one, rest);
        one = rs_text_trim(one);
    }
    rs_text_cut(one, ':', name, value);
    *name = rs_text_trim(*name);
    *value = rs_text_trim(*value);
    return one.size > 0;
}

const rs_text *policy_set(const struct tables_policy *policy, enum policy_id id)
{
    for (size_t i = 0; i < policy->count; i++)
        if (policy->values[i].id == id)
            return &policy->values[i].text;
    return NULL;
}

rs_text policy_text(const struct tables_policy *policy, enum policy_id id)
{
    const rs_text *set = policy_set(policy, id);

    return set ? *set : rs_text_from(settings[id].otherwise);
}

int64_t policy_number(const struct tables_policy *policy, enum policy_id id)
{
    int64_t number = 0;
    bool is_number = rs_parse_int64(policy_text(policy, id), &number);

    assert(settings[id].kind == POLICY_NUMBER && is_number);
    return number;
}

bool policy_flag(const struct tables_policy *policy, enum policy_id id)
{
    assert(settings[id].kind == POLICY_FLAG);
    return rs_text_equal(policy_text(policy, id), RS_TEXT("yes"));
}
