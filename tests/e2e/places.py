#!/usr/bin/env python3
"""What stands on a page of HTML stands where it does on paper, in a real browser: indents, tabs, turned text, lines, pictures,
messages, page headers. TAP."""
import base64
import struct
import zlib

from browser import Browser
from harness import run, test
from reports import command, escape, group, inline_data, member, report, tablix, textbox, workspace, write
from words import need_browser, only_once, words_on_paper, words_on_screen

folder = workspace("places")
NEAR_PT = 1.5  # browsers round to pixels, and put borders inside of boxes


def place(top, left=0.0, height=0.25, width=1.0):
    return f"<Top>{top}in</Top><Left>{left}in</Left><Height>{height}in</Height><Width>{width}in</Width>"


def rendered(name, body, data_sets="", rest="", page="", height="3in"):
    """The HTML and the PDF of a report."""
    definition = write(folder, f"{name}.rdl", report(body, data_sets, rest=rest, page=page, height=height))
    for form in ("HTML", "PDF"):
        done = command("report", "render", definition, "--format", form.replace("HTML", "HTML5"), "-o", definition.with_suffix("." + form.lower()))
        assert done.status == 0 and not done.error, done
    return definition.with_suffix(".html"), definition.with_suffix(".pdf")


def same_places(*arguments, **named):
    """Every word that is there once is near its place on paper, on the first page; gives the places on screen."""
    need_browser()
    screen_file, paper_file = rendered(*arguments, **named)
    with Browser(script=False) as browser:
        browser.go(screen_file.as_uri())
        screen, paper = only_once(words_on_screen(browser)), only_once(words_on_paper(paper_file))
    assert paper and screen.keys() == paper.keys(), (sorted(screen), sorted(paper))
    for word, (left, middle) in paper.items():
        assert abs(screen[word][0] - left) < NEAR_PT and abs(screen[word][1] - middle) < NEAR_PT, (word, screen[word], paper[word])
    return screen


def boxes(file, selector):
    """Left, top, width, height of elements on the first page, in points."""
    with Browser(script=False) as browser:
        browser.go(file.as_uri())
        return browser.value(f"""(() => {{ const o = document.querySelector(".rs .p").getBoundingClientRect();
            return [...document.querySelectorAll({selector!r})].map(e => {{ const r = e.getBoundingClientRect();
                return [r.x - o.x, r.y - o.y, r.width, r.height].map(n => n * .75); }}); }})()""")


def near(a, b):
    return all(abs(x - y) < NEAR_PT for x, y in zip(a, b, strict=True))


def paragraph(text, rest=""):
    return f"<Paragraph><TextRuns><TextRun><Value>{escape(text)}</Value><Style/></TextRun></TextRuns>{rest}</Paragraph>"


def of_paragraphs(name, paragraphs, where, style=""):
    return f'<Textbox Name="{name}"><CanGrow>true</CanGrow><Paragraphs>{paragraphs}</Paragraphs>{where}<Style>{style}</Style></Textbox>'


@test
def paragraphs_have_their_indents_and_space():
    rest = ("<LeftIndent>20pt</LeftIndent><HangingIndent>{}pt</HangingIndent><RightIndent>1in</RightIndent><SpaceBefore>9pt</SpaceBefore>"
            "<SpaceAfter>12pt</SpaceAfter>")
    for direction in ("LTR", "RTL"):
        body = of_paragraphs("A", paragraph("one two three four five", rest.format(15)) + paragraph("six seven eight nine ten", rest.format(-15)) +
                             paragraph("last"), place(0.1, 0.2, 0.25, 2.2), f"<Direction>{direction}</Direction>")
        same_places(f"Indents {direction}", body)


@test
def tabs_stand_at_the_stops_of_paper():
    same_places("Tabs", textbox("A", "a\tb\tlonger\tc", place(0, 0, 0.25, 5)) + textbox("B", "wider\td", place(0.5, 0, 0.25, 5)))


@test
def numbers_stand_at_the_end_of_a_line_from_right_to_left():
    body = "".join(of_paragraphs(f"T{i}", paragraph(value), place(i * 0.3, 0, 0.25, 2), "<Direction>RTL</Direction>")
                   for i, value in enumerate(("=1234", "=CDate(\"2024-05-06\").AddDays(0)", "words")))
    same_places("Numbers", body, rest="<Language>de-DE</Language>")


@test
def lines_are_painted_in_their_places():
    need_browser()
    lines = [(0.3, 0.2, 0, 2), (0.6, 0.2, 0, 2), (0.3, 2.5, 1, 0), (0.8, 0.3, 0.5, 1.5)]  # top, left, height, width
    body = "".join(f'<Line Name="L{i}">{place(*at)}<Style><Border><Style>{style}</Style><Width>2pt</Width></Border></Style></Line>'
                   for i, (at, style) in enumerate(zip(lines, ("Solid", "DashDot", "Solid", "Double"), strict=True)))
    screen, _ = rendered("Lines", body + textbox("T", "below", place(1.5)))
    got = sorted(boxes(screen, "svg"))
    expected = sorted([left * 72 - 2, top * 72 - 2, width * 72 + 4, height * 72 + 4] for top, left, height, width in lines)
    assert all(near(a, b) for a, b in zip(got, expected, strict=True)), (got, expected)
    same_places("Lines and text", body + textbox("T", "below", place(1.5)))


@test
def turned_text_stays_in_its_box():
    need_browser()
    long = of_paragraphs("T", paragraph("one that is much too long for a box of so few lines"), place(0, 1, 0.5, 0.5),
                         "<WritingMode>Vertical</WritingMode>")
    screen, _ = rendered("Turned", long)
    with Browser(script=False) as browser:
        browser.go(screen.as_uri())
        assert browser.value("getComputedStyle(document.querySelector('.rs .i')).overflow") == "hidden"


def png(width, height):
    rows = b"".join(b"\0" + b"\x30\x60\x90" * width for _ in range(height))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
                                                            for kind, data in chunks)).decode()


def picture(name, sizing, where, padding="0pt", border="None"):
    sides = "".join(f"<Padding{side}>{padding}</Padding{side}>" for side in ("Left", "Right", "Top", "Bottom"))
    return (f'<Image Name="{name}"><Source>Embedded</Source><Value>P</Value><Sizing>{sizing}</Sizing>{where}'
            f"<Style><Border><Style>{border}</Style></Border>{sides}</Style></Image>")


@test
def pictures_are_as_large_as_they_say():
    need_browser()
    embedded = f'<EmbeddedImages><EmbeddedImage Name="P"><MIMEType>image/png</MIMEType><ImageData>{png(160, 80)}</ImageData></EmbeddedImage></EmbeddedImages>'
    body = picture("A", "AutoSize", place(0, 0, 0.4, 0.5)) + textbox("Below", "below", place(0.5)) + textbox("Right", "right", place(0, 0.6))
    same_places("AutoSize", body, rest=embedded)  # it pushes what is below and what is right of it
    screen, _ = rendered("Fit", picture("A", "Fit", place(0, 0, 1, 2), "12pt", "Solid"), rest=embedded)
    assert near(boxes(screen, "img")[0], [13, 13, 144 - 26, 72 - 24]), boxes(screen, "img")


@test
def a_message_stands_in_the_place_of_a_region_without_rows():
    need_browser()
    rows = inline_data("D", [], ["n(Integer)"])
    region = tablix("T", 1, [[textbox("C", "=Fields!n.Value")]], member(group("G")), place=place(0.2, 0.5, 1, 2),
                    rest="<NoRowsMessage>nothing</NoRowsMessage><Style><Border><Style>Solid</Style></Border></Style>")
    body = region + textbox("Below", "below", place(1.3))
    same_places("Message", body, rows)
    screen, _ = rendered("Message again", body, rows)
    assert any(near(box, [36, 14.4, 72, 18]) for box in boxes(screen, ".rs .t")), boxes(screen, ".rs .t")


@test
def page_headers_and_footers_have_their_styles():
    need_browser()
    page = "".join(f"<Page{kind}><Height>0.5in</Height><PrintOnFirstPage>true</PrintOnFirstPage><PrintOnLastPage>true</PrintOnLastPage>"
                   f"<ReportItems>{textbox(kind, kind.lower(), place(0.1))}</ReportItems><Style><BackgroundColor>{color}</BackgroundColor></Style></Page{kind}>"
                   for kind, color in (("Header", "#ff0000"), ("Footer", '="#00" &amp; "8000"')))
    screen, _ = rendered("Sections", textbox("T", "body", place(0.5)), page=page + "<Style><BackgroundColor>#0000ff</BackgroundColor></Style>")
    with Browser(script=False) as browser:
        browser.go(screen.as_uri())
        colors = browser.value("""[document.querySelector(".rs .p"), ...document.querySelectorAll(".rs .p > *")].map(
            e => getComputedStyle(e).backgroundColor)""")
    assert colors == ["rgb(0, 0, 255)", "rgb(255, 0, 0)", "rgba(0, 0, 0, 0)", "rgb(0, 128, 0)"], colors


run()
