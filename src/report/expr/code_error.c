/* On Error, Resume and Err. What they set holds for the procedure while it runs, so it is done when it runs: see run_body
 * in code_run.c.
 */
#include "report/expr/code_body.h"

/* On Error Resume Next, On Error GoTo 0, On Error GoTo -1, On Error GoTo label */
rs_status code_on_error(struct code_body *body)
{
    const struct expr_token *next;

    body->on_error = true;
    if (!code_accept_word(&body->at, "Error"))
        return expr_refuse_token(body->job, &body->at, "Error");
    if (code_accept_word(&body->at, "Resume") && code_accept_word(&body->at, "Next")) {
        emit_statement(&body->compiler, EXPR_CODE_ON_ERROR, EXPR_ON_ERROR_NEXT, 0);
        return RS_OK;
    }
    if (!code_accept_word(&body->at, "GoTo"))
        return expr_refuse_token(body->job, &body->at, "Resume Next or GoTo");
    next = body->at.token + (body->at.token->op == EXPR_OP_SUBTRACT);
    if (next->kind != EXPR_TOKEN_NUMBER || (next == body->at.token && !rs_text_equal(next->text, RS_TEXT("0"))))
        return code_jump_to_label(body, true);
    emit_statement(&body->compiler, EXPR_CODE_ON_ERROR, next == body->at.token ? EXPR_ON_ERROR_NONE : EXPR_ON_ERROR_CLEAR, 0);
    body->at.token = next + 1;
    return RS_OK;
}

/* Resume, Resume Next, Resume label */
rs_status code_resume(struct code_body *body)
{
    enum expr_resume how = EXPR_RESUME_SAME;

    body->on_error = true;
    if (code_accept_word(&body->at, "Next"))
        how = EXPR_RESUME_NEXT;
    else if (!code_at_line_end(&body->at) && !code_at_word(&body->at, "Else") && body->at.token->kind == EXPR_TOKEN_NAME)
        how = EXPR_RESUME_ELSEWHERE;
    emit_statement(&body->compiler, EXPR_CODE_RESUME, (int32_t)how, 0);
    return how == EXPR_RESUME_ELSEWHERE ? code_jump_to_label(body, false) : RS_OK;
}

/* ---- Err ----------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum expr_err part;
    size_t most; /* arguments */
} parts[] = {
    {"Number", EXPR_ERR_NUMBER, 0}, {"Description", EXPR_ERR_DESCRIPTION, 0}, {"Source", EXPR_ERR_SOURCE, 0},
    {"Clear", EXPR_ERR_CLEAR, 0}, {"Raise", EXPR_ERR_RAISE, 5},
};

static rs_status compile_part(struct compiler *compiler, const struct expr_node *node, size_t *next, size_t part)
{
    const struct expr_suffix *call = *next < node->suffix_count && node->suffixes[*next].op == EXPR_OP_OPEN
                                         ? &node->suffixes[*next] : NULL;
    size_t count = call ? call->arguments.count : 0;

    if (count > parts[part].most || (parts[part].part == EXPR_ERR_RAISE && count == 0))
        return expr_fail_at(compiler->job, EXPR_SYNTAX, node->column, "Err.%s takes %s", parts[part].name,
                            parts[part].most ? "a number, a source and a description" : "no arguments");
    for (size_t i = 0; i < count; i++) {
        const struct expr_argument *argument = &call->arguments.items[i];
        if (argument->name.size > 0)
            return expr_fail_at(compiler->job, EXPR_UNSUPPORTED, argument->column, "named arguments of Err.%s are not supported",
                                parts[part].name);
        if (argument->value)
            RS_TRY(compile_node(compiler, argument->value));
        else
            emit_constant(compiler, value_null());
    }
    *next += call != NULL;
    emit(compiler, EXPR_CODE_ERR, (int32_t)parts[part].part, (int32_t)count, (int)count);
    return RS_OK;
}

rs_status code_compile_err(struct compiler *compiler, const struct expr_node *node, size_t *next, bool *done)
{
    size_t at = node->suffix_count > 0 && node->suffixes[0].op == EXPR_OP_OPEN && node->suffixes[0].arguments.count == 0;

    *done = rs_text_equal_nocase(node->name, RS_TEXT("Err")) && at < node->suffix_count && node->suffixes[at].op == EXPR_OP_DOT;
    if (!*done)
        return RS_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!rs_text_equal_nocase(node->suffixes[at].name, rs_text_from(parts[i].name)))
            continue;
        *next = at + 1;
        return compile_part(compiler, node, next, i);
    }
    return expr_fail_at(compiler->job, EXPR_UNSUPPORTED, node->column, "Err.%.*s is not supported",
                        RS_TEXT_ARG(node->suffixes[at].name));
}
