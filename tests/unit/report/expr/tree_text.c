#include "tree_text.h"

static void arguments_text(const struct expr_arguments *arguments, rs_buf *out)
{
    for (size_t i = 0; i < arguments->count; i++) {
        const struct expr_argument *argument = &arguments->items[i];
        rs_buf_add_byte(out, ' ');
        if (argument->name.size > 0)
            rs_buf_printf(out, "%.*s:=", RS_TEXT_ARG(argument->name));
        if (argument->value)
            tree_text(argument->value, out);
        else
            rs_buf_add_byte(out, '_');
    }
}

static void type_text(const struct expr_type *type, rs_buf *out)
{
    rs_buf_add(out, type->name);
    if (type->is_array)
        rs_buf_add_literal(out, "()");
}

static void literal_text(const struct expr_token *token, rs_buf *out)
{
    switch (token->kind) {
    case EXPR_TOKEN_TEXT:
        rs_buf_printf(out, "\"%.*s\"", RS_TEXT_ARG(token->text));
        break;
    case EXPR_TOKEN_CHAR:
        rs_buf_printf(out, "\"%.*s\"c", RS_TEXT_ARG(token->text));
        break;
    case EXPR_TOKEN_DATE:
        rs_buf_printf(out, "#%.*s#", RS_TEXT_ARG(token->text));
        break;
    default:
        rs_buf_add(out, token->text);
    }
}

static void chain_text(const struct expr_node *node, rs_buf *out)
{
    if (node->left)
        tree_text(node->left, out);
    else
        rs_buf_add(out, node->name);
    for (size_t i = 0; i < node->suffix_count; i++) {
        const struct expr_suffix *suffix = &node->suffixes[i];
        if (suffix->op == EXPR_OP_OPEN) {
            rs_buf_add_byte(out, '[');
            arguments_text(&suffix->arguments, out);
            rs_buf_add_literal(out, " ]");
        } else {
            rs_buf_printf(out, "%s%.*s", expr_op_text(suffix->op), RS_TEXT_ARG(suffix->name));
        }
    }
}

void tree_text(const struct expr_node *node, rs_buf *out)
{
    switch (node->kind) {
    case EXPR_NODE_LITERAL:
        literal_text(&node->token, out);
        return;
    case EXPR_NODE_CHAIN:
        chain_text(node, out);
        return;
    case EXPR_NODE_UNARY:
        rs_buf_printf(out, "(%s ", expr_op_text(node->op));
        tree_text(node->left, out);
        break;
    case EXPR_NODE_BINARY:
        rs_buf_printf(out, "(%s ", expr_op_text(node->op));
        tree_text(node->left, out);
        rs_buf_add_byte(out, ' ');
        tree_text(node->right, out);
        break;
    case EXPR_NODE_ARRAY:
        rs_buf_add_literal(out, "(array");
        arguments_text(&node->arguments, out);
        break;
    case EXPR_NODE_NEW:
        rs_buf_add_literal(out, "(New ");
        type_text(&node->type, out);
        arguments_text(&node->arguments, out);
        break;
    case EXPR_NODE_CAST:
    case EXPR_NODE_TYPE_OF:
        rs_buf_add(out, node->kind == EXPR_NODE_CAST ? RS_TEXT("(cast ") : RS_TEXT("(typeof "));
        tree_text(node->left, out);
        rs_buf_add_byte(out, ' ');
        type_text(&node->type, out);
        break;
    case EXPR_NODE_GET_TYPE:
        rs_buf_add_literal(out, "(type ");
        type_text(&node->type, out);
        break;
    case EXPR_NODE_IF:
        rs_buf_add_literal(out, "(If");
        arguments_text(&node->arguments, out);
        break;
    }
    rs_buf_add_byte(out, ')');
}
