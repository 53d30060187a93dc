#!/usr/bin/env python3
"""AccessiblePDF: what a reader that does not see the pages is told. TAP."""
import base64
import csv
import io
import re
import shutil
import struct
import subprocess
import zlib

from harness import Skip, run, test
from reports import render, report, samples, textbox, workspace, write

folder = workspace("tagged")


def tagged(source, *options):
    output = folder / "tagged.pdf"
    done = render(source, output, "--device-info", "AccessiblePDF=true", *options, form="PDF")
    assert done.status == 0, done
    return output


def structure(pdf):
    """(element, its text) in order, of elements that have text."""
    if not shutil.which("pdfinfo"):
        raise Skip("pdfinfo is not installed")
    found, kinds, texts = [], [], []
    out = subprocess.run(["pdfinfo", "-struct-text", pdf], check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        element = re.match(r"\s*([A-Z][A-Za-z]*)( \(\w+\))?:?$", line)
        text = re.match(r'\s*"(.*)"$', line)
        if element:
            kinds[depth:] = [element.group(1)]
            found.append([kinds[-1], ""])
        elif text:
            found[-1][1] += text.group(1)
    return found


@test
def every_file_is_valid_and_says_that_it_is_tagged():
    if not shutil.which("qpdf"):
        raise Skip("qpdf is not installed")
    for name in ("Sales by Region", "Sales Matrix", "Invoice", "Mailing Labels", "Category Drilldown"):
        pdf = tagged(samples(folder) / f"{name}.rdl")
        subprocess.run(["qpdf", "--check", pdf], check=True, stdout=subprocess.DEVNULL)
        assert re.search(r"Tagged: +yes", subprocess.run(["pdfinfo", pdf], check=True, capture_output=True, text=True).stdout), name


@test
def the_cells_of_a_table_are_the_values_of_its_csv_and_its_headers_are_told_once():
    source = samples(folder) / "Customer List.rdl"
    elements = structure(tagged(source))
    assert render(source, folder / "list.csv").status == 0
    rows = [row for row in csv.reader(io.StringIO((folder / "list.csv").read_bytes().decode("utf-8-sig")))]
    blank = [i for i, row in enumerate(rows) if not row]
    columns = zip(*rows[(blank[-1] + 2 if blank else 1):])
    # a total stands once in the table, and on every record of the CSV
    values = [value for column in columns for value in (column if len(set(column)) > 1 else column[:1]) if value.strip()]
    squeeze = lambda text: re.sub(r"\s+", "", text)
    cells = [squeeze(text) for kind, text in elements if kind == "TD" and text.strip()]
    assert sorted(set(cells)) == sorted(set(map(squeeze, values))), (set(cells) ^ set(map(squeeze, values)))
    assert len(cells) == len(values), (len(cells), len(values))
    headers = [text for kind, text in elements if kind == "TH"]
    assert len(headers) == len(set(headers)) and "Customer" in headers, headers


@test
def row_headers_stand_before_their_cells():
    elements = structure(tagged(samples(folder) / "Sales Matrix.rdl"))
    rows, row = [], None
    for kind, text in elements:
        if kind == "TR":
            row = []
            rows.append(row)
        elif row is not None:
            row.append(kind)
    with_cells = [row for row in rows if "TD" in row]
    assert with_cells and all(row[0] == "TH" and "TH" not in row[row.index("TD"):] for row in with_cells), with_cells[:5]


@test
def a_figure_has_words_and_a_page_header_is_none():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)) +
                           chunk(b"IDAT", zlib.compress(b"\0\0\x80\0")) + chunk(b"IEND", b"")).decode()
    picture = ('<Image Name="Logo"><Source>Embedded</Source><Value>P</Value><Sizing>Fit</Sizing><ToolTip>The house in the woods</ToolTip>'
               "<Top>0.5in</Top><Height>1in</Height><Width>1in</Width></Image>")
    page = ("<PageHeader><Height>0.5in</Height><PrintOnFirstPage>true</PrintOnFirstPage><ReportItems>" +
            textbox("H", "At the top", "<Height>0.25in</Height><Width>2in</Width>") + "</ReportItems></PageHeader>")
    body = textbox("T", "In the body", "<Height>0.25in</Height><Width>2in</Width>") + picture
    pdf = tagged(write(folder, "figure.rdl", report(body, page=page, rest=(
        f'<EmbeddedImages><EmbeddedImage Name="P"><MIMEType>image/png</MIMEType><ImageData>{png}</ImageData></EmbeddedImage></EmbeddedImages>'))))
    assert ["P", "In the body"] in structure(pdf), structure(pdf)
    assert not any("At the top" in text for _, text in structure(pdf))
    data = pdf.read_bytes()
    assert b"/S/Figure" in data and b"/Alt(The house in the woods)" in data


@test
def a_link_is_told_with_what_it_is_about():
    run_link = textbox("R", "Read ").replace("</TextRuns>", (
        "<TextRun><Value>the manual</Value><ActionInfo><Actions><Action><Hyperlink>https://example.org/manual</Hyperlink></Action></Actions>"
        "</ActionInfo><Style/></TextRun><TextRun><Value> first</Value><Style/></TextRun></TextRuns>"))
    run_link = run_link.replace("<CanGrow>", "<Top>0.5in</Top><Height>0.25in</Height><Width>3in</Width><CanGrow>", 1)
    whole = textbox("W", "All of it", "<Height>0.25in</Height><Width>2in</Width><ActionInfo><Actions><Action><Hyperlink>"
                    "https://example.org/all</Hyperlink></Action></Actions></ActionInfo>")
    after = textbox("A", "No link", "<Top>1in</Top><Height>0.25in</Height><Width>2in</Width>")
    pdf = tagged(write(folder, "links.rdl", report(whole + run_link + after)))
    subprocess.run(["qpdf", "--check", pdf], check=True, stdout=subprocess.DEVNULL)
    found = structure(pdf)
    assert ["P", "Read "] in found and ["Link", "the manual first"] in found, found # "first" stands behind the link, in the P
    assert ["P", "No link"] in found, found
    raw = subprocess.run(["pdfinfo", "-struct-text", pdf], check=True, capture_output=True, text=True).stdout
    depths = {line.strip(): len(line) - len(line.lstrip()) for line in raw.splitlines()}
    assert depths['"Read "'] == depths['" first"'] < depths['"the manual"'], raw
    at = found.index(["Link", ""])
    assert found[at + 1] == ["P", "All of it"], found
    data = pdf.read_bytes()
    assert data.count(b"/Type/OBJR") == 2 and b"/Contents(https://example.org/manual)" in data
    keys = sorted(int(key) for key in re.findall(rb"/StructParent (\d+)", data))
    assert keys == [1, 3], keys
    assert re.search(rb"/Nums\[0 \d+ 0 R 1 \d+ 0 R 3 \d+ 0 R \]", data), re.findall(rb"/Nums.*", data)


run()
