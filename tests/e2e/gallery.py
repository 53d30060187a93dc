"""The reports of tests/gallery: what their models among the pictures of the original say is said on our pages, and no page
holds a note. (How they look is for eyes: tests/gallery/show.py.)"""
import html
import pathlib
import re
import subprocess
import sys

from harness import ROOT, run, test
from reports import render, workspace, write

sys.path.insert(0, str(ROOT / "tests" / "gallery"))
import gallery  # noqa: E402

folder = workspace("gallery")
NOTE = re.compile(r"cannot be drawn|is not shown by this version|#Error")


def plain(text):
    """Text without line breaks and blanks: a cell may be broken anywhere between words."""
    return re.sub(r"\s+", "", text)


def read_pdf(path):
    return subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True).stdout


def read_html(path):
    text = re.sub(r"(?s)<(style|script)\b.*?</\1>", "", path.read_text("utf-8"))
    return html.unescape(re.sub(r"<[^>]*>", "", text))


READERS = {"PDF": read_pdf, "HTML5": read_html, "CSV": lambda path: path.read_text("utf-8-sig")}


def words(says):
    """A phrase may be parted by what stands beside it on the same lines, so its words are looked for one by one."""
    return [word for phrase in says for word in phrase.split()]


def check(name):
    _, _, says, beside, build = gallery.PICTURES[name]
    for other, definition in beside:
        write(folder, f"{other}.rdl", definition())
    path = write(folder, f"{name}.rdl", build())
    for form, read in READERS.items():
        output = folder / f"{name}.{form}"
        done = render(path, output, form=form)
        assert done.status == 0, (form, done)
        noise = [l for l in done.error.splitlines() if "font family" not in l]
        assert not noise, (form, noise)
        text = read(output)
        assert not NOTE.search(text), (form, NOTE.search(text))
        if form != "CSV":
            missing = [w for w in words(says) if plain(w) not in plain(text)]
            assert not missing, (form, missing)


for name in gallery.PICTURES:
    def one(name=name):
        check(name)
    one.__name__ = name
    test(one)


@test
def every_picture_fits_its_page():
    for name, (_, size, _, _, _) in gallery.PICTURES.items():
        pages = subprocess.run(["pdfinfo", folder / f"{name}.PDF"], check=True, capture_output=True, text=True).stdout
        assert re.search(r"Pages:\s+1\n", pages), (name, pages)
        width, height = map(float, re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", pages).groups())
        assert abs(width - size[0] * .75) < 1 and abs(height - size[1] * .75) < 1, (name, size, width, height)


run()
