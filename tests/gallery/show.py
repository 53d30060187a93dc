#!/usr/bin/env python3
"""Pictures of the gallery, beside those of the original where they are at hand.

    tests/gallery/show.py [--to FOLDER] [NAME ...]     default: build/gallery
    tests/gallery/show.py --docs                       the pictures of docs/reports.md, made anew

Writes NAME.rdl and NAME.png, and index.html, which shows each beside the picture it was made after.
"""
import argparse
import html
import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]
import gallery  # noqa: E402
from harness import BUILD, ROOT, Skip, shared  # noqa: E402
from reports import render, write  # noqa: E402


def definitions(folder, name):
    """Write the report `name` and those it needs; gives its path."""
    _, _, _, beside, function = gallery.PICTURES[name]
    for other, build in beside:
        write(folder, f"{other}.rdl", build())
    return write(folder, f"{name}.rdl", function())


def picture(folder, images, name):
    """Render `name` to images/NAME.png; its definition is written to `folder`. Gives a Run."""
    return render(definitions(folder, name), images / f"{name}.png", "--device-info", "OutputFormat=PNG", form="IMAGE")


def original(file):
    """The picture of the original, or None where it is not at hand."""
    try:
        return shared("golden", "ms-docs", "media", file)
    except Skip:
        return None


def docs():
    """Make every picture of the gallery that docs/reports.md shows."""
    images = ROOT / "docs" / "images" / "gallery"
    images.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in re.findall(r"images/gallery/(\w+)\.png", (ROOT / "docs" / "reports.md").read_text("utf-8")):
            done = picture(pathlib.Path(folder), images, name)
            print(f"{name}: {'ok' if done.status == 0 else done}", flush=True)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--to", type=pathlib.Path, default=BUILD / "gallery")
    options.add_argument("--docs", action="store_true")
    options.add_argument("names", nargs="*")
    chosen = options.parse_args()
    if chosen.docs:
        return docs()
    chosen.to.mkdir(parents=True, exist_ok=True)
    shown = []
    for name in chosen.names or gallery.PICTURES:
        file = gallery.PICTURES[name][0]
        done = picture(chosen.to, chosen.to, name)
        print(f"{name}: {done.error.strip() or 'ok'}", flush=True)
        theirs = original(file)
        shown.append(f"<h3>{html.escape(name)}</h3><img src='{name}.png'>" + (f" <img src='{theirs.as_uri()}'>" if theirs else ""))
    (chosen.to / "index.html").write_text("<!doctype html><meta charset=utf-8><style>body{background:#ddd}img{vertical-align:top}</style>" +
                                          "".join(shown))


main()
