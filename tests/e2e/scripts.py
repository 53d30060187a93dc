"""Text of many scripts in a PDF: what pdftotext finds in it, and MuPDF, is what the CSV says."""
import csv
import re
import shutil
import subprocess
import unicodedata

from harness import Skip, run, test
from reports import group, inline_data, member, render, report, tablix, textbox, workspace, write

folder = workspace("scripts")
BIDI_MARKS = re.compile("[\u200e\u200f\u202a-\u202e]")

LEFT_TO_RIGHT = {
    "chinese": "\u4e2d\u6587\u7b80\u4f53\u5b57\u4e0e\u6a19\u9ede\u7b26\u865f\uff0c\u6e2c\u8a66",
    "japanese": "\u6771\u4eac\u90fd\u306e\u58f2\u4e0a\u9ad8\u306f\u524d\u5e74\u6bd4\u3067\u5897\u52a0\u3057\u305f\u3002",
    "korean": "\ud55c\uad6d\uc5b4 \ubb38\uc7a5\uc785\ub2c8\ub2e4",
    "thai": "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01 \u0e44\u0e21\u0e48\u0e21\u0e35\u0e0a\u0e48\u0e2d\u0e07\u0e27\u0e48\u0e32\u0e07\u0e19\u0e49\u0e33",
    "hindi": "\u0939\u093f\u0928\u094d\u0926\u0940 \u092e\u0947\u0902 \u0915\u094d\u0937\u0924\u094d\u0930\u093f\u092f",
    "bengali": "\u09ac\u09be\u0982\u09b2\u09be \u09b2\u09c7\u0996\u09be",
    # the same letters with and without marks: one glyph says two texts
    "marks": "o\u0327\u030a office, e\u0301 \u1eb9\u0301 q\u0303 quiet",
    "greek": "\u0395\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03ac \u043a\u0438\u0440\u0438\u043b\u043b\u0438\u0446\u0430 Ti\u1ebfng Vi\u1ec7t",
}
RIGHT_TO_LEFT = {
    "arabic": "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645 \u0647\u0630\u0627 \u0646\u0635 \u0639\u0631\u0628\u064a",
    "hebrew": "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd \u05d6\u05d4 \u05d8\u05e7\u05e1\u05d8",
}


def plain(text):
    """Without what a reader puts between and around words: lines, blanks, marks of direction."""
    return re.sub(r"\s+", "", BIDI_MARKS.sub("", text))


def build(name, texts, width):
    """A table of one column, and what its CSV says."""
    table = tablix("Texts", 1, [[textbox("Text", "=Fields!Text.Value")]], member(group("Details")))
    table = table.replace("<Width>1in</Width>", f"<Width>{width}</Width>")
    path = write(folder, f"{name}.rdl", report(table, inline_data("D", [[t] for t in texts], ["Text"])))
    for form in ("PDF", "CSV"):
        done = render(path, folder / f"{name}.{form}", form=form)
        assert done.status == 0, done
    with open(folder / f"{name}.CSV", encoding="utf-8-sig", newline="") as file:
        return [row[0] for row in list(csv.reader(file))[1:]]


def read(name, *options):
    return subprocess.run(["pdftotext", *options, folder / f"{name}.PDF", "-"], check=True, capture_output=True, text=True).stdout


@test
def every_script_is_found_in_the_pdf_as_the_csv_has_it():
    values = build("wide", LEFT_TO_RIGHT.values(), "4in")
    assert values == list(LEFT_TO_RIGHT.values()), values
    for options in ([], ["-layout"], ["-raw"]):
        assert plain(read("wide", *options)) == plain("".join(values)), (options, read("wide", *options))


@test
def words_stay_words():
    """No blanks inside words, none lost between them."""
    build("words", LEFT_TO_RIGHT.values(), "4in")
    lines = [line for line in read("words").splitlines() if line.strip()]
    assert [line.strip() for line in lines] == list(LEFT_TO_RIGHT.values()), lines


@test
def broken_lines_hold_the_same_text():
    for name, text in LEFT_TO_RIGHT.items():
        values = build(f"narrow-{name}", [text], "0.6in")
        assert len(read(f"narrow-{name}").split("\n")) > 2, f"{name} is not broken"
        assert plain(read(f"narrow-{name}")) == plain(values[0]), (name, read(f"narrow-{name}"))


@test
def text_from_right_to_left_is_found_in_its_own_order():
    for name, text in RIGHT_TO_LEFT.items():
        for width in ("4in", "0.6in"):
            values = build(f"rtl-{name}", [text], width)
            assert plain(read(f"rtl-{name}")) == plain(values[0]), (name, width, read(f"rtl-{name}"))


@test
def mupdf_finds_thai_and_marks():
    if not shutil.which("mutool"):
        raise Skip("mutool is not installed")
    texts = [LEFT_TO_RIGHT["thai"][:-4], *(LEFT_TO_RIGHT[name] for name in ("marks", "greek", "japanese"))]
    build("mupdf", texts, "4in")
    found = subprocess.run(["mutool", "draw", "-F", "text", folder / "mupdf.PDF"], check=True, capture_output=True, text=True).stdout
    assert unicodedata.normalize("NFC", plain(found)) == unicodedata.normalize("NFC", plain("".join(texts))), found


run()
