#include "unit.h"

#include "report/layout/markup.h"

/* Paragraphs as text: runs in [] with their marks, paragraphs joined by '/'. */
static rs_text parse(struct rs_job *job, const char *html)
{
    struct text_run run = {.text = rs_text_from(html), .style = {.size_pt = 10}};
    struct text_paragraph source = {.runs = &run, .run_count = 1};
    const struct text_paragraph *parts;
    rs_text out = RS_TEXT("");
    size_t count;

    assert_ok(job, text_font_find(job, RS_TEXT("Arial"), 400, false, &run.style.font));
    assert_ok(job, layout_markup_parse(job, &source, &parts, &count));
    for (size_t i = 0; i < count; i++) {
        static const char *const lists[] = {"", "*", "#"};
        out = rs_text_format(job, "%.*s%s%s", RS_TEXT_ARG(out), i ? "/" : "", lists[parts[i].list]);
        for (size_t k = 0; k < parts[i].run_count; k++) {
            const struct text_run *r = &parts[i].runs[k];
            out = rs_text_format(job, "%.*s[%s%s%s%s%.*s]", RS_TEXT_ARG(out), r->style.font->weight >= 600 ? "b:" : "",
                                 r->style.font->italic ? "i:" : "", r->style.decoration & TEXT_UNDERLINE ? "u:" : "",
                                 r->link.size ? "a:" : "", RS_TEXT_ARG(r->text));
        }
    }
    return out;
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

UNIT_TEST(markup_that_is_none_is_text)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(parse(job, "1 < 2 & 3 > 2"), "[1 < 2 & 3 > 2]");
    assert_text(parse(job, "&lt;b&gt; &#65;&#x42;&nope; &amp;"), "[<b> AB&nope; &]");
    assert_text(parse(job, "<blink>kept</blink> </b>"), "[kept]");
    assert_text(parse(job, ""), "");
}
