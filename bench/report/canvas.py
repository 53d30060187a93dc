"""The grouped sales report with ReportLab's canvas: canvas.py DATABASE OUT ROWS. Every row a string per cell, as a program that
knows its report would write it."""
import sqlite3
import sys
from decimal import Decimal

from reportlab.pdfgen.canvas import Canvas

FIELDS = ["id", "region", "product", "customer", "ordered", "quantity", "price", "amount"]
WIDTHS = [50, 55, 105, 110, 60, 45, 55, 70]
RIGHT = {0, 5, 6, 7}
LEFT, TOP, BOTTOM, STEP = 28.8, 756, 56, 12


def main(path, out, count):
    canvas = Canvas(out, pagesize=(612, 792), pageCompression=1)
    starts = [LEFT + sum(WIDTHS[:i]) for i in range(8)]
    page, y = 1, TOP

    def line(cells, bold=False):
        nonlocal page, y
        if y < BOTTOM:
            canvas.setFont("Helvetica", 8)
            canvas.drawString(LEFT, 40, f"Page {page}")
            canvas.showPage()
            page, y = page + 1, TOP
            line(FIELDS, True)
        canvas.setFont("Helvetica-Bold" if bold else "Helvetica", 8)
        for i, text in enumerate(cells):
            if text == "":
                continue
            if i in RIGHT:
                canvas.drawRightString(starts[i] + WIDTHS[i] - 2, y, text)
            else:
                canvas.drawString(starts[i] + 2, y, text)
        y -= STEP

    groups = {}
    rows = sqlite3.connect(path).execute(f"SELECT {', '.join(FIELDS)} FROM sales LIMIT ?", (count,))
    for row in rows:
        groups.setdefault(row[1], []).append(row)
    line(FIELDS, True)
    all_quantity, all_amount = 0, Decimal(0)
    for region in sorted(groups):
        quantity, amount = 0, Decimal(0)
        line([region], True)
        for row in groups[region]:
            price, money = Decimal(str(row[6])), Decimal(str(row[7]))
            quantity += row[5]
            amount += money
            line([str(row[0]), row[1], row[2], row[3], row[4], str(row[5]), f"{price:,.2f}", f"{money:,.2f}"])
        line(["Total " + region, "", "", "", "", str(quantity), "", f"{amount:,.2f}"], True)
        all_quantity += quantity
        all_amount += amount
    line(["Total", "", "", "", "", str(all_quantity), "", f"{all_amount:,.2f}"], True)
    canvas.save()


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
