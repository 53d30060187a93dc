#!/usr/bin/env python3
"""IMAGE beside PDF: the same page in pixels, by Bindery and by pdftoppm; pictures from outside a report. TAP."""
import http.server
import shutil
import struct
import subprocess
import threading
import urllib.parse
import zlib

from harness import Instance, Skip, run, test
from reports import command, render, report, samples, workspace, write

folder = workspace("images")
REPORTS = ("Sales by Region", "Sales Matrix", "Invoice", "Customer List", "Mailing Labels")
DPI = 96
BLOCK = 12  # pixels: smaller differences are of how edges are smoothed


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
        source = samples(folder) / f"{name}.rdl"
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
    source = samples(folder) / "Sales by Region.rdl"
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
    source = samples(folder) / "Invoice.rdl"
    for ending, start in (("png", b"\x89PNG"), ("jpg", b"\xff\xd8"), ("jpeg", b"\xff\xd8"), ("bmp", b"BM"), ("tif", b"II*")):
        done = render_by_ending(source, folder / f"one.{ending}")
        assert done.status == 0 and (folder / f"one.{ending}").read_bytes().startswith(start), (ending, done)


# ---- pictures from outside


def green():
    """A PNG of 8 by 8 green pixels."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress((b"\0" + b"\0\x80\0" * 8) * 8)) + chunk(b"IEND", b""))


def picture(place):
    return report(f'<Image Name="I"><Source>External</Source><Value>{place}</Value><Sizing>Fit</Sizing><Height>1in</Height>'
                  "<Width>1in</Width></Image>", page="<LeftMargin>0in</LeftMargin><TopMargin>0in</TopMargin>")


def pictures_in(pdf):
    return subprocess.run(["pdfimages", "-list", pdf], check=True, capture_output=True, text=True).stdout.count("\n") - 2


def text_of(pdf):
    return " ".join(subprocess.run(["pdftotext", pdf, "-"], check=True, capture_output=True, text=True).stdout.split())


class Pictures(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        found = self.path == "/green.png"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(green() if found else b"none")

    def log_message(self, *_):
        pass


@test
def an_external_picture_is_a_file_beside_the_report_or_has_an_address():
    (folder / "green.png").write_bytes(green())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    try:
        for place, shown in (("green.png", 1), ("/Images/green.png", 1), (address + "green.png", 1), ("missing.png", 0),
                             (address + "missing.png", 0)):
            source = write(folder, "external.rdl", picture(place))
            for form in ("PDF", "HTML5"):
                done = render(source, folder / f"external.{form}", form=form)
                assert done.status == 0, (place, done)
            assert pictures_in(folder / "external.PDF") == shown, place
            assert shown or "missing.png" in text_of(folder / "external.PDF"), text_of(folder / "external.PDF")
            page = (folder / "external.HTML5").read_text()
            assert ("data:image/png;base64" in page) == (shown == 1 and not place.startswith("http")), place
    finally:
        server.shutdown()
        server.server_close()


@test
def on_a_server_it_is_an_item_and_other_hosts_are_not_asked():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with Instance() as instance:
            (instance.folder / "green.png").write_bytes(green())
            instance.bindery("report", "publish", "--folder", "/Images", instance.folder / "green.png")
            for name, place, shown in (("Item", "/Images/green.png", 1), ("Up", "../Images/green.png", 1), ("None", "green.png", 0),
                                       ("Host", f"http://127.0.0.1:{server.server_port}/green.png", 0)):
                instance.bindery("report", "publish", "--folder", "/Tests", write(instance.folder, f"{name}.rdl", picture(place)))
                answer = instance.get(f"/ReportServer?{urllib.parse.quote('/Tests/' + name, safe='')}&rs:Command=Render&rs:Format=PDF",
                                      user="reader")
                assert answer.status == 200, answer.text[:300]
                (instance.folder / "out.pdf").write_bytes(answer.body)
                assert pictures_in(instance.folder / "out.pdf") == shown, (name, text_of(instance.folder / "out.pdf"))
    finally:
        server.shutdown()
        server.server_close()


run()
