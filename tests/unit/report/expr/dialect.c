/* Expressions of another designer, and what they are in Visual Basic. */
#include "unit.h"

#include "report/expr/code.h"
#include "report/expr/dialect.h"
#include "world.h"

static void is_read_as(const char *source, const char *expected)
{
    static const char code[] = "Function Crlf() As String\nReturn vbCrLf\nEnd Function";
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct world world;
    struct expr_code *members;
    rs_text out;

    world_init(&world, job);
    assert_ok(job, expr_code_compile(job, rs_text_from(code), 1, &world.names, &members));
    if (!expr_dialect(job, rs_text_from(source), members, &out))
        fail_msg("%s is not of the dialect", source);
    assert_text(out, expected);
}

static void is_not_read(const char *source)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text out;

    assert_false(expr_dialect(job, rs_text_from(source), NULL, &out));
}

UNIT_TEST(expr_reads_texts_and_names_of_the_dialect)
{
    is_read_as("'it''s'", "\"it's\"");
    is_read_as("'say \"hi\"'", "\"say \"\"hi\"\"\"");
    is_read_as("'a\\tb\\\\c'", "\"a\tb\\c\"");
    is_read_as("\"a\\nb\"", "\"a\nb\"");
    is_read_as("{Name}", "Fields!Name.Value");
    is_read_as("UCase({?P_1})", "UCase(Parameters!P_1.Value)");
    is_read_as("{@PageNumber} & {!UserID}", "Globals!PageNumber & User!UserID");
    is_read_as("Crlf() & 'x'", "Code.Crlf() & \"x\"");
}

UNIT_TEST(expr_reads_operators_of_the_dialect)
{
    is_read_as("{A}%2 != 0", "Fields!A.Value Mod 2 <> 0");
    is_read_as("Globals!PageNumber + ' of ' + Globals!TotalPages", "Globals!PageNumber & \" of \" & Globals!TotalPages");
    is_read_as("\"\" + Fields!A.Value + \" = \" + Sum(Fields!B.Value)", "\"\" & Fields!A.Value & \" = \" & Sum(Fields!B.Value)");
    is_read_as("{A} + 1", "Fields!A.Value + 1");
    is_read_as("Fmt({A} + 1, 'x') + {B}", "Fmt(Fields!A.Value + 1, \"x\") + Fields!B.Value");
    is_read_as("'a' + {A} = {B} + {C}", "\"a\" & Fields!A.Value = Fields!B.Value + Fields!C.Value");
    is_read_as("{A} + 'x' And {B} + 1", "Fields!A.Value & \"x\" And Fields!B.Value + 1");
    is_read_as("RunningValue({A}, Sum, Group1)", "RunningValue(Fields!A.Value, Sum, \"Group1\")");
    is_read_as("Sum({A}, Nothing)", "Sum(Fields!A.Value, Nothing)");
}

UNIT_TEST(expr_leaves_visual_basic_alone)
{
    is_not_read("\"a\" & Fields!A.Value");
    is_not_read("{1, 2}(0)");
    is_not_read("{A B}");
    is_not_read("'open");
    is_not_read("1)");
    is_not_read("('a'");
    is_not_read("Sum(Fields!A.Value, \"G\")");
    is_not_read("");
}
