/* The tables of functions, members, constants and types, made from the .def files beside. */
#include <float.h>
#include <math.h>

#include "report/expr/functions.h"
#include "report/expr/library.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

const struct expr_function_row expr_functions[] = {
#define EXPR_FUNCTION(module, name, function, parameters, folding, typing)                     \
    {#module, #name, function, parameters, EXPR_##folding, EXPR_##typing},
#define EXPR_NEW(module, function, parameters, folding, typing)                                \
    {#module, ".new", function, parameters, EXPR_##folding, EXPR_##typing},
#include "report/expr/functions.def"
#undef EXPR_FUNCTION
#undef EXPR_NEW
};
const size_t expr_function_count = COUNT_OF(expr_functions);

const struct expr_member_row expr_members[] = {
#define EXPR_MEMBER(kinds, name, function, parameters, typing)                                 \
    {kinds, #name, function, parameters, EXPR_##typing},
#define EXPR_MEMBER_NAMED(kinds, name, function, parameters, typing)                           \
    {kinds, name, function, parameters, EXPR_##typing},
#include "report/expr/members.def"
#undef EXPR_MEMBER
#undef EXPR_MEMBER_NAMED
};
const size_t expr_member_count = COUNT_OF(expr_members);

bool expr_member_of_nothing(int row)
{
    return expr_members[row].function == member_has_value || expr_members[row].function == member_value_or_default;
}

const struct expr_constant_row expr_constants[] = {
#define EXPR_TEXT(module, name, literal)                                                       \
    {#module, #name, {.kind = VALUE_TEXT, .size = sizeof(literal) - 1, .text = "" literal}},
#define EXPR_WHOLE(module, name, number) {#module, #name, {.kind = VALUE_INTEGER, .integer = number}},
#define EXPR_REAL(module, name, number) {#module, #name, {.kind = VALUE_DOUBLE, .real = number}},
#define EXPR_VALUE(module, name, ...) {#module, #name, __VA_ARGS__},
#include "report/expr/constants.def"
#undef EXPR_TEXT
#undef EXPR_WHOLE
#undef EXPR_REAL
#undef EXPR_VALUE
};
const size_t expr_constant_count = COUNT_OF(expr_constants);

const struct expr_type_row expr_types[] = {
    {"String", "System.String", VALUE_TEXT, fn_cstr},
    {"Integer", "System.Int32", VALUE_INTEGER, fn_cint},
    {"Int32", "System.Int32", VALUE_INTEGER, fn_cint},
    {"Long", "System.Int64", VALUE_LONG, fn_clng},
    {"Int64", "System.Int64", VALUE_LONG, fn_clng},
    {"Short", "System.Int16", VALUE_INTEGER, fn_cshort},
    {"Int16", "System.Int16", VALUE_INTEGER, fn_cshort},
    {"Byte", "System.Byte", VALUE_INTEGER, fn_cbyte},
    {"SByte", "System.SByte", VALUE_INTEGER, fn_csbyte},
    {"UShort", "System.UInt16", VALUE_INTEGER, fn_cushort},
    {"UInteger", "System.UInt32", VALUE_LONG, fn_cuint},
    {"ULong", "System.UInt64", VALUE_LONG, fn_culng},
    {"Single", "System.Single", VALUE_SINGLE, fn_csng},
    {"Double", "System.Double", VALUE_DOUBLE, fn_cdbl},
    {"Decimal", "System.Decimal", VALUE_DECIMAL, fn_cdec},
    {"Boolean", "System.Boolean", VALUE_BOOLEAN, fn_cbool},
    {"Date", "System.DateTime", VALUE_DATE, fn_cdate},
    {"DateTime", "System.DateTime", VALUE_DATE, fn_cdate},
    {"DateTimeOffset", "System.DateTimeOffset", VALUE_OFFSET, fn_to_offset},
    {"TimeSpan", "System.TimeSpan", VALUE_SPAN, fn_to_span},
    {"Char", "System.Char", VALUE_CHAR, fn_cchar},
    {"Object", "System.Object", VALUE_KINDS, NULL},
    {"Object()", "System.Object[]", VALUE_ARRAY, fn_to_array},
    {"Byte()", "System.Byte[]", VALUE_BYTES, fn_to_bytes},
    {"Array", "System.Array", VALUE_ARRAY, fn_to_array},
};
const size_t expr_type_count = COUNT_OF(expr_types);
