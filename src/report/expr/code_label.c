/* Labels and GoTo in <Code>. A jump may leave blocks and not enter them; what a block keeps while it runs is in variables,
 * so that leaving it needs nothing but the jump. Labels may stand behind the jumps to them: these are set when the body is
 * compiled.
 */
#include "report/expr/code_body.h"

/* Name: as the first of its line. */
bool code_accept_label(struct code_body *body)
{
    const struct expr_token *token = body->at.token;

    if (!token->label || (token->kind != EXPR_TOKEN_NAME && token->kind != EXPR_TOKEN_NUMBER))
        return false;
    rs_vec_push(body->job, &body->labels, (struct code_label){token->text, body->block, body->compiler.code.count});
    body->compiler.barrier = body->compiler.code.count;
    emit_statement(&body->compiler, EXPR_CODE_LOOP, 0, 0); /* a jump back may have no end */
    body->at.token++;
    return true;
}

rs_status code_jump_to_label(struct code_body *body, bool on_error)
{
    struct code_goto jump = {.at = body->at, .line = body->line, .block = body->block, .on_error = on_error};

    if (body->at.token->kind != EXPR_TOKEN_NAME && body->at.token->kind != EXPR_TOKEN_NUMBER)
        return expr_refuse_token(body->job, &body->at, "a label");
    body->at.token++;
    jump.jump = emit_jump(&body->compiler, on_error ? EXPR_CODE_ON_ERROR : EXPR_CODE_JUMP, 0);
    rs_vec_push(body->job, &body->gotos, jump);
    return RS_OK;
}

rs_status code_goto(struct code_body *body)
{
    return code_jump_to_label(body, false);
}

/* Whether a jump from inside `from` may go to a label right inside `to`; *finally: a Finally block would be left out. */
static bool may_leave(const struct code_block *from, const struct code_block *to, bool *finally)
{
    *finally = false;
    for (; from != to; from = from->outer) {
        if (!from)
            return false;
        *finally |= from->finally != NULL;
    }
    return true;
}

static rs_status resolve(struct code_body *body, const struct code_goto *jump)
{
    rs_text name = jump->at.token->text;
    bool finally;

    body->line = jump->line;
    for (size_t i = 0; i < body->labels.count; i++) {
        const struct code_label *label = &body->labels.items[i];
        if (!rs_text_equal_nocase(label->name, name))
            continue;
        if (jump->on_error && label->block)
            return code_fail(body->job, EXPR_SYNTAX, &jump->at, "On Error GoTo %.*s jumps into a block", RS_TEXT_ARG(name));
        if (jump->on_error) {
            body->compiler.code.items[jump->jump].operand = EXPR_ON_ERROR_GO + (int32_t)label->position;
            return RS_OK;
        }
        if (!may_leave(jump->block, label->block, &finally))
            return code_fail(body->job, EXPR_SYNTAX, &jump->at, "GoTo %.*s jumps into a block", RS_TEXT_ARG(name));
        if (finally)
            return code_fail(body->job, EXPR_UNSUPPORTED, &jump->at, "GoTo %.*s out of a Try with Finally is not supported", RS_TEXT_ARG(name));
        body->compiler.code.items[jump->jump].operand = (int32_t)label->position;
        return RS_OK;
    }
    return code_fail(body->job, EXPR_UNKNOWN_NAME, &jump->at, "there is no label \"%.*s\" in this procedure", RS_TEXT_ARG(name));
}

rs_status code_resolve_labels(struct code_body *body)
{
    for (size_t i = 0; i < body->gotos.count; i++)
        RS_TRY(resolve(body, &body->gotos.items[i]));
    return RS_OK;
}
