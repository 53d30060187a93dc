#include "base/buf.h"
#include "report/expr/code_given.h"
#include "report/expr/compiler.h"
#include "report/expr/functions.h"
#include "report/expr/library.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static bool same(rs_text a, const char *b)
{
    /* The first letter decides most of the time. */
    return a.size > 0 && rs_lower(a.bytes[0]) == rs_lower(b[0]) && rs_text_equal_nocase(a, rs_text_from(b));
}

/* ---- modules and types --------------------------------------------------------------------- */

/* Parts of a qualified name that say nothing: System.Math.Round is Math.Round. */
static const char *const namespaces[] = {
    "Global", "System", "Microsoft", "VisualBasic", "Text", "RegularExpressions", "Globalization", "Collections",
    "Web", "Net", "Drawing", "Data", "Encoding", "Generic", "IO",
};

static const struct {
    const char *name;   /* as written */
    const char *module; /* where its members stand in functions.def and constants.def */
    bool bare;          /* its members need no qualifier */
} modules[] = {
#define EXPR_MODULE(name, module, bare) {#name, #module, bare},
#include "report/expr/modules.def"
#undef EXPR_MODULE
};

static bool is_namespace(rs_text name)
{
    for (size_t i = 0; i < COUNT_OF(namespaces); i++)
        if (same(name, namespaces[i]))
            return true;
    return false;
}

static const char *find_module(rs_text name)
{
    for (size_t i = 0; i < COUNT_OF(modules); i++)
        if (same(name, modules[i].name))
            return modules[i].module;
    return NULL;
}

static bool module_is_bare(const char *module)
{
    for (size_t i = 0; i < COUNT_OF(modules); i++)
        if (strcmp(module, modules[i].module) == 0)
            return modules[i].bare;
    return false;
}

int find_type(rs_text name)
{
    rs_text rest = name, part;

    while (rs_text_cut(rest, '.', &part, &rest))
        if (!is_namespace(part))
            return -1;
    for (size_t i = 0; i < expr_type_count; i++)
        if (same(part, expr_types[i].name))
            return (int)i;
    return -1;
}

/* ---- tables -------------------------------------------------------------------------------- */

static int find_function(const char *module, rs_text name)
{
    for (size_t i = 0; i < expr_function_count; i++)
        if (same(name, expr_functions[i].name) &&
            (module ? strcmp(module, expr_functions[i].module) == 0 : module_is_bare(expr_functions[i].module)))
            return (int)i;
    return -1;
}

static const struct value *find_constant(const char *module, rs_text name)
{
    for (size_t i = 0; i < expr_constant_count; i++)
        if (same(name, expr_constants[i].name) &&
            (module ? strcmp(module, expr_constants[i].module) == 0 : module_is_bare(expr_constants[i].module)))
            return &expr_constants[i].value;
    return NULL;
}

int expr_find_member(rs_text name)
{
    for (size_t i = 0; i < expr_member_count; i++)
        if (same(name, expr_members[i].name))
            return (int)i;
    return -1;
}

/* One parameter of a list "a, b, [c], ..."; false behind the last. */
static bool next_parameter(const char **list, rs_text *name, bool *optional, bool *rest)
{
    const char *at = *list;
    size_t size;

    while (*at == ' ' || *at == ',')
        at++;
    if (*at == '\0')
        return false;
    size = strcspn(at, ",");
    *rest = strncmp(at, "...", 3) == 0;
    *optional = *at == '[';
    *name = *optional ? rs_text_of(at + 1, size - 2) : rs_text_of(at, size);
    *list = at + size;
    return true;
}

void expr_parameters_range(const char *parameters, int *least, int *most)
{
    bool optional, rest;
    rs_text name;

    *least = *most = 0;
    while (next_parameter(&parameters, &name, &optional, &rest)) {
        if (rest) {
            *most = -1;
            return;
        }
        ++*most;
        *least += !optional;
    }
}

/* ---- arguments ----------------------------------------------------------------------------- */

#define PARAMETERS_MAX 16

static int parameter_index(const char *parameters, rs_text wanted)
{
    bool optional, rest;
    rs_text name;

    for (int i = 0; next_parameter(&parameters, &name, &optional, &rest); i++)
        if (rs_text_equal_nocase(name, wanted))
            return i;
    return -1;
}

/* Put arguments in the order of the parameters; *count is where the last one given stands. */
static rs_status place_arguments(struct compiler *compiler, const struct expr_arguments *arguments, const char *function,
                                 const char *parameters, const struct expr_argument **placed, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < arguments->count; i++) {
        const struct expr_argument *argument = &arguments->items[i];
        int index = argument->name.size > 0 ? parameter_index(parameters, argument->name) : (int)i;
        if (index < 0 || index >= PARAMETERS_MAX)
            return expr_fail_at(compiler->job, EXPR_SYNTAX, argument->column, "%s has no parameter \"%.*s\"", function,
                                RS_TEXT_ARG(argument->name));
        if (placed[index])
            return expr_fail_at(compiler->job, EXPR_SYNTAX, argument->column,
                                "%s is given \"%.*s\" twice", function, RS_TEXT_ARG(argument->name));
        placed[index] = argument;
        if ((size_t)index + 1 > *count)
            *count = (size_t)index + 1;
    }
    return RS_OK;
}

static rs_status compile_argument(struct compiler *compiler, const struct expr_argument *argument, bool *typed)
{
    if (argument && argument->value) {
        RS_TRY(compile_node(compiler, argument->value));
        *typed = *typed && compiler->typed;
        return RS_OK;
    }
    emit_constant(compiler, (struct value){.kind = VALUE_NULL, .flags = EXPR_LEFT_OUT});
    return RS_OK;
}

static rs_status check_count(struct compiler *compiler, const char *function, size_t column, size_t count, int least,
                             int most)
{
    if (count >= (size_t)least && (most < 0 || count <= (size_t)most))
        return RS_OK;
    if (least == most)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, column, "%s takes %d argument%s, not %zu", function, least,
                            least == 1 ? "" : "s", count);
    if (most < 0)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, column, "%s takes at least %d argument%s, not %zu", function,
                            least, least == 1 ? "" : "s", count);
    return expr_fail_at(compiler->job, EXPR_SYNTAX, column, "%s takes %d to %d arguments, not %zu", function, least,
                        most, count);
}

/* Leave the arguments of a function on the stack; *typed: the type of each is known. */
static rs_status compile_arguments(struct compiler *compiler, const struct expr_arguments *arguments,
                                   const char *function, const char *parameters, size_t column, size_t *count,
                                   bool *typed)
{
    const struct expr_argument *placed[PARAMETERS_MAX] = {0};
    const char *list = parameters;
    bool optional, rest;
    int least, most;
    rs_text name;

    *typed = true;
    expr_parameters_range(parameters, &least, &most);
    if (most < 0 || arguments->count > (size_t)most) {
        RS_TRY(check_count(compiler, function, column, arguments->count, least, most));
        *count = arguments->count;
        for (size_t i = 0; i < arguments->count; i++)
            RS_TRY(compile_argument(compiler, &arguments->items[i], typed));
        return RS_OK;
    }
    RS_TRY(place_arguments(compiler, arguments, function, parameters, placed, count));
    for (size_t i = 0; next_parameter(&list, &name, &optional, &rest); i++) {
        if (!optional && (!placed[i] || !placed[i]->value)) {
            RS_TRY(check_count(compiler, function, column, arguments->count, least, most));
            return expr_fail_at(compiler->job, EXPR_SYNTAX, column, "%s needs the argument \"%.*s\"", function,
                                RS_TEXT_ARG(name));
        }
        if (i < *count)
            RS_TRY(compile_argument(compiler, placed[i], typed));
    }
    return RS_OK;
}

/* ---- functions ----------------------------------------------------------------------------- */

static rs_status emit_call(struct compiler *compiler, int row, const struct expr_arguments *arguments, size_t column)
{
    const struct expr_function_row *function = &expr_functions[row];
    const char *shown = function->name[0] == '.' ? function->module : function->name;
    size_t count;
    bool typed;

    RS_TRY(compile_arguments(compiler, arguments, shown, function->parameters, column, &count, &typed));
    emit_folded(compiler, EXPR_CODE_CALL, row, (int32_t)count, (int)count, function->folding);
    compiler->typed = function->typing == EXPR_STRICT || (function->typing == EXPR_LATE && typed);
    return RS_OK;
}

static bool is_member(const struct expr_node *node, size_t index, const char *name)
{
    return index < node->suffix_count && node->suffixes[index].op == EXPR_OP_DOT && same(node->suffixes[index].name, name);
}

/* Regex.Match and Matches as objects, which <Code> may keep. */
static rs_status compile_matches(struct compiler *compiler, int row, const struct expr_arguments *arguments, bool all, size_t column)
{
    size_t count;
    bool typed;

    RS_TRY(compile_arguments(compiler, arguments, expr_functions[row].name, expr_functions[row].parameters, column, &count, &typed));
    emit(compiler, EXPR_CODE_MATCHES, all, (int32_t)count, (int)count);
    compiler->typed = false;
    return RS_OK;
}

/* In expressions Regex.Match(...) gives the text of the match, so what may stand behind it is told apart here: .Value,
 * .Success, .Groups(1).Value. */
static rs_status compile_match(struct compiler *compiler, const struct expr_node *node, const struct expr_arguments *arguments,
                               size_t *next)
{
    struct expr_argument four[4] = {{0}};
    struct expr_arguments extended = {four, 4};

    if (is_member(node, *next, "Success")) {
        ++*next;
        return emit_call(compiler, find_function("Regex", RS_TEXT("IsMatch")), arguments, node->column);
    }
    if (is_member(node, *next, "Groups") && *next + 1 < node->suffix_count && node->suffixes[*next + 1].op == EXPR_OP_OPEN &&
        node->suffixes[*next + 1].arguments.count == 1 && arguments->count <= 3) {
        if (arguments->count > 0)
            memcpy(four, arguments->items, arguments->count * sizeof *four);
        four[3] = node->suffixes[*next + 1].arguments.items[0];
        *next += 2 + is_member(node, *next + 2, "Value");
        return emit_call(compiler, find_function("Regex", RS_TEXT("MatchGroup")), &extended, node->column);
    }
    if (compiler->body && !is_member(node, *next, "Value"))
        return compile_matches(compiler, find_function("Regex", RS_TEXT("Match")), arguments, false, node->column);
    *next += is_member(node, *next, "Value");
    return emit_call(compiler, find_function("Regex", RS_TEXT("Match")), arguments, node->column);
}

/* Part `index` of a qualified name: 0 is the name itself; NULL where no .Name follows. */
static const rs_text *name_part(const struct expr_node *node, size_t index)
{
    if (index == 0)
        return &node->name;
    if (index > node->suffix_count || node->suffixes[index - 1].op != EXPR_OP_DOT)
        return NULL;
    return &node->suffixes[index - 1].name;
}

/* Visual Basic's functions that need a desktop, files or other programs, which a report has not. */
static bool needs_a_desktop(rs_text name)
{
    static const char *const names[] = {
        "MsgBox", "InputBox", "Shell", "Beep", "AppActivate", "Command", "CreateObject", "GetObject", "CallByName",
        "GetSetting", "SaveSetting", "DeleteSetting", "GetAllSettings", "Dir", "FreeFile", "FileOpen", "FileClose", "FileLen",
        "FileCopy", "FileDateTime", "Kill", "MkDir", "RmDir", "CurDir", "ChDir", "Environ", "Process.Start",
        "Diagnostics.Process.Start", "System.Diagnostics.Process.Start",
    };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (same(name, names[i]))
            return true;
    return false;
}

static rs_status refuse_desktop(struct compiler *compiler, const struct expr_node *node, rs_text name, size_t *next)
{
    rs_text why = rs_text_format(compiler->job, "%.*s is not supported: a report has no desktop, no files and no other programs",
                                 RS_TEXT_ARG(name));

    return compiler->body ? code_compile_refused(compiler, node, next, why)
                          : expr_fail_at(compiler->job, EXPR_UNSUPPORTED, node->column, "%.*s", RS_TEXT_ARG(why));
}

static rs_status refuse_name(struct compiler *compiler, const struct expr_node *node, size_t *next)
{
    rs_buf path = rs_buf_in(compiler->job);
    const rs_text *part;
    size_t parts = 0;

    for (; (part = name_part(node, parts)); parts++) {
        if (parts > 0)
            rs_buf_add_byte(&path, '.');
        rs_buf_add(&path, *part);
    }
    if (needs_a_desktop(rs_buf_text(&path))) {
        *next = parts - 1;
        return refuse_desktop(compiler, node, rs_buf_text(&path), next);
    }
    if (parts == 1) {
        if (node->suffix_count > 0 && node->suffixes[0].op == EXPR_OP_OPEN)
            return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, node->column, "there is no function \"%.*s\"",
                                RS_TEXT_ARG(node->name));
        return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, node->column,
                            "there is nothing called \"%.*s\"; a text stands between \" and \"", RS_TEXT_ARG(node->name));
    }
    return expr_fail_at(compiler->job, EXPR_UNSUPPORTED, node->column,
                        "%.*s is not supported: it is no member of Visual Basic or .NET that is known here (custom "
                        "assemblies are not loaded)", RS_TEXT_ARG(rs_buf_text(&path)));
}

/* Type.TryParse(...) in <Code>; *row: the type's Parse. */
static bool is_try(const struct compiler *compiler, const struct expr_node *node, const char *module, rs_text name,
                   size_t next, int *row)
{
    return compiler->body && module && rs_text_starts_nocase(name, RS_TEXT("TryParse")) && next < node->suffix_count &&
           node->suffixes[next].op == EXPR_OP_OPEN &&
           (*row = find_function(module, rs_text_from_offset(name, strlen("Try")))) >= 0;
}

rs_status compile_library_name(struct compiler *compiler, const struct expr_node *node, size_t *next)
{
    static const struct expr_arguments none = {NULL, 0};
    const struct value *constant;
    const char *module = NULL;
    size_t part = 0;
    int row, least, most;

    while (name_part(node, part + 1) && is_namespace(*name_part(node, part)))
        part++;
    if (name_part(node, part + 1) && (module = find_module(*name_part(node, part))))
        part++;
    rs_text name = *name_part(node, part);
    *next = part;
    if ((constant = find_constant(module, name))) {
        emit_constant(compiler, *constant);
        return RS_OK;
    }
    row = find_function(module, name);
    if (row < 0 && is_try(compiler, node, module, name, *next, &row))
        return code_compile_try_parse(compiler, row, &node->suffixes[(*next)++].arguments, node->column);
    if (row < 0 && compiler->body && module && strcmp(module, "Array") == 0 && *next < node->suffix_count &&
        node->suffixes[*next].op == EXPR_OP_OPEN) {
        const struct expr_arguments *arguments = &node->suffixes[(*next)++].arguments;
        if (same(name, "Sort") || same(name, "Reverse"))
            return code_compile_array_order(compiler, same(name, "Reverse"), arguments, node->column);
        if (same(name, "Copy"))
            return code_compile_array_copy(compiler, arguments, node->column);
        --*next;
    }
    if (row < 0)
        return refuse_name(compiler, node, next);
    expr_parameters_range(expr_functions[row].parameters, &least, &most);
    if (*next < node->suffix_count && node->suffixes[*next].op == EXPR_OP_OPEN &&
        (most != 0 || node->suffixes[*next].arguments.count == 0)) {
        const struct expr_suffix *call = &node->suffixes[(*next)++];
        if (expr_functions[row].function == fn_regex_match)
            return compile_match(compiler, node, &call->arguments, next);
        if (compiler->body && expr_functions[row].function == fn_regex_matches)
            return compile_matches(compiler, row, &call->arguments, true, node->column);
        return emit_call(compiler, row, &call->arguments, node->column);
    }
    return emit_call(compiler, row, &none, node->column);
}

rs_status compile_new(struct compiler *compiler, const struct expr_node *node)
{
    rs_text rest = node->type.name, part;
    const char *module;
    bool done;
    int row;

    RS_TRY(code_compile_new(compiler, node, &done));
    if (done)
        return RS_OK;
    if (node->type.is_array) {
        for (size_t i = 0; i < node->arguments.count; i++)
            RS_TRY(compile_node(compiler, node->arguments.items[i].value));
        emit(compiler, EXPR_CODE_ARRAY, 0, (int32_t)node->arguments.count, (int)node->arguments.count);
        return RS_OK;
    }
    while (rs_text_cut(rest, '.', &part, &rest))
        continue;
    module = find_module(part);
    row = module ? find_function(module, RS_TEXT(".new")) : -1;
    if (row < 0)
        return expr_fail_at(compiler->job, EXPR_UNSUPPORTED, node->column, "New %.*s is not supported",
                            RS_TEXT_ARG(node->type.name));
    return emit_call(compiler, row, &node->arguments, node->column);
}

/* ---- members ------------------------------------------------------------------------------- */

/* How many arguments the rows of one name take, over all kinds. */
static void member_range(int first, int *least, int *most)
{
    const char *name = expr_members[first].name;
    int row_least, row_most;

    expr_parameters_range(expr_members[first].parameters, least, most);
    for (size_t i = (size_t)first + 1; i < expr_member_count && strcmp(expr_members[i].name, name) == 0; i++) {
        expr_parameters_range(expr_members[i].parameters, &row_least, &row_most);
        *least = row_least < *least ? row_least : *least;
        *most = row_most < 0 || *most < 0 ? -1 : row_most > *most ? row_most : *most;
    }
}

rs_status compile_member(struct compiler *compiler, const struct expr_node *node, size_t index, size_t *next)
{
    const struct expr_suffix *suffix = &node->suffixes[index];
    const struct expr_suffix *call = index + 1 < node->suffix_count ? suffix + 1 : NULL;
    int row = expr_find_member(suffix->name), least, most;
    size_t count = 0;
    bool typed = true, done;

    RS_TRY(code_compile_own_member(compiler, node, index, next, &done));
    if (done)
        return RS_OK;
    *next = index + 1;
    /* An enumeration is a whole number here, so the name of its value is found with the member that gives it. */
    if (same(suffix->name, "DayOfWeek") && is_member(node, *next, "ToString")) {
        row = expr_find_member(RS_TEXT(".DayOfWeekName"));
        ++*next;
        call = *next < node->suffix_count ? &node->suffixes[*next] : NULL;
    }
    if (compiler->body && same(suffix->name, "TryGetValue") && call && call->op == EXPR_OP_OPEN) {
        ++*next;
        return code_compile_try_get(compiler, &call->arguments, call->column);
    }
    if (compiler->body && same(suffix->name, "CopyTo") && call && call->op == EXPR_OP_OPEN) {
        ++*next;
        return code_compile_copy_to(compiler, &call->arguments, call->column);
    }
    if (row < 0 || (suffix->name.size > 0 && suffix->name.bytes[0] == '.'))
        return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, suffix->column, "no value has a member \"%.*s\"",
                            RS_TEXT_ARG(suffix->name));
    member_range(row, &least, &most);
    if (call && call->op == EXPR_OP_OPEN && (most != 0 || call->arguments.count == 0)) {
        count = call->arguments.count;
        RS_TRY(check_count(compiler, expr_members[row].name, call->column, count, least, most));
        for (size_t i = 0; i < count; i++) {
            if (call->arguments.items[i].name.size > 0)
                return expr_fail_at(compiler->job, EXPR_UNSUPPORTED, call->arguments.items[i].column,
                                    "named arguments of .%s are not supported", expr_members[row].name);
            RS_TRY(compile_argument(compiler, &call->arguments.items[i], &typed));
        }
        ++*next;
    } else {
        RS_TRY(check_count(compiler, expr_members[row].name, suffix->column, 0, least, most));
    }
    emit(compiler, EXPR_CODE_MEMBER, row, (int32_t)count + 1, (int)count + 1);
    compiler->typed = expr_members[row].typing == EXPR_STRICT;
    return RS_OK;
}
