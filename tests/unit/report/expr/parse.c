#include "unit.h"

#include "report/expr/parse.h"
#include "tree_text.h"

static void expect_tree(const char *source, const char *tree)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct expr_node *node;
    rs_buf buf = rs_buf_in(job);

    assert_ok(job, expr_parse(job, rs_text_from(source), &node));
    tree_text(node, &buf);
    assert_text(rs_buf_text(&buf), tree);
}

static void expect_failure(const char *source, rs_status status, const char *message)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct expr_node *node;

    assert_status(expr_parse(job, rs_text_from(source), &node), status);
    assert_text(rs_job_message(job), message);
}

UNIT_TEST(parse_gives_operators_the_precedence_of_visual_basic)
{
    expect_tree("1+2*3", "(+ 1 (* 2 3))");
    expect_tree("2^3^2", "(^ (^ 2 3) 2)");
    expect_tree("-2^2", "(- (^ 2 2))");
    expect_tree("2^-2", "(^ 2 (- 2))");
    expect_tree("-a*b", "(* (- a) b)");
    expect_tree("a\\b*c", "(\\ a (* b c))");
    expect_tree("a Mod b\\c", "(Mod a (\\ b c))");
    expect_tree("a+b Mod c", "(+ a (Mod b c))");
    expect_tree("a & b + c", "(& a (+ b c))");
    expect_tree("a << b & c", "(<< a (& b c))");
    expect_tree("a = b & c", "(= a (& b c))");
    expect_tree("a = b > c", "(> (= a b) c)");
    expect_tree("Not a = b", "(Not (= a b))");
    expect_tree("a = Not b", "(= a (Not b))");
    expect_tree("Not a And b", "(And (Not a) b)");
    expect_tree("a Or b And c", "(Or a (And b c))");
    expect_tree("a OrElse b AndAlso c", "(OrElse a (AndAlso b c))");
    expect_tree("a Xor b Or c", "(Xor a (Or b c))");
    expect_tree("a Like b & \"*\"", "(Like a (& b \"*\"))");
    expect_tree("a IsNot Nothing And b Is Nothing", "(And (IsNot a Nothing) (Is b Nothing))");
    expect_tree("a >= b", "(>= a b)");
    expect_tree("a => b", "(>= a b)");
    expect_tree("a =< b", "(<= a b)");
}

UNIT_TEST(parse_reads_members_calls_and_indexes)
{
    expect_tree("Fields!A.Value", "Fields!A.Value");
    expect_tree("Fields(\"A\").Value", "Fields[ \"A\" ].Value");
    expect_tree("Split(a, \",\")(0).Length", "Split[ a \",\" ][ 0 ].Length");
    expect_tree("(a + b).ToString(\"N\")", "(+ a b).ToString[ \"N\" ]");
    expect_tree("(a.b).c", "a.b.c");
    expect_tree("f()", "f[ ]");
    expect_tree("f(1, , 3)", "f[ 1 _ 3 ]");
    expect_tree("f(,)", "f[ _ _ ]");
    expect_tree("f(a, b:=2)", "f[ a b:=2 ]");
    expect_tree("x.Mod.Is", "x.Mod.Is");
    expect_tree("Fields!And.Value", "Fields!And.Value");
    expect_tree("[If].x", "If.x");
    expect_tree("1.ToString()", "1.ToString[ ]");
    expect_tree("\"a\".Length", "\"a\".Length");
    expect_tree("{1, {2, 3}}", "(array 1 (array 2 3))");
    expect_tree("{}", "(array)");
    expect_tree("{1,2}.Length", "(array 1 2).Length");
}

UNIT_TEST(parse_reads_special_forms)
{
    expect_tree("If(a, b, c)", "(If a b c)");
    expect_tree("If(a, b).x", "(If a b).x");
    expect_tree("New DateTime(2024, 1, 31).Year", "(New DateTime 2024 1 31).Year");
    expect_tree("New Object() {1, 2}", "(New Object() 1 2)");
    expect_tree("New System.Text.StringBuilder", "(New System.Text.StringBuilder)");
    expect_tree("CType(a, Integer?) + 1", "(+ (cast a Integer) 1)");
    expect_tree("DirectCast(a, Object())(0)", "(cast a Object())[ 0 ]");
    expect_tree("TryCast(a, String)", "(cast a String)");
    expect_tree("TypeOf a Is String And b", "(And (typeof a String) b)");
    expect_tree("TypeOf a IsNot System.String", "(typeof a System.String)");
    expect_tree("GetType(String).Name", "(type String).Name");
}

UNIT_TEST(parse_reads_literals)
{
    expect_tree("\"a\"\"b\"", "\"a\"b\"");
    expect_tree("\"\"", "\"\"");
    expect_tree("\"\"\"\"", "\"\"\"");
    expect_tree("\"a\"c", "\"a\"c");
    expect_tree("\xE2\x80\x9C" "a\xE2\x80\x9D", "\"a\"");
    expect_tree("\"two\nlines\"", "\"two\nlines\"");
    expect_tree("1.5R+2D", "(+ 1.5R 2D)");
    expect_tree("&HFF&", "&HFF&");
    expect_tree("5&\"x\"", "(& 5 \"x\")");
    expect_tree("5& + 1", "(+ 5& 1)");
    expect_tree(".5/1e-3", "(/ .5 1e-3)");
    expect_tree("# 1/31/2024 1:00 PM #", "#1/31/2024 1:00 PM#");
    expect_tree("10Mod 3", "(Mod 10 3)");
    expect_tree("1!", "1!");
    expect_tree("7UI", "7UI");
}

UNIT_TEST(parse_takes_lines_and_comments_as_visual_basic_does_in_reports)
{
    expect_tree("a\n or b", "(Or a b)");
    expect_tree("a _\r\n + b", "(+ a b)");
    expect_tree("a ' the first\n + b ' the second", "(+ a b)");
    expect_tree("a Rem this too\n + b", "(+ a b)");
    expect_tree("x.Rem ", "x.Rem");
    expect_tree("\xC2\xA0" "a", "a");
    expect_tree("Stra\xC3\x9F" "e", "Stra\xC3\x9F" "e");
}

UNIT_TEST(parse_names_what_is_wrong_and_its_column)
{
    expect_failure("", EXPR_SYNTAX, "column 1: the expression ends where a value is expected");
    expect_failure("1 +", EXPR_SYNTAX, "column 4: the expression ends where a value is expected");
    expect_failure("f(1", EXPR_SYNTAX, "column 4: the expression ends where \",\" or \")\" is expected");
    expect_failure("(1", EXPR_SYNTAX, "column 3: the expression ends where \")\" is expected");
    expect_failure("a b", EXPR_SYNTAX, "column 3: \"b\" stands where an operator or the end of the expression is expected");
    expect_failure("\"\xC3\xA4\" 5", EXPR_SYNTAX, "column 5: \"5\" stands where an operator or the end of the expression is expected");
    expect_failure("1 + \"abc", EXPR_SYNTAX, "column 5: a text begins here and does not end; close it with a quote");
    expect_failure("#1/2/2024", EXPR_SYNTAX, "column 1: a date literal begins here and does not end; write it as #12/31/2024#");
    expect_failure("a + ' of '", EXPR_SYNTAX,
                   "column 11: the expression ends where a value is expected; what follows the ' at column 5 is a "
                   "comment (a text stands between \" and \")");
    expect_failure("5x", EXPR_SYNTAX, "column 1: \"5x\" is neither a number nor a name");
    expect_failure("a ; b", EXPR_SYNTAX, "column 3: \";\" cannot stand here");
    expect_failure("\"ab\"c", EXPR_SYNTAX, "column 1: a character literal holds exactly one character");
    expect_failure("[a", EXPR_SYNTAX, "column 1: \"[\" begins a name that does not end with \"]\"");
    expect_failure("If(a)", EXPR_SYNTAX, "column 1: If takes two or three arguments, not 1");
    expect_failure("f(a:=1, 2)", EXPR_SYNTAX, "column 9: \"2\" stands where a named argument (name:=value) behind another one is expected");
    expect_failure("a.", EXPR_SYNTAX, "column 3: the expression ends where the name of a member is expected");
    expect_failure("Fields!(a)", EXPR_SYNTAX, "column 8: \"(\" stands where a name behind \"!\" is expected");
    expect_failure("\x80", EXPR_SYNTAX, "column 1: a byte that is not part of any character stands here");
}

UNIT_TEST(parse_names_what_is_wrong_in_interpolated_text)
{
    expect_failure("$\"{a", EXPR_SYNTAX, "column 1: a text begins here and does not end; close it with a quote");
    expect_failure("$\"x{a b}\"", EXPR_SYNTAX, "column 7: \"b\" stands where \"}\" is expected");
    expect_failure("$\"{}\"", EXPR_SYNTAX, "column 4: the expression ends where a value is expected");
    expect_failure("a ? b", EXPR_SYNTAX, "column 3: \"?\" stands in front of a member only; a choice is written If(condition, a, b)");
}

UNIT_TEST(parse_names_what_is_not_supported)
{
    expect_failure("Function(x) x", EXPR_UNSUPPORTED, "column 1: Function is not supported in expressions");
    expect_failure("New List(Of String)", EXPR_UNSUPPORTED, "column 9: the generic type List(Of ...) is not supported");
    expect_failure("a.Cast(Of String)()", EXPR_UNSUPPORTED, "column 8: type arguments (Of ...) are not supported");
    expect_failure("New With {a}", EXPR_UNSUPPORTED, "column 5: an anonymous type (New With {...}) is not supported");
}

static rs_text repeated(struct rs_job *job, const char *before, const char *part, size_t times, const char *after)
{
    rs_buf buf = rs_buf_in(job);

    rs_buf_add(&buf, rs_text_from(before));
    for (size_t i = 0; i < times; i++)
        rs_buf_add(&buf, rs_text_from(part));
    rs_buf_add(&buf, rs_text_from(after));
    return rs_buf_text(&buf);
}

UNIT_TEST(parse_stops_at_its_limits)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct expr_node *node;

    assert_ok(job, expr_parse(job, repeated(job, "1", "+1", 20000, ""), &node));
    assert_ok(job, expr_parse(job, repeated(job, "", "(", 90, "1"), &node) == EXPR_SYNTAX ? RS_OK : RS_FAILED);
    rs_job_forgive(job);
    assert_status(expr_parse(job, repeated(job, "", "(", 30000, "1"), &node), EXPR_SYNTAX);
    assert_text(rs_job_message(job), "column 201: the expression is nested more than 200 deep");
    rs_job_forgive(job);
    assert_status(expr_parse(job, repeated(job, "", "Not ", 10000, "1"), &node), EXPR_SYNTAX);
    rs_job_forgive(job);
    assert_status(expr_parse(job, repeated(job, "a", ".b", 20000, ""), &node), EXPR_SYNTAX);
    assert_text(rs_job_message(job), "column 402: more than 200 members hang on one value");
    rs_job_forgive(job);
    assert_status(expr_parse(job, repeated(job, "1", "+1", 40000, ""), &node), EXPR_SYNTAX);
    assert_text(rs_job_message(job), "the expression has 80001 bytes; at most 65535 are allowed");
}
