#!/usr/bin/env python3
"""Subreports from the command line and on a server: what they show is what the database says. TAP."""
import csv
import html
import io
import re
import sqlite3
import subprocess
import urllib.parse
from xml.etree import ElementTree

from harness import Instance, run, test
from reports import group, member, render, report, sql_data, tablix, textbox, workspace, write

folder = workspace("subreports")
SALES = [("North", "Oslo", 12.5), ("North", "Bergen", 30), ("South", "Faro", 7.25), ("South", "Cork", 1), ("West", "Hull", 99)]
MISSING = "Error: Subreport could not be shown."


def database(path):
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE sales(region, city, amount)")
        db.executemany("INSERT INTO sales VALUES (?, ?, ?)", SALES)


def lines(source):
    """One region's cities."""
    query = sql_data("D", "SELECT city, amount FROM sales WHERE region = @Region ORDER BY amount", ["city", "amount"],
                     '<QueryParameters><QueryParameter Name="@Region"><Value>=Parameters!Region.Value</Value></QueryParameter></QueryParameters>')
    table = tablix("T", 2, [[textbox("City", "=Fields!city.Value"), textbox("Amount", "=Fields!amount.Value")]], member(group("G")))
    return report(table, query, '<ReportParameter Name="Region"><DataType>String</DataType><Prompt>Region</Prompt></ReportParameter>',
                  database=source, width="2in", height="0.25in")


def subreport(name, **parameters):
    given = "".join(f'<Parameter Name="{key}"><Value>{value}</Value></Parameter>' for key, value in parameters.items())
    return f'<Subreport Name="S_{name}"><ReportName>{name}</ReportName><Parameters>{given}</Parameters></Subreport>'


def outer(source, inner):
    """The regions, each with `inner` beside it."""
    query = sql_data("R", "SELECT DISTINCT region FROM sales ORDER BY region", ["region"])
    return report(tablix("Regions", 2, [[textbox("Region", "=Fields!region.Value"), inner]], member(group("G")), data_set="R"),
                  query, database=source)


def check_rows(text):
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0] == ["Region", "City", "Amount"], rows
    found = sorted((region, city, float(amount)) for region, city, amount in rows[1:])
    assert found == sorted((r, c, float(a)) for r, c, a in SALES), found


def check_text(text):
    for region, city, amount in SALES:
        assert region in text and city in text and re.search(rf"\b{re.escape(format(amount, 'g'))}\b", text), (city, text)
    assert MISSING not in text


def pdf_text(path):
    return subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True).stdout


@test
def a_subreport_beside_the_file_is_run_with_the_parameters_of_each_row():
    database(folder / "sales.db")
    write(folder, "Lines.rdl", lines("sales.db"))
    main = write(folder, "Main.rdl", outer("sales.db", subreport("/Any/Folder/Lines", Region="=Fields!region.Value")))
    for form in ("CSV", "HTML5", "PDF"):
        done = render(main, folder / f"main.{form}", form=form)
        assert done.status == 0 and not done.error, done
    check_rows((folder / "main.CSV").read_bytes().decode("utf-8"))
    check_text(pdf_text(folder / "main.PDF"))
    check_text(html.unescape((folder / "main.HTML5").read_text("utf-8")))


def pages_of(definition):
    """Each page of the HTML by itself."""
    whole = folder / "pages.html"
    assert render(definition, whole, form="HTML5").status == 0
    total = whole.read_text("utf-8").count('<div class="p page0"')
    pages = []
    for number in range(1, total + 1):
        assert render(definition, folder / "page.html", "--device-info", f"Section={number}", form="HTML5").status == 0
        pages.append((folder / "page.html").read_text("utf-8").split("</style>", 1)[1])
    return pages


@test
def a_subreport_breaks_the_pages_of_html_as_its_groups_say():
    query = sql_data("D", "SELECT region, city FROM sales ORDER BY region", ["region", "city"])
    by_region = member(group("ByRegion", "=Fields!region.Value", rest="<PageBreak><BreakLocation>Between</BreakLocation></PageBreak>"),
                       members=member(group("Cities")))
    write(folder, "Broken.rdl", report(tablix("T", 2, [[textbox("Region", "=Fields!region.Value"), textbox("City", "=Fields!city.Value")]],
                                              by_region), query, database="sales.db", width="4in", height="0.5in"))
    place = "<Top>{}in</Top><Height>0.25in</Height><Width>4in</Width>"
    main = write(folder, "Around.rdl", report(
        textbox("Before", "before it", place.format(0)) +
        subreport("Broken").replace("<Parameters></Parameters>", "").replace("</Subreport>", place.format(0.5) + "</Subreport>") +
        textbox("After", "behind it", place.format(1)), database="", width="4in", height="1.25in",
        page="<InteractiveHeight>9in</InteractiveHeight>"))
    pages = pages_of(main)
    assert len(pages) == 3, len(pages)
    for page, region in zip(pages, ("North", "South", "West")):
        cities = {city for name, city, _ in SALES if name == region}
        assert all(f">{city}<" in page for city in cities), (region, page)
        assert not any(f">{city}<" in page for name, city, _ in SALES if name != region), (region, page)
        assert page.count("<div") == page.count("</div>"), page
    assert ">before it<" in pages[0] and ">behind it<" in pages[2] and ">behind it<" not in pages[1], pages


@test
def a_long_subreport_goes_on_to_further_soft_pages():
    rows = "".join(f" UNION ALL SELECT {n}" for n in range(2, 101))
    query = sql_data("D", f"SELECT 1 AS n{rows}", ["n"])
    write(folder, "Long.rdl", report(tablix("T", 1, [[textbox("N", '="n" & Fields!n.Value')]], member(group("G"))), query,
                                     database="sales.db", width="2in", height="0.25in"))
    main = write(folder, "Short.rdl", report(subreport("Long").replace("<Parameters></Parameters>", "").replace(
        "</Subreport>", "<Height>0.25in</Height><Width>2in</Width></Subreport>"), width="2in", height="0.25in",
        page="<InteractiveHeight>5in</InteractiveHeight>"))
    pages = pages_of(main)
    assert len(pages) > 4, len(pages)
    found = [int(n) for page in pages for n in re.findall(r">n(\d+)<", page)]
    assert found == list(range(1, 101)), found


def check_map(definition, labels):
    """Its document map, in HTML: these entries in this order, each leads to a place that is there once, on its page."""
    path = folder / "map.html"
    assert render(definition, path, form="HTML5").status == 0
    text = html.unescape(path.read_text("utf-8"))
    entries = re.findall(r'<a href="#dm_(\w+)">([^<]*)</a>', text.split('<nav class="dm"')[1].split("</nav>")[0])
    assert [label for _, label in entries] == labels, entries
    for name, label in entries:
        assert text.count(f' id="dm_{name}"') == 1, (label, name)
    return entries


@test
def the_document_map_has_what_stands_in_subreports():
    mark = "<DocumentMapLabel>={}</DocumentMapLabel>"
    query = sql_data("D", "SELECT city FROM sales WHERE region = @Region ORDER BY city", ["city"],
                     '<QueryParameters><QueryParameter Name="@Region"><Value>=Parameters!Region.Value</Value></QueryParameter></QueryParameters>')
    by_city = member(group("ByCity", "=Fields!city.Value", rest=mark.format("Fields!city.Value")), members=member())
    write(folder, "Marked.rdl", report(
        tablix("T", 1, [[textbox("City", "=Fields!city.Value")]], by_city), query,
        '<ReportParameter Name="Region"><DataType>String</DataType><Prompt>Region</Prompt></ReportParameter>',
        database="sales.db", width="2in", height="0.25in"))
    query = sql_data("R", "SELECT DISTINCT region FROM sales ORDER BY region", ["region"])
    by_region = member(group("ByRegion", "=Fields!region.Value", rest=mark.format("Fields!region.Value") +
                             "<PageBreak><BreakLocation>Between</BreakLocation></PageBreak>"), members=member())
    main = write(folder, "Map.rdl", report(
        tablix("Regions", 2, [[textbox("Region", "=Fields!region.Value"), subreport("Marked", Region="=Fields!region.Value")]], by_region,
               data_set="R"), query, database="sales.db"))
    labels = [label for region in ("North", "South", "West") for label in
              [region] + sorted(city for name, city, _ in SALES if name == region)]
    entries = check_map(main, labels)
    for name, label in entries:
        done = render(main, folder / "place.html", "--device-info", "Section=1", "--device-info", f"DocMapID={name}", form="HTML5")
        assert done.status == 0, done
        page = (folder / "place.html").read_text("utf-8").split("</nav>")[1]
        assert f' id="dm_{name}"' in page and f">{label}<" in page, (label, page)


@test
def the_document_map_has_the_columns_of_groups():
    label = "<DocumentMapLabel>=Fields!region.Value</DocumentMapLabel>"
    query = sql_data("D", "SELECT region, city FROM sales", ["region", "city"])
    columns = member(group("ByRegion", "=Fields!region.Value", rest=label), members=member())
    main = write(folder, "Columns.rdl", report(
        tablix("T", 1, [[textbox("Region", "=First(Fields!region.Value)")]], member(), columns), query, database="sales.db"))
    check_map(main, ["North", "South", "West"])


@test
def as_xml_a_subreport_is_the_root_of_the_other_report_inside_its_element():
    main = write(folder, "Main.rdl", outer("sales.db", subreport("Lines", Region="=Fields!region.Value")))
    done = render(main, folder / "main.xml", "--device-info", "OmitNamespace=true", form="XML")
    assert done.status == 0 and not done.error, done
    found = []
    for row in ElementTree.parse(folder / "main.xml").getroot().iter("G"):
        inner = row.find("S_Lines/Report")
        if inner is not None:
            assert inner.get("Name") == "Lines", inner.attrib
            found += [(row.get("Region"), city.get("City"), float(city.get("Amount"))) for city in inner.iter("G")]
    assert sorted(found) == sorted((r, c, float(a)) for r, c, a in SALES), found


@test
def the_schema_of_a_report_knows_its_subreports():
    main = write(folder, "Main.rdl", outer("sales.db", subreport("Lines", Region="=Fields!region.Value")))
    assert render(main, folder / "typed.xml", form="XML").status == 0
    assert render(main, folder / "typed.xsd", "--device-info", "Schema=true", form="XML").status == 0
    done = subprocess.run(["xmllint", "--noout", "--schema", folder / "typed.xsd", folder / "typed.xml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    text = (folder / "typed.xsd").read_text()
    assert re.search(r'name="Amount" type="xsd:d', text) and 'name="S_Lines"' in text, text


@test
def a_report_inside_itself_has_a_schema_that_ends():
    write(folder, "Self.rdl", report(subreport("Self").replace("<Parameters></Parameters>", "") .replace("</Subreport>",
          "<Height>1in</Height><Width>1in</Width></Subreport>"), width="2in", height="1in"))
    done = render(folder / "Self.rdl", folder / "self.xsd", "--device-info", "Schema=true", form="XML")
    assert done.status == 0 and "xsd:any" in (folder / "self.xsd").read_text(), done
    done = render(folder / "Self.rdl", folder / "self.xml", "--device-info", "OmitNamespace=true", form="XML")
    assert done.status == 0, done
    depth, at = 0, ElementTree.parse(folder / "self.xml").getroot()
    while (at := at.find("S_Self/Report")) is not None:
        depth += 1
    assert depth == 20, depth


@test
def one_that_cannot_be_shown_is_told_in_its_place_and_the_rest_is_right():
    for name, inner in (("missing", subreport("Nowhere")), ("parameter", subreport("Lines", Other="1")), ("none", subreport("Lines"))):
        main = write(folder, f"{name}.rdl", outer("sales.db", inner))
        for form in ("HTML5", "PDF"):
            done = render(main, folder / f"{name}.{form}", form=form)
            assert done.status == 0 and "cannot be shown" in done.error, done
        text = " ".join(pdf_text(folder / f"{name}.PDF").split())
        assert text.count("Error:") == 3 and "North" in text, text
        assert (folder / f"{name}.HTML5").read_text("utf-8").count(MISSING) == 3


@test
def a_report_in_itself_ends():
    main = write(folder, "Within.rdl", report(textbox("X", "again", "<Height>0.25in</Height><Width>1in</Width>") +
                                              subreport("Within").replace("</Parameters>", "</Parameters><Top>0.3in</Top>")))
    for form in ("CSV", "HTML5", "PDF"):
        done = render(main, folder / f"within.{form}", form=form)
        assert done.status == 0, done
    assert pdf_text(folder / "within.PDF").split().count("again") == 21


@test
def on_a_server_it_is_found_beside_the_report_or_by_its_path():
    with Instance() as instance:
        (instance.path / "data").mkdir(exist_ok=True)
        database(instance.path / "data" / "sales.db")
        for name, text, where in (
                ("Lines", lines("sales.db"), "/Parts"),
                ("Relative", outer("sales.db", subreport("../Parts/Lines", Region="=Fields!region.Value")), "/Main"),
                ("Absolute", outer("sales.db", subreport("/Parts/Lines", Region="=Fields!region.Value")), "/Main"),
                ("Beside", outer("sales.db", subreport("Lines", Region="=Fields!region.Value")), "/Parts")):
            file = instance.folder / f"{name}.rdl"
            file.write_text(text)
            instance.bindery("report", "publish", "--folder", where, file)
        for path in ("/Main/Relative", "/Main/Absolute", "/Parts/Beside"):
            target = f"/ReportServer?{urllib.parse.quote(path, safe='')}&rs:Command=Render&rs:Format="
            answer = instance.get(target + "CSV", user="reader")
            assert answer.status == 200, answer.text[:500]
            check_rows(answer.body.decode("utf-8"))
            page = instance.get(target + "HTML5&rc:Toolbar=false", user="reader")
            check_text(html.unescape(page.text))


run()
