#!/usr/bin/env python3
"""The viewer in a real browser: everything works without script; what the script adds; and text stands on screen where it
stands on paper. TAP."""
import re
import statistics
import subprocess
import urllib.parse

from browser import Browser
from harness import Instance, ROOT, basic, run, test
from reports import command, group, inline_data, member, report, tablix, textbox, workspace, write
from words import need_browser, only_once, words_on_paper, words_on_screen

folder = workspace("viewer")
SHOWN = """[...document.querySelectorAll(".rs tbody tr")].filter((row) => getComputedStyle(row).visibility === "visible"
    && getComputedStyle(row).display !== "none").length"""


def address(i, path, **more):
    query = urllib.parse.quote(path, safe="") + "".join(f"&{name}={urllib.parse.quote(str(value))}" for name, value in more.items())
    return f"https://localhost:{i.port}/ReportServer?{query}"


def publish_regions(i):
    """Groups that open, with a document map, a sort, a bookmark and pages."""
    rows = [(f"R{n}", f"city{(n * 7 + k * 5) % 23:02}") for n in range(4) for k in range(6)]
    data = inline_data("D", rows, ["region", "city"])
    sort = "<UserSort><SortExpression>=Fields!city.Value</SortExpression><SortTarget>T</SortTarget></UserSort>"
    toggled = "<Visibility><Hidden>true</Hidden><ToggleItem>Region</ToggleItem></Visibility>"
    by_region = group("ByRegion", "=Fields!region.Value", rest="<DocumentMapLabel>=Fields!region.Value</DocumentMapLabel>"
                      "<PageBreak><BreakLocation>Between</BreakLocation></PageBreak>")
    body = tablix("T", 1, [[textbox("Head", "city", sort)], [textbox("Region", "=Fields!region.Value")],
                           [textbox("City", "=Fields!city.Value")]],
                  member("<KeepWithGroup>After</KeepWithGroup><RepeatOnNewPage>true</RepeatOnNewPage>") + member(by_region, members=member() + member(group("Cities"), toggled)))
    path = write(folder, "Regions.rdl", report(body, data, width="3in", height="1in"))
    i.bindery("report", "publish", "--folder", "/Samples", str(path))


@test
def all_of_it_works_without_script():
    need_browser()
    with Instance(samples=True) as i, Browser(script=False) as page:
        publish_regions(i)
        page.go(address(i, "/Samples/Regions"), basic("reader"))
        closed = page.value(SHOWN)
        page.click(".bv-report input.tg")
        assert page.value(SHOWN) == closed + 6, (closed, page.value(SHOWN))
        page.click('.dm li:nth-child(3) a', loads=True)
        assert page.value("document.querySelector('.bv-page input[type=number]').value") == "3", page.value("location.href + document.querySelector('.dm').outerHTML")
        anchor = "document.getElementById(location.hash.slice(1))"
        assert "R2" in page.value(f"{anchor}.textContent"), page.value("location.href")
        page.click(".bv-report input.tg")
        cities = "[...document.querySelectorAll('.rs tbody tr')].map((row) => row.textContent).filter((text) => text.startsWith('city'))"
        before = page.value(cities)
        page.click("a.so", loads=True)
        page.click("a[aria-label='Next page']", loads=True)
        assert page.value("document.querySelector('.bv-page input[type=number]').value") == "2"
        order = page.value(cities)
        assert order == sorted(order) and len(order) == 6 and before != sorted(before), (before, order)
        # The find box, the way a reader uses it.
        page.value("document.querySelector('.bv-find input[type=search]').value = 'r3'")
        page.click(".bv-find button", loads=True)
        assert page.value("document.querySelector('.bv-page input[type=number]').value") == "4"
        assert page.value("document.querySelector('mark.now').textContent") == "R3"
        assert page.value("document.activeElement.id") == "fi1", page.value("document.activeElement.outerHTML")
        # A parameter and its button.
        page.go(address(i, "/Samples/Sales by Region"), basic("reader"))
        page.value("document.querySelector('.bv-form select').value = '2023'")
        page.click(".bv-run", loads=True)
        assert "Orders of 2023" in page.value("document.querySelector('.rs').textContent")


@test
def what_was_opened_stays_open_on_other_pages():
    need_browser()
    with Instance(samples=True) as i:
        publish_regions(i)
        first = i.get("/ReportServer?/Samples/Regions", user="reader").text
        toggle = re.search(r'class="tg" id="(k[0-9a-f]+)"', first)[1]
        opened = i.get(f"/ReportServer?/Samples/Regions&rs:ShowHideToggle={toggle}", user="reader").text
        assert f'id="{toggle}" aria-label="Show details" checked>' in opened, opened[-3000:]
        assert f"rs%3AShowHideToggle={toggle}" in opened.split('aria-label="Next page"')[0], "links keep it"
        with Browser() as page:
            page.go(address(i, "/Samples/Regions"), basic("reader"))
            closed = page.value(SHOWN)
            page.click(".bv-report input.tg")
            page.click("a[aria-label='Next page']", loads=True)
            assert page.value(SHOWN) == closed
            page.click("a[aria-label='Previous page']", loads=True)
            assert page.value(SHOWN) == closed + 6, page.value("location.href")
            page.click(".bv-report input.tg")
            assert page.value(SHOWN) == closed
            page.click("a.so", loads=True)
            assert page.value(SHOWN) == closed and "rv:Sort" in page.value("decodeURIComponent(location.href)")


@test
def toggles_whose_text_box_is_elsewhere_leave_all_as_it_is():
    """`header` false: the row of the text box is hidden; a group of six rows goes on over two pages."""
    need_browser()

    def render(header, open, *options):
        data = inline_data("D", [("R", n) for n in range(6)], ["region", "city"])
        toggled = f"<Visibility><Hidden>{str(not open).lower()}</Hidden><ToggleItem>Region</ToggleItem></Visibility>"
        image = f"<ToggleImage><InitialState>{str(open).lower()}</InitialState></ToggleImage>"
        shown = "" if header else "<Visibility><Hidden>=1 = 1</Hidden></Visibility>"
        body = tablix("T", 1, [[textbox("Region", "=Fields!region.Value", image)], [textbox("City", "=Fields!city.Value")]],
                      member(group("G", "=Fields!region.Value"), members=member(shown) + member(group("Cities"), toggled)))
        path = write(folder, "Elsewhere.rdl", report(body, data, width="3in", height="0.5in",
                                                     page="<InteractiveHeight>1in</InteractiveHeight>"))
        assert command("report", "render", path, "--format", "HTML5", "-o", folder / "elsewhere.html", *options).status == 0
        return (folder / "elsewhere.html").as_uri()

    with Browser(script=False) as page:
        for header, open, section, count in ((False, True, 0, 6), (False, False, 0, 0), (True, True, 0, 7), (True, False, 0, 1),
                                             (True, True, 1, 4), (True, True, 2, 3)):
            page.go(render(header, open, "--device-info", f"Section={section}"))
            assert page.value(SHOWN) == count, (header, open, section, page.value(SHOWN))
        page.go(render(True, True))
        page.click("input.tg")
        assert page.value(SHOWN) == 1, "the rows of both pages"


@test
def script_steps_through_matches_and_fits_the_page():
    need_browser()
    with Instance(samples=True) as i, Browser(width=900) as page:
        page.go(address(i, "/Samples/Customer List", **{"rc:FindString": "ber"}), basic("reader"))
        total = page.value("document.querySelectorAll('.fi[id]').length")
        assert total > 2 and page.value("document.querySelector('.fi.now').id") == "fi1"
        before = page.value("performance.timeOrigin")
        for number in range(2, total + 1):
            page.click("[data-next]")
            assert page.value("document.querySelector('.fi.now').id") == f"fi{number}"
        assert page.value("performance.timeOrigin") == before, "the page was not asked for again"
        page.click("[data-next]", loads=True)
        assert page.value("document.querySelector('.bv-page input[type=number]').value") != "1"
        assert page.value("document.querySelector('.fi.now').id") == "fi1"
        page.go(address(i, "/Samples/Customer List", **{"rc:Zoom": "Page Width"}), basic("reader"))
        narrow = page.value("document.querySelector('.rs').style.zoom")
        assert 0.3 < float(narrow) < 1.2, narrow
        assert page.value("document.querySelector('.bv-report').scrollWidth <= document.querySelector('.bv-report').clientWidth + 1")


@test
def fixed_heads_stay_in_sight():
    need_browser()
    columns = 12
    data = inline_data("D", [(str(n),) for n in range(60)], ["n"])
    cells = [[textbox(f"H{c}", f"head {c}") for c in range(columns)], [textbox(f"C{c}", "=Fields!n.Value") for c in range(columns)]]
    body = tablix("T", columns, cells, member("<FixedData>true</FixedData><KeepWithGroup>After</KeepWithGroup>"
                                              "<RepeatOnNewPage>true</RepeatOnNewPage>") + member(group("G")),
                  member("<FixedData>true</FixedData>") + member() * (columns - 1))
    path = write(folder, "Wide.rdl", report(body, data, width=f"{columns}in", height="0.5in", page="<InteractiveHeight>0in</InteractiveHeight>"))
    assert command("report", "render", path, "--format", "HTML5", "-o", folder / "wide.html").status == 0
    with Browser(width=600, height=400) as page:
        page.go((folder / "wide.html").as_uri())
        page.value("scrollTo(500, 800)")
        place = "document.querySelector('{}').getBoundingClientRect().{}"
        assert page.value("scrollX") == 500 and page.value("scrollY") == 800
        assert abs(page.value(place.format("thead td:nth-child(3)", "top"))) < 1
        assert abs(page.value(place.format("tbody tr:last-child td", "left"))) < 1
        assert page.value(place.format("tbody tr:last-child td:nth-child(2)", "left")) < 0
        assert page.value("document.elementFromPoint(5, 5).textContent") == "head 0", "the corner lies above"


def publish_cities(i):
    """A city of a region: which ones there are is decided by the region."""
    rows = [("North", "Bergen"), ("North", "Oslo"), ("South", "Cork"), ("South", "Faro"), ("South", "Oslo")]
    only = ("<Filters><Filter><FilterExpression>=Fields!region.Value</FilterExpression><Operator>Equal</Operator><FilterValues>"
            "<FilterValue>=Parameters!Region.Value</FilterValue></FilterValues></Filter></Filters>")
    choices = "".join(f"<ParameterValue><Value>{name}</Value></ParameterValue>" for name in ("North", "South"))
    reference = "<DataSetReference><DataSetName>D</DataSetName><ValueField>city</ValueField></DataSetReference>"
    parameters = (f'<ReportParameter Name="Region"><DataType>String</DataType><Prompt>Region</Prompt><ValidValues><ParameterValues>{choices}'
                  '</ParameterValues></ValidValues></ReportParameter><ReportParameter Name="City"><DataType>String</DataType><DefaultValue>'
                  f'{reference}</DefaultValue><Prompt>City</Prompt><ValidValues>{reference}</ValidValues></ReportParameter>')
    body = textbox("Chosen", '="chosen: " & Parameters!City.Value', "<Height>0.25in</Height><Width>3in</Width>")
    path = write(folder, "Cities.rdl", report(body, inline_data("D", rows, ["region", "city"], only), parameters))
    i.bindery("report", "publish", "--folder", "/Samples", str(path))


@test
def a_choice_that_another_parameter_takes_away_gives_way_to_the_default():
    need_browser()
    with Instance(samples=True) as i:
        publish_cities(i)
        for root in ("/ReportServer?%2fSamples%2fCities&", "/Reports/report/Samples/Cities?"):
            south = i.get(root + "Region=South&City=Faro", user="reader").text
            assert "chosen: Faro" in south and "any more" not in south
            north = i.get(root + "Region=North&City=Faro", user="reader").text
            assert "chosen: Bergen" in north and "&ldquo;Faro&rdquo; is not among the choices any more" in north, north[-3000:]
            exports = re.findall(r'href="([^"]*rs:Format=CSV[^"]*)"', north)
            assert exports and not any("Faro" in link for link in exports), exports
        # What is no choice of a reader but a client's is refused.
        answer = i.get("/ReportServer?%2fSamples%2fCities&Region=North&City=Faro&rs:Format=CSV", user="reader")
        assert answer.status != 200 and "rsInvalidReportParameter" in answer.text, answer
        with Browser() as page:
            page.go(address(i, "/Samples/Cities", Region="South", City="Faro"), basic("reader"))
            choose = "(() => {{ const field = document.querySelector('[name={}]'); field.value = '{}'; field.dispatchEvent(new Event('change', {{bubbles: true}})); }})()"
            city = "document.querySelector('[name=City]').value"
            page.value(choose.format("Region", "North"))
            page.wait("Page.loadEventFired")
            assert page.value(city) == "Bergen" and page.value("document.querySelector('.bv-report')") is None
            page.value(choose.format("City", "Oslo"))
            page.value(choose.format("Region", "South"))
            page.wait("Page.loadEventFired")
            assert page.value(city) == "Oslo", "it is a choice in the south, too"
            page.click(".bv-run", loads=True)
            assert "chosen: Oslo" in page.value("document.querySelector('.rs').textContent")


def compare_with_paper(page, definition, least):
    """Words that stand once on the first page: how far they are from each other must agree within two pixels. Page footers
    are left out, on screen a page ends with its last row; the paper is so wide that it cuts no columns off either."""
    for form, extra in (("HTML5", ["--device-info", "Section=1"]), ("PDF", ["--device-info", "PageWidth=100cm"])):
        assert command("report", "render", definition, "--format", form, "-o", folder / f"out.{form}", *extra).status == 0
    (folder / "out.HTML5").rename(folder / "out.html")
    page.go((folder / "out.html").as_uri())
    screen, paper = only_once(words_on_screen(page)), only_once(words_on_paper(folder / "out.PDF"))
    footer = page.value("(document.querySelector('.rs .p').lastElementChild.getBoundingClientRect().top - "
                        "document.querySelector('.rs .p').getBoundingClientRect().top) * .75")
    if b"<PageFooter>" not in definition.read_bytes():
        footer = float("inf")
    both = [word for word in screen if word in paper and screen[word][1] < footer]
    assert len(both) >= least, (definition.name, len(both))
    off = {word: [screen[word][k] - paper[word][k] for k in (0, 1)] for word in both}
    middle = [statistics.median(value[k] for value in off.values()) for k in (0, 1)]
    wrong = {word: value for word, value in off.items() if any(abs(value[k] - middle[k]) > 1.5 for k in (0, 1))}
    assert not wrong, (definition.name, middle, wrong)


@test
def text_stands_on_screen_where_it_stands_on_paper():
    need_browser()
    subprocess.run([ROOT / "build" / "samples" / "generate", folder / "sales.db"], check=True, stdout=subprocess.DEVNULL)
    (folder / "Sales.rds").write_bytes((ROOT / "samples" / "Sales.rds").read_bytes())
    with Browser() as page:
        for name in ("Sales by Region", "Sales Matrix", "Invoice", "Customer List", "Mailing Labels"):
            definition = folder / f"{name}.rdl"
            definition.write_bytes((ROOT / "samples" / f"{name}.rdl").read_bytes())
            compare_with_paper(page, definition, 20)


@test
def what_grows_to_the_right_and_lists_stand_on_screen_as_on_paper():
    need_browser()
    with Browser() as page:
        for name in ("matrix-in-cell", "rich-runs"):
            compare_with_paper(page, ROOT / "tests" / "golden" / "layout" / f"{name}.rdl", 8)


@test
def boxes_and_what_is_turned_shrunk_or_hidden_stand_on_screen_as_on_paper():
    need_browser()
    with Browser() as page:
        for name, least in (("turned-text", 20), ("shrinking", 7), ("hidden-items", 6)):
            compare_with_paper(page, ROOT / "tests" / "golden" / "layout" / f"{name}.rdl", least)


run()
