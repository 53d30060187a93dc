#include "report/data/json_path.h"

#include "base/vec.h"

struct reader {
    struct rs_job *job;
    rs_text text;
    size_t at;
};

static rs_status syntax(struct reader *r, const char *expected)
{
    return rs_fail(r->job, DATA_QUERY, "the JSON path lacks %s at column %zu", expected, r->at + 1);
}

static bool accept(struct reader *r, char c)
{
    if (r->at >= r->text.size || r->text.bytes[r->at] != c)
        return false;
    r->at++;
    return true;
}

static rs_status read_name(struct reader *r, rs_text *out)
{
    size_t start = r->at;

    while (r->at < r->text.size && !strchr(".[]'\"* \t\r\n", r->text.bytes[r->at]))
        r->at++;
    *out = rs_text_slice(r->text, start, r->at - start);
    return rs_text_is_empty(*out) ? syntax(r, "a name") : RS_OK;
}

static rs_status read_index(struct reader *r, struct json_step *step)
{
    bool negative = accept(r, '-');
    size_t start = r->at;

    while (r->at < r->text.size && rs_is_digit(r->text.bytes[r->at]) && r->at - start < 9)
        step->index = step->index * 10 + (r->text.bytes[r->at++] - '0');
    step->kind = JSON_STEP_INDEX;
    step->index = negative ? -step->index : step->index;
    return r->at == start ? syntax(r, "a number, a quoted name or *") : RS_OK;
}

/* Behind '['. */
static rs_status read_selector(struct reader *r, struct json_step *step)
{
    char quote = r->at < r->text.size ? r->text.bytes[r->at] : 0;

    if (accept(r, '*')) {
        step->kind = JSON_STEP_ALL;
    } else if (quote == '\'' || quote == '"') {
        size_t start = ++r->at;
        while (r->at < r->text.size && r->text.bytes[r->at] != quote)
            r->at++;
        step->name = rs_text_slice(r->text, start, r->at - start);
        if (!accept(r, quote))
            return syntax(r, "a closing quote");
    } else {
        RS_TRY(read_index(r, step));
    }
    return accept(r, ']') ? RS_OK : syntax(r, "a ']'");
}

static rs_status read_step(struct reader *r, bool is_first, struct json_step *step)
{
    *step = (struct json_step){.kind = JSON_STEP_NAME};
    if (accept(r, '['))
        return read_selector(r, step);
    if (!accept(r, '.') && !is_first)
        return syntax(r, "a '.' or '['");
    if (accept(r, '.'))
        step->kind = JSON_STEP_BELOW;
    else if (accept(r, '*')) {
        step->kind = JSON_STEP_ALL;
        return RS_OK;
    }
    return read_name(r, &step->name);
}

rs_status json_path_parse(struct rs_job *job, rs_text text, struct json_path *out)
{
    struct reader r = {job, rs_text_trim(text), 0};
    RS_VEC(struct json_step) steps = {0};

    if (text.size > JSON_PATH_MAX)
        return rs_fail(job, DATA_QUERY, "the JSON path has more than %zu bytes", JSON_PATH_MAX);
    bool is_first = !accept(&r, '$');
    while (r.at < r.text.size) {
        struct json_step step;
        RS_TRY(read_step(&r, is_first, &step));
        is_first = false;
        if (steps.count == JSON_PATH_STEPS_MAX)
            return rs_fail(job, DATA_QUERY, "the JSON path has more than %u steps", JSON_PATH_STEPS_MAX);
        rs_vec_push(job, &steps, step);
    }
    *out = (struct json_path){steps.items, steps.count};
    return RS_OK;
}
