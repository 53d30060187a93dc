#!/usr/bin/env python3
"""IMAGE beside PDF: the same page in pixels, by Bindery and by pdftoppm. TAP."""
import shutil
import struct
import subprocess
import zlib

from harness import BUILD, ROOT, Skip, run, test
from reports import command, render, workspace

folder = workspace("images")
REPORTS = ("Sales by Region", "Sales Matrix", "Invoice", "Customer List", "Mailing Labels")
DPI = 96
BLOCK = 12  # pixels: smaller differences are of how edges are smoothed


def samples():
    if not (folder / "sales.db").exists():
        subprocess.run([BUILD / "samples" / "generate", folder / "sales.db"], check=True, stdout=subprocess.DEVNULL)
        for file in (ROOT / "samples").iterdir():
            if file.suffix in (".rdl", ".rds"):
                shutil.copy(file, folder)
    return folder


def png_pixels(path):
    """Width, height and grey values of a PNG as Bindery writes it: RGB, rows as they are or as differences to the row above."""
    data = path.read_bytes()
    width, height = struct.unpack(">II", data[16:24])
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        assert zlib.crc32(data[at + 4:at + 8 + size]) == struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0], kind
        packed += data[at + 8:at + 8 + size] if kind == b"IDAT" else b""
        at += 12 + size
    raw, stride = zlib.decompress(packed), width * 3
    assert len(raw) == (stride + 1) * height
    rows, above = [], bytes(stride)
    for y in range(height):
        row = raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)]
        assert raw[y * (stride + 1)] == 2
        above = bytes((a + b) & 255 for a, b in zip(row, above))
        rows.append([(above[i] * 299 + above[i + 1] * 587 + above[i + 2] * 114) // 1000 for i in range(0, stride, 3)])
    return width, height, rows


def pdf_pixels(path):
    out = folder / "page"
    subprocess.run(["pdftoppm", "-r", str(DPI), "-f", "1", "-l", "1", "-gray", "-singlefile", path, out], check=True)
    data = (folder / "page.pgm").read_bytes()
    magic, size, top, rest = data.split(b"\n", 3)
    width, height = map(int, size.split())
    assert magic == b"P5" and top == b"255"
    return width, height, [rest[y * width:(y + 1) * width] for y in range(height)]


def blocks(rows, width, height):
    """How dark each block of pixels is on average."""
    return [[255 - sum(sum(rows[y][x:x + BLOCK]) for y in range(top, top + BLOCK)) / BLOCK ** 2
             for x in range(0, width - BLOCK + 1, BLOCK)] for top in range(0, height - BLOCK + 1, BLOCK)]


@test
def a_page_looks_as_it_does_in_the_pdf():
    if not shutil.which("pdftoppm"):
        raise Skip("pdftoppm is not installed")
    for name in REPORTS:
        source = samples() / f"{name}.rdl"
        for output in ("page.png", "page.pdf"):
            done = render(source, folder / output, form="IMAGE" if output.endswith("png") else "PDF",
                          *(["--device-info", "OutputFormat=PNG"] if output.endswith("png") else []))
            assert done.status == 0, (name, done)
        ours, theirs = png_pixels(folder / "page.png"), pdf_pixels(folder / "page.pdf")
        assert ours[:2] == theirs[:2], (name, ours[:2], theirs[:2])
        pairs = [(a, b) for one, other in zip(blocks(ours[2], *ours[:2]), blocks(theirs[2], *theirs[:2])) for a, b in zip(one, other)]
        ink = sum(b for _, b in pairs)
        different = sum(abs(a - b) for a, b in pairs)
        assert ink > 1000 and different < 0.12 * ink, f"{name}: {different:.0f} of {ink:.0f}"
        assert max(abs(a - b) for a, b in pairs) < 70, (name, max(abs(a - b) for a, b in pairs))


@test
def a_tiff_has_as_many_pages_as_the_pdf():
    source = samples() / "Sales by Region.rdl"
    assert render(source, folder / "all.pdf", form="PDF").status == 0
    for form in ("tif", "tiff"):
        done = render_by_ending(source, folder / f"all.{form}")
        assert done.status == 0, done
        data = (folder / f"all.{form}").read_bytes()
        at, count = struct.unpack("<I", data[4:8])[0], 0
        while at:
            entries = struct.unpack("<H", data[at:at + 2])[0]
            at, count = struct.unpack("<I", data[at + 2 + entries * 12:at + 6 + entries * 12])[0], count + 1
        info = subprocess.run(["pdfinfo", folder / "all.pdf"], check=True, capture_output=True, text=True).stdout
        assert f"Pages:           {count}\n" in info and count > 1, (count, info)


def render_by_ending(source, output):
    return command("report", "render", source, "-o", output)


@test
def the_ending_of_the_file_says_which_picture():
    source = samples() / "Invoice.rdl"
    for ending, start in (("png", b"\x89PNG"), ("jpg", b"\xff\xd8"), ("jpeg", b"\xff\xd8"), ("bmp", b"BM"), ("tif", b"II*")):
        done = render_by_ending(source, folder / f"one.{ending}")
        assert done.status == 0 and (folder / f"one.{ending}").read_bytes().startswith(start), (ending, done)


run()
