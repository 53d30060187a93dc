#include "unit.h"

#include "base/clock.h"
#include "base/file.h"
#include "report/expr/code_program.h"
#include "world.h"

#define WORLD                                                                                  \
    RS_OWNED(rs_job) job = rs_job_create(NULL);                                                \
    struct world world;                                                                        \
    world_init(&world, job)

static struct expr_code *compile_code(struct world *world, const char *source)
{
    struct expr_code *code = NULL;

    assert_ok(world->job, expr_code_compile(world->job, rs_text_from(source), 1, &world->names, &code));
    for (size_t i = 0; i < expr_code_problems(code).count; i++)
        fail_msg("line %u: %.*s", expr_code_problems(code).items[i].line,
                 RS_TEXT_ARG(expr_code_problems(code).items[i].message));
    world->names.code = code;
    world->env.code = expr_code_start(world->job, code);
    return code;
}

#define LOOPS                                                                                  \
    "Dim seen As New Hashtable\n"                                                              \
    "Public total As Integer = 5\n"                                                            \
    "Function Work(n As Integer) As String\n"                                                  \
    "  Dim a(3) As Integer, s As String\n"                                                     \
    "  For i As Integer = 0 To n\n"                                                            \
    "    If i Mod 2 = 0 Then Continue For\n"                                                   \
    "    a(i Mod 4) += i\n"                                                                    \
    "    Select Case i\n    Case 1 To 3\n s &= Name(i)\n Case Else\n s &= \"-\"\n End Select\n" \
    "    seen(i) = s\n"                                                                        \
    "  Next\n"                                                                                 \
    "  Try\n  total = CInt(s)\n  Catch ex As Exception\n  total += ex.Message.Length\n  End Try\n" \
    "  For Each e In seen\n  s &= e.Key\n  Next\n"                                             \
    "  Do While s.Length < 40\n  s = s & \"x\"\n  Loop\n"                                      \
    "  Return s\n"                                                                             \
    "End Function\n"                                                                           \
    "Function Name(i) As String\n  Return \"n\" & i\nEnd Function\n"

UNIT_TEST(code_stops_at_every_checkpoint)
{
    bool done = false;

    for (uint64_t stop = 1; !done; stop++) {
        struct expr_code *code;
        struct value v;
        WORLD;
        rs_job_stop_at(job, stop);
        rs_status status = expr_code_compile(job, RS_TEXT(LOOPS), 1, &world.names, &code);
        if (status == RS_OK) {
            world.names.code = code;
            world.env.code = expr_code_start(job, code);
            status = world_eval(&world, RS_TEXT("Code.Work(9) & Code.total"), &v);
        }
        if (status != RS_OK)
            assert_int_equal(status, RS_CANCELLED);
        else
            assert_text(value_bytes(v), "n1n3---13579xxxxxxxxxxxxxxxxxxxxxxxxxxxx69");
        done = status == RS_OK;
        assert_true(stop < 10000);
    }
}

UNIT_TEST(code_that_never_ends_is_ended_by_the_deadline)
{
    struct value v;

    WORLD;
    compile_code(&world, "Function F()\nDo\nLoop\nEnd Function");
    rs_job_set_deadline(job, rs_clock_steady_ms() + 50);
    assert_int_equal(world_eval(&world, RS_TEXT("Code.F()"), &v), RS_TIMEOUT);
}

UNIT_TEST(code_that_only_grows_is_ended_by_the_memory_limit)
{
    static const char *const bodies[] = {"a.Add(StrDup(1000, \"x\"))", "s &= StrDup(1000, \"x\") : a.Add(s)", "ReDim b(100000)"};

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct value v;
        WORLD;
        rs_buf source = rs_buf_in(job);
        rs_buf_printf(&source, "Dim a As New ArrayList\nDim b(1), s\nFunction F()\nWhile True\n%s\nEnd While\nEnd Function", bodies[i]);
        compile_code(&world, rs_buf_terminated(&source));
        rs_job_set_memory_limit(job, (size_t)64 << 20);
        assert_int_equal(world_eval(&world, RS_TEXT("Code.F()"), &v), RS_OVER_LIMIT);
    }
}

/* A report is compiled once; each run has its own variables. */
UNIT_TEST(code_keeps_variables_of_runs_apart)
{
    struct value v;

    WORLD;
    struct expr_code *code = compile_code(&world, "Shared n As Integer\nFunction F()\nn += 1\nReturn n\nEnd Function");
    assert_ok(job, world_eval(&world, RS_TEXT("Code.F() + Code.F()"), &v));
    assert_int_equal(v.integer, 3);
    world.env.code = expr_code_start(job, code);
    assert_ok(job, world_eval(&world, RS_TEXT("Code.F()"), &v));
    assert_int_equal(v.integer, 1);
}

/* What an expression computes in scratch memory is given back; what Code keeps is not there. */
UNIT_TEST(code_keeps_what_outlives_the_scratch_memory)
{
    struct value v;

    WORLD;
    compile_code(&world, "Shared d\nDim l As New ArrayList\nDim a(1)\nFunction Keep(v)\nd = v\nl.Add(v)\na(0) = v\nReturn d\nEnd Function\n"
                         "Function Kept()\nReturn d & l(0) & a(0)\nEnd Function");
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    struct expr_program *keep, *kept;
    assert_ok(job, expr_compile(job, RS_TEXT("Code.Keep(Fields!Name.Value & StrDup(20, \"x\"))"), &world.names, &keep));
    assert_ok(job, expr_compile(job, RS_TEXT("Code.Kept()"), &world.names, &kept));
    struct rs_mark mark = rs_job_mark(scratch);
    assert_ok(scratch, expr_eval(scratch, keep, &world.env, &v));
    rs_job_reset(scratch, mark);
    memset(rs_alloc(scratch, 4096), 'z', 4096);
    assert_ok(scratch, expr_eval(scratch, kept, &world.env, &v));
    assert_text(value_bytes(v), "Annxxxxxxxxxxxxxxxxxxxx" "Annxxxxxxxxxxxxxxxxxxxx" "Annxxxxxxxxxxxxxxxxxxxx");
}

UNIT_TEST(code_that_fails_to_begin_says_so_everywhere)
{
    struct value v;

    WORLD;
    compile_code(&world, "Dim n As Integer = CInt(\"x\")\nFunction F()\nReturn 1\nEnd Function");
    assert_ok(job, world_eval(&world, RS_TEXT("Code.F()"), &v));
    assert_int_equal(v.kind, VALUE_ERROR);
    assert_ok(job, world_eval(&world, RS_TEXT("Code.F()"), &v));
    assert_text(value_bytes(v), "Conversion from string \"x\" to type 'Integer' is not valid.");
}

UNIT_TEST(code_finally_inside_finally_does_not_explode)
{
    WORLD;
    rs_buf source = rs_buf_in(job);
    struct expr_code *code;

    rs_buf_add_literal(&source, "Function F()\n");
    for (int i = 0; i < 40; i++)
        rs_buf_add_literal(&source, "Try\nFinally\n");
    for (int i = 0; i < 40; i++)
        rs_buf_add_literal(&source, "End Try\n");
    rs_buf_add_literal(&source, "End Function\n");
    assert_ok(job, expr_code_compile(job, rs_buf_text(&source), 1, &world.names, &code));
    assert_int_equal(expr_code_problems(code).count, 1);
}

/* ---- real blocks --------------------------------------------------------------------------- */

struct tally {
    size_t blocks, whole, members, unsupported, wrong, called, values;
};

/* Call every procedure with numbers: the values mean nothing, but nothing may break. */
static void call_members(struct rs_job *job, struct world *world, const struct expr_code *code, struct tally *tally)
{
    for (size_t i = 0; i < rs_map_count(code->members); i++) {
        const struct code_member *member = rs_map_value(code->members, i);
        rs_buf call = rs_buf_in(job);
        struct value v = value_null();
        if (member->procedures.count == 0)
            continue;
        rs_buf_printf(&call, "Code.%.*s(", RS_TEXT_ARG(member->name));
        for (size_t a = 0; a < member->procedures.items[0]->least; a++)
            rs_buf_printf(&call, "%s%zu", a ? ", " : "", a + 1);
        rs_buf_add_literal(&call, ")");
        rs_job_stop_at(job, 20000);
        rs_status status = world_eval(world, rs_buf_text(&call), &v);
        if (status != RS_OK && status != RS_CANCELLED)
            fail_msg("%.*s", RS_TEXT_ARG(rs_job_error(job)));
        rs_job_forgive(job);
        tally->called++;
        tally->values += status == RS_OK && !value_is_error(v);
    }
}

static void compile_block(struct rs_job *outer, rs_text title, rs_text source, struct tally *tally)
{
    RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.within = outer});
    struct expr_code_problems problems;
    struct expr_code *code;
    struct world world;

    world_init(&world, job);
    world.any_name = true;
    world.env.parameters = NULL; /* any name is known, and has no value */
    assert_ok(job, expr_code_compile(job, source, 1, &world.names, &code));
    problems = expr_code_problems(code);
    tally->blocks++;
    tally->whole += problems.count == 0;
    tally->members += expr_code_member_count(code);
    for (size_t i = 0; i < problems.count; i++) {
        tally->unsupported += problems.items[i].status == EXPR_UNSUPPORTED;
        tally->wrong += problems.items[i].status != EXPR_UNSUPPORTED;
    }
    if (problems.count > 0)
        print_message("# %.*s\n#     line %u: %.*s\n", RS_TEXT_ARG(rs_text_slice(title, 0, 30)), problems.items[0].line,
                      RS_TEXT_ARG(problems.items[0].message));
    world.names.code = code;
    world.env.code = expr_code_start(job, code);
    call_members(job, &world, code, tally);
}

UNIT_TEST(code_compiles_the_blocks_of_real_reports)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tally tally = {0};
    char path[4096];
    rs_text all, line, title = {0}, mark = RS_TEXT("'#### ");
    const char *start = NULL;

    if (!corpus_path("CODE.txt", path, sizeof path))
        UNIT_SKIP("no collected <Code> here: set BINDERY_CORPUS");
    assert_ok(job, rs_file_read(job, rs_text_from(path), 64 << 20, &all));
    for (bool more = true; more;) {
        more = rs_text_cut(all, '\n', &line, &all);
        if (more && !rs_text_starts(line, mark))
            continue;
        if (start)
            compile_block(job, title, rs_text_of(start, (size_t)((more ? line.bytes : all.bytes + all.size) - start)), &tally);
        title = line;
        start = all.bytes;
    }
    print_message("# %zu blocks, %zu compile whole, %zu members, %zu problems that are not supported, %zu others; "
                  "%zu calls, %zu gave a value\n", tally.blocks, tally.whole, tally.members, tally.unsupported, tally.wrong,
                  tally.called, tally.values);
    assert_true(tally.whole * 100 >= tally.blocks * 90);
}
