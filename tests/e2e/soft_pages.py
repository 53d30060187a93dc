#!/usr/bin/env python3
"""Pages of HTML hold what pages of paper hold: regions with others beside them, what repeats with them, rectangles, lists and
subreports that go on on the next page. TAP."""
import re
import sqlite3
import subprocess

from browser import Browser
from harness import run, test
from reports import command, group, inline_data, member, report, sql_data, tablix, textbox, workspace, write
from words import need_browser, words_on_paper, words_on_screen

folder = workspace("soft-pages")
CONSUMES = "<ConsumeContainerWhitespace>true</ConsumeContainerWhitespace>"
BETWEEN = "<PageBreak><BreakLocation>Between</BreakLocation></PageBreak>"


def place(top, left=0.0, height=0.25, width=1.0):
    return f"<Top>{top}in</Top><Left>{left}in</Left><Height>{height}in</Height><Width>{width}in</Width>"


def data(name="D", count=11):
    return inline_data(name, [(n, "ab"[n % 2]) for n in range(1, count + 1)], ["n(Integer)", "g"])


def table(name, where, prefix="row", rest="", rows=None):
    return tablix(name, 1, [[textbox(f"{name}C", f'="{prefix}" & Fields!n.Value')]], rows or member(group(f"{name}G")), rest=rest, place=where)


def rectangle(name, items, where, rest=""):
    return f'<Rectangle Name="{name}"><ReportItems>{items}</ReportItems>{rest}{where}</Rectangle>'


def list_of(name, inner, where, key="=Fields!g.Value", rest="", height=1):
    """One column, one cell, an instance for each key."""
    whole = tablix(name, 1, [[inner]], member(group(f"{name}G", key, rest=rest)), place=where)
    return re.sub("<TablixRow><Height>0.25in", f"<TablixRow><Height>{height}in", whole, count=1)


def subreport(name, where):
    return f'<Subreport Name="S{name}"><ReportName>{name}</ReportName>{where}</Subreport>'


def write_report(name, body, data_sets="", height=2.0, width=8.0, rest=CONSUMES, database=""):
    """On paper and on screen a page is two inches of body."""
    page = "<InteractiveHeight>2in</InteractiveHeight><PageHeight>2in</PageHeight><PageWidth>8.5in</PageWidth>"
    return write(folder, f"{name}.rdl", report(body, data_sets or data(), rest=rest, page=page, height=f"{height}in", width=f"{width}in", database=database))


def rendered(definition):
    for form in ("HTML5", "PDF"):
        done = command("report", "render", definition, "--format", form, "-o", definition.with_suffix("." + form.lower()))
        assert done.status == 0 and not done.error, done
    return definition.with_suffix(".html5").read_text("utf-8"), definition.with_suffix(".pdf")


def screen_pages(text):
    """The words of each page."""
    assert text.count("<div") == text.count("</div>") and text.count("<td") == text.count("</td>") and \
        text.count("<tr") == text.count("</tr>") and text.count("<table") == text.count("</table>"), "every element ends with its page"
    return [re.sub("<[^>]*>", " ", part).split() for part in re.split(r'<div class="p page0"[^>]*>', re.sub("<style>.*?</style>", "", text))[1:]]


def paper_pages(path):
    text = subprocess.run(["pdftotext", "-raw", path, "-"], check=True, capture_output=True, text=True).stdout
    return [part.split() for part in text.split("\f")[:-1]]


def check(definition, expected=None):
    """The same words on the same pages; and, where `expected` is given, so many pages."""
    text, paper = rendered(definition)
    screen, paper = screen_pages(text), paper_pages(paper)
    assert [sorted(page) for page in screen] == [sorted(page) for page in paper], (screen, paper)
    assert expected is None or len(screen) == expected, (len(screen), screen)
    return screen


def around(region):
    """What stands above, beside and below it, all but one with RepeatWith."""
    said = "<RepeatWith>T</RepeatWith>"
    return (textbox("Above", "above", place(0, 1.25) + said) + textbox("Left", "left", place(0.3) + said) + region +
            textbox("Right", "right", place(0.4, 2.5) + said) + textbox("Once", "once", place(0.3, 4)) +
            textbox("Below", "below", place(0.6, 1.25) + said))


@test
def what_repeats_with_a_region_stands_around_it_on_every_page():
    definition = write_report("Around", around(table("T", place(0.3, 1.25))))
    pages = check(definition, 3)
    for page in pages:
        assert all(page.count(word) == 1 for word in ("above", "left", "right", "below")), page
    assert [page.count("once") for page in pages] == [1, 0, 0], pages
    need_browser()
    with Browser() as browser:
        browser.go(definition.with_suffix(".html5").rename(folder / "around.html").as_uri())
        for number in range(1, len(pages) + 1):
            screen, paper = ({word: at for word, *at in words} for words in
                             (words_on_screen(browser, number), words_on_paper(definition.with_suffix(".pdf"), number)))
            # On paper what is below the region stands at the end of the page, on screen the page ends with it.
            if number < len(pages):
                row = max(at[1] for word, at in screen.items() if word.startswith("row"))
                assert abs(screen.pop("below")[1] - row - (0.25 + 0.05) * 72) < 1.5, (number, screen)
                paper.pop("below")
            off = {word: [screen[word][k] - screen["above"][k] - paper[word][k] + paper["above"][k] for k in (0, 1)] for word in paper}
            assert len(off) >= 5 and all(abs(value) <= 1.5 for pair in off.values() for value in pair), (number, off)


@test
def what_begins_higher_beside_a_region_takes_it_down_on_every_page():
    said = "<RepeatWith>T</RepeatWith>"
    check(write_report("Higher", textbox("Side", "side", place(0, 1.5, 0.5) + said) + table("T", place(0.25))), 2)
    check(write_report("Much", textbox("Side", "side", place(0, 1.5, 1.75) + said) + table("T", place(1.5))))


@test
def a_region_beside_others_goes_on_on_the_next_page():
    by_key = member(group("Keys", "=Fields!g.Value", rest=BETWEEN), members=member(group("Rows")))
    beside = textbox("Side", "side", place(0, 1.5, 1))
    check(write_report("Beside", table("T", place(0)) + beside), 2)
    check(write_report("Grouped", table("T", place(0), rows=by_key) + beside), 2)
    check(write_report("Stacked", textbox("Title", "title", place(0)) + table("T", place(0.25)) + beside), 2)
    pages = check(write_report("Behind", table("T", place(0)) + beside + textbox("After", "after", place(1.1, 1.5))), 2)
    assert "after" in pages[1], pages


@test
def rectangles_lists_and_subreports_are_parted_where_their_regions_are():
    inside = textbox("Title", "title", place(0)) + table("T", place(0.25)) + textbox("End", "end", place(0.5))
    check(write_report("Box", textbox("Before", "before", place(0)) + rectangle("R", inside, place(0.25, 0, 0.75, 2))), 2)
    check(write_report("List", list_of("L", rectangle("R", inside, place(0, 0, 1, 1)), place(0), height=0.75)), 2)
    check(write_report("Broken", list_of("L", rectangle("R", inside, place(0, 0, 1, 1)), place(0), rest=BETWEEN, height=0.75)), 2)
    check(write_report("Deep", list_of("Outer", list_of("L", rectangle("R", inside, place(0, 0, 1, 1)), place(0), "=Fields!n.Value Mod 3",
                                                        height=0.75), place(0), height=0.75)))
    by_key = member(group("Keys", "=Fields!g.Value", rest=BETWEEN), members=member(group("Rows")))
    write_report("Inner", table("T", place(0), "in", rows=by_key), height=0.25, width=1)
    for name, body in (("In rectangle", rectangle("R", textbox("Title", "title", place(0)) + subreport("Inner", place(0.25)), place(0, 0, 0.5))),
                       ("Beside", subreport("Inner", place(0)) + textbox("Side", "side", place(0, 1.5, 1))),
                       ("In list", list_of("L", subreport("Inner", ""), place(0), height=0.25))):
        pages = check(write_report(name, body))
        assert len(pages) >= 2 and sum(word.startswith("in") for page in pages for word in page) % 11 == 0, pages


@test
def a_short_subreport_is_as_high_as_its_place():
    write_report("Short", textbox("Inner", "inner", place(0)), height=0.25, width=1)
    check(write_report("Place", subreport("Short", place(0, height=1.5)) + textbox("After", "after", place(1.75))
                       + textbox("Last", "last", place(2.25))), 2)


@test
def rows_stay_with_their_headers_and_footers_and_groups_together():
    heads, rows = "<KeepWithGroup>After</KeepWithGroup>", [[textbox("H", '="head" & Fields!g.Value')], [textbox("D", '="row" & Fields!n.Value')],
                                                            [textbox("F", '="foot" & Fields!g.Value')]]
    feet, together = "<KeepWithGroup>Before</KeepWithGroup>", "<KeepTogether>true</KeepTogether>"
    inner = member(heads) + member(group("Rows"), together) + member(feet)
    for count in range(3, 14):
        for name, outer in (("Parted", ""), ("Together", together)):
            by_key = member(group("Keys", "=Fields!g.Value"), outer, members=inner)
            check(write_report(f"{name} {count}", tablix("T", 1, rows, by_key, place=place(0)), data(count=count)))
            total = [*rows[1:2], [textbox("Total", "total")]]
            check(write_report(f"Total {count}", tablix("T", 1, total, member(group("Rows")) + member(feet), place=place(0)), data(count=count)))


@test
def headers_of_groups_stand_on_every_page_that_the_group_goes_on_to():
    repeats = "<KeepWithGroup>After</KeepWithGroup><RepeatOnNewPage>true</RepeatOnNewPage>"
    rows = [[textbox("H", "all")], [textbox("O", '="outer" & Fields!g.Value')], [textbox("I", '="inner" & Fields!n.Value Mod 3')],
            [textbox("D", '="row" & Fields!n.Value')]]
    aside = lambda name, value: f"<TablixHeader><Size>1in</Size><CellContents>{textbox(name, value)}</CellContents></TablixHeader>"
    for name, corner, at_outer in (("plain", "", ""), ("aside", aside("A0", "top"), aside("A1", "=Fields!g.Value"))):
        inner = member(group("Inner", "=Fields!n.Value Mod 3"), members=member(repeats) + member(group("Rows")))
        by_key = member(corner, repeats) + member(group("Outer", "=Fields!g.Value"), at_outer, members=member(repeats) + inner)
        for count in (9, 20, 31):
            check(write_report(f"Heads {name} {count}", tablix("T", 1, rows, by_key, place=place(0)), data(count=count)))


@test
def a_region_that_is_kept_together_goes_to_the_next_page_whole():
    body = textbox("Above", "above", place(0)) + table("T", place(0.3), rest="<KeepTogether>true</KeepTogether>") + textbox("Below", "below", place(0.6))
    assert check(write_report("Whole", body, data(count=7)), 3)[0] == ["above"]
    check(write_report("Parted anyhow", body, data(count=9)))  # no page holds it
    with sqlite3.connect(folder / "rows.db") as database:
        database.execute("CREATE TABLE r (n INTEGER, g TEXT)")
        database.executemany("INSERT INTO r VALUES (?, 'a')", [(n,) for n in range(1, 7)])
    flowing = write_report("Flowing", body, sql_data("D", "SELECT n, g FROM r", ["n", "g"]), database=folder / "rows.db")
    assert check(flowing)[0] == ["above", *(f"row{n}" for n in range(1, 7))]  # these fit
    with sqlite3.connect(folder / "rows.db") as database:
        database.execute("INSERT INTO r VALUES (7, 'a')")
    assert check(flowing, 3)[0] == ["above"]


@test
def rows_higher_than_a_page_leave_none_to_their_headers_alone():
    heads = member("<KeepWithGroup>After</KeepWithGroup><RepeatOnNewPage>true</RepeatOnNewPage>")
    rows = tablix("T", 1, [[textbox("H", "head")], [textbox("D", "=Fields!n.Value")]], heads + member(group("Rows")), place=place(0))
    rows = "2.5in".join(rows.rsplit("0.25in", 2)[:2]) + "0.25in" + rows.rsplit("0.25in", 2)[2]  # the detail row
    text, _ = rendered(write_report("High", rows, data(count=3)))
    assert screen_pages(text) == [["head", "1"], ["head", "2"], ["head", "3"]], screen_pages(text)


@test
def a_page_has_the_name_of_the_group_that_begins_it():
    sections = ("<PageHeader><Height>0.25in</Height><PrintOnFirstPage>true</PrintOnFirstPage><PrintOnLastPage>true</PrintOnLastPage><ReportItems>" +
                textbox("Name", '="page" & Globals!PageName', place(0)) + "</ReportItems></PageHeader>")
    breaks = "<PageBreak><BreakLocation>Between</BreakLocation><Disabled>=Fields!g.Value = \"a\"</Disabled></PageBreak><PageName>=Fields!g.Value</PageName>"
    by_key = member(group("Keys", "=Fields!g.Value", rest=breaks), members=member(group("Rows")))
    definition = write_report("Names", textbox("T", "title", place(0)) + table("R", place(0.25), rows=by_key), data(count=9))
    definition.write_text(definition.read_text("utf-8").replace("<PageHeight>", sections + "<PageHeight>"), "utf-8")
    pages = check(definition)
    assert "pageb" in pages[0] and "pageb" in pages[1] and len(pages) == 2, pages  # "b" comes first, and "a" goes on below it


@test
def page_breaks_in_cells_beside_others_do_not_count():
    by_key = member(group("Keys", "=Fields!g.Value", rest=BETWEEN), members=member(group("Rows")))
    both = tablix("T", 2, [[textbox("A", "=First(Fields!g.Value)"), table("Inner", "", rows=by_key)]], member(group("G")))
    check(write_report("Cells", both, data(count=3)), 1)


@test
def a_page_break_at_the_end_makes_no_page_that_is_empty():
    ends = "<PageBreak><BreakLocation>End</BreakLocation></PageBreak>"
    check(write_report("End", table("T", place(0), rest=ends), data(count=3)), 1)
    check(write_report("Middle", table("T", place(0), rest=ends) + textbox("After", "after", place(0.25)), data(count=3)), 2)
    check(write_report("Box end", rectangle("R", table("T", place(0), rest=ends), place(0)), data(count=3)), 1)
    for where in ("End", "StartAndEnd"):
        breaks = f"<PageBreak><BreakLocation>{where}</BreakLocation></PageBreak>"
        by_key = member(group("Keys", "=Fields!g.Value", rest=breaks), members=member(group("Rows")))
        check(write_report(f"Group {where}", table("T", place(0), rows=by_key), data(count=3)), 2)
        behind = table("T", place(0), rows=by_key) + textbox("After", "after", place(0.25))
        check(write_report(f"Behind {where}", behind, data(count=3)), 3)  # the break behind the last of them counts for what follows


@test
def containers_keep_their_white_space_unless_they_are_told_to_consume_it():
    need_browser()
    body = rectangle("R", textbox("Long", "a text that is far too long for its box and so it grows by lines", place(0.1)),
                     place(0, 0, 0.75, 2)) + textbox("After", "after", place(0.8))
    with Browser() as browser:
        for name, rest in (("Keeps", ""), ("Consumes", CONSUMES)):
            definition = write_report(name, body, height=1.5, rest=rest)
            rendered(definition)
            browser.go(definition.with_suffix(".html5").rename(folder / f"{name}.html").as_uri())
            screen, paper = ({word: at for word, *at in words} for words in
                             (words_on_screen(browser), words_on_paper(definition.with_suffix(".pdf"))))
            assert abs(screen["after"][1] - paper["after"][1]) < 1.5, (name, screen, paper)
            behind = browser.value("document.querySelector('.rs .p').getBoundingClientRect().height") * .75 - screen["after"][1]
            assert (behind > 0.5 * 72) == (name == "Keeps"), (name, behind)


run()
