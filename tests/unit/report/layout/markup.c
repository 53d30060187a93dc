#include "unit.h"

#include "report/layout/markup.h"

/* Paragraphs as text: runs in [] with their marks, paragraphs joined by '/'. Texts that begin with '=' are plain. */
static rs_text parse_runs(struct rs_job *job, const char *const *texts, unsigned count)
{
    struct text_run runs[4];
    bool is_markup[4];
    struct text_paragraph source = {.runs = runs, .run_count = count};
    const struct text_paragraph *parts;
    rs_text out = RS_TEXT("");
    size_t parts_count;

    for (unsigned i = 0; i < count; i++) {
        is_markup[i] = texts[i][0] != '=';
        runs[i] = (struct text_run){.text = rs_text_from(texts[i] + !is_markup[i]), .style = {.size_pt = 10}};
        assert_ok(job, text_font_find(job, RS_TEXT("Arial"), 400, false, &runs[i].style.font));
    }
    assert_ok(job, layout_markup_parse(job, &source, is_markup, &parts, &parts_count));
    for (size_t i = 0; i < parts_count; i++) {
        static const char *const lists[] = {"", "*", "#"};
        out = rs_text_format(job, "%.*s%s%s", RS_TEXT_ARG(out), i ? "/" : "", lists[parts[i].list]);
        for (size_t k = 0; k < parts[i].run_count; k++) {
            const struct text_run *r = &parts[i].runs[k];
            out = rs_text_format(job, "%.*s[%s%s%s%s%s%.*s]", RS_TEXT_ARG(out), is_markup[r->origin] ? "" : "=",
                                 r->style.font->weight >= 600 ? "b:" : "", r->style.font->italic ? "i:" : "",
                                 r->style.decoration & TEXT_UNDERLINE ? "u:" : "", r->link.size ? "a:" : "", RS_TEXT_ARG(r->text));
        }
    }
    return out;
}

static rs_text parse(struct rs_job *job, const char *html)
{
    return parse_runs(job, &html, 1);
}

UNIT_TEST(markup_styles_runs)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(parse(job, "plain"), "[plain]");
    assert_text(parse(job, "a <b>bold <i>both</i></b> <u>under</u>"), "[a ][b:bold ][b:i:both][ ][u:under]");
    assert_text(parse(job, "<a href='http://x/'>link</a>"), "[u:a:link]");
    assert_text(parse(job, "<span style=\"font-weight:bold; text-decoration: underline\">s</span>"), "[b:u:s]");
}

UNIT_TEST(markup_blocks_are_paragraphs)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(parse(job, "<p>one</p>\n <p>two</p>"), "[one]/[two]");
    assert_text(parse(job, "one<br>two<br/>"), "[one]/[two]");
    assert_text(parse(job, "<ol><li>x</li><li>y<ul><li>z</li></ul></li></ol>"), "#[x]/#[y]/*[z]");
    assert_text(parse(job, "<h1>head</h1>text"), "[b:head]/[text]");
    assert_text(parse(job, "<ul><li>a <i>b</i></li><li><b>c</b> d</li></ul>"), "*[a ][i:b]/*[b:c][ d]");
    assert_text(parse(job, "<ul><li><p>a</p></li><li></li><li>b<p>c</p></li></ul>"), "*[a]/*[]/*[b]/[c]");
}

UNIT_TEST(markup_stands_among_plain_runs)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(parse_runs(job, (const char *const[]){"=Dear ", "<i>Ada</i> and <b>all</b> ", "=<b>,"}, 3),
                "[=Dear ][i:Ada][ and ][b:all][ ][=<b>,]");
    assert_text(parse_runs(job, (const char *const[]){"=a", "b<p>c</p>", "=d"}, 3), "[=a][b]/[c]/[=d]");
    assert_text(parse_runs(job, (const char *const[]){"<ul><li>x", "=y", "<b>z"}, 3), "*[x]/[=y][b:z]");
    assert_text(parse_runs(job, (const char *const[]){"=", " ", "=x"}, 3), "[=x]");
    assert_text(parse_runs(job, (const char *const[]){"<b>a ", "<i>b"}, 2), "[b:a][ ][i:b]");
}

/* Indents and space of each paragraph, "left right hanging before after", joined by '/'. */
static rs_text spaces(struct rs_job *job, const char *html)
{
    struct text_run run = {.text = rs_text_from(html), .style = {.size_pt = 10}};
    struct text_paragraph source = {.runs = &run, .run_count = 1};
    const struct text_paragraph *parts;
    rs_text out = RS_TEXT("");
    size_t count;

    assert_ok(job, text_font_find(job, RS_TEXT("Arial"), 400, false, &run.style.font));
    assert_ok(job, layout_markup_parse(job, &source, &(bool){true}, &parts, &count));
    for (size_t i = 0; i < count; i++)
        out = rs_text_format(job, "%.*s%s%g %g %g %g %g", RS_TEXT_ARG(out), i ? "/" : "", parts[i].left_indent_pt, parts[i].right_indent_pt,
                             parts[i].hanging_indent_pt, parts[i].space_before_pt, parts[i].space_after_pt);
    return out;
}

UNIT_TEST(markup_blocks_have_padding_and_an_indent)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(spaces(job, "<div style='padding-left:9pt; padding-bottom:4pt'>a<div style='padding-left:1pt'>b</div></div>c"),
                "9 0 0 0 0/10 0 0 0 4/0 0 0 0 0");
    assert_text(spaces(job, "<div style='padding:1pt 2pt 3pt 4pt'>a</div><div style='padding:1pt 2pt'>b</div>"), "4 2 0 1 3/2 2 0 1 1");
    assert_text(spaces(job, "<div style='text-indent:5pt'>a<br>b</div><div style='padding-left:8pt;text-indent:-5pt'>c</div>"),
                "0 0 -5 0 0/0 0 0 0 0/3 0 5 0 0");
    assert_text(spaces(job, "<span style='padding-left:9pt'>a</span>"), "0 0 0 0 0");
}

UNIT_TEST(markup_knows_characters_by_name)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(parse(job, "caf&eacute; &Omega;&omega; &thetasym; &hearts;&apos; &eacut; &#xe9;"),
                "[caf\u00e9 \u03a9\u03c9 \u03d1 \u2665' &eacut; \u00e9]");
}

UNIT_TEST(markup_names_fonts_as_style_sheets_do)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct text_run run = {.text = RS_TEXT("<span\n style=\"font-family: 'Courier New', monospace\">a</span>"), .style = {.size_pt = 10}};
    struct text_paragraph source = {.runs = &run, .run_count = 1};
    const struct text_paragraph *parts;
    const struct text_font *courier;
    size_t count;

    assert_ok(job, text_font_find(job, RS_TEXT("Arial"), 400, false, &run.style.font));
    assert_ok(job, text_font_find(job, RS_TEXT("Courier New"), 400, false, &courier));
    assert_ok(job, layout_markup_parse(job, &source, &(bool){true}, &parts, &count));
    assert_ptr_equal(parts[0].runs[0].style.font, courier);
}

UNIT_TEST(markup_that_is_none_is_text)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(parse(job, "1 < 2 & 3 > 2"), "[1 < 2 & 3 > 2]");
    assert_text(parse(job, "&lt;b&gt; &#65;&#x42;&nope; &amp;"), "[<b> AB&nope; &]");
    assert_text(parse(job, "<blink>kept</blink> </b>"), "[kept]");
    assert_text(parse(job, ""), "");
}
