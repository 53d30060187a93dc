"""The samples against their own database: what a report says is what SQL says, and every format says the same.

The database has the amounts as decimals of two places; sums are made here in cents, so that they are exact.
"""
import csv
import html.parser
import re
import shutil
import sqlite3
import subprocess
from decimal import Decimal

from harness import BUILD, ROOT, Skip, run, test
from reports import render, workspace

folder = workspace("figures")
for path in (ROOT / "samples").glob("*.rd[ls]"):
    shutil.copy(path, folder)
subprocess.run([str(BUILD / "samples" / "generate"), str(folder / "sales.db")], check=True)
database = sqlite3.connect(folder / "sales.db")
CENTS = "CAST(ROUND(amount * 100) AS INTEGER)"


def produce(name, form, *options):
    output = folder / f"{name}.{form}"
    done = render(folder / f"{name}.rdl", output, *options, form=form)
    assert done.status == 0, done
    return output


def blocks(path):
    """The tables of a CSV file, each a list of dictionaries: an empty line stands between them."""
    tables, lines = [], []
    for record in [*csv.reader(path.open(encoding="utf-8-sig", newline="")), []]:
        if record:
            lines.append(record)
        elif lines:
            tables.append([dict(zip(lines[0], line)) for line in lines[1:]])
            lines = []
    return tables


def table(path, column):
    return next(t for t in blocks(path) if t and column in t[0])


def number(text):
    return Decimal(0 if text == "–" else text.replace(",", "")) if text else None


def cents(text):
    value = number(text) * 100
    assert value == value.to_integral_value(), text
    return int(value)


class Rows(html.parser.HTMLParser):
    """The rows of the innermost tables of a page: lists of the texts of their cells."""

    def __init__(self):
        super().__init__()
        self.rows, self.open, self.cells = [], [], []

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.open.append([])
        elif tag == "td":
            self.cells.append("")
        elif tag == "br" and self.cells:
            self.cells[-1] += "\n"

    def handle_endtag(self, tag):
        if tag == "td" and self.cells:
            text = self.cells.pop()
            if self.open:
                self.open[-1].append(text)
        elif tag == "tr" and self.open:
            self.rows.append(self.open.pop())

    def handle_data(self, data):
        if self.cells:
            self.cells[-1] += data


def html_rows(path):
    parser = Rows()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser.rows


def pdf_text(path):
    if not shutil.which("pdftotext"):
        raise Skip("pdftotext is not installed")
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout


@test
def sales_by_region_are_those_of_sql():
    for year in (2022, 2025):
        rows = table(produce("Sales by Region", "CSV", "-p", f"Year={year}"), "RegionAmount")
        where = f"FROM sales WHERE year = {year}"
        expected = {(r, c, k): (q, a, n) for r, c, k, q, a, n in database.execute(
            f"SELECT region, country, category, SUM(quantity), SUM({CENTS}), COUNT(returned) {where} GROUP BY 1, 2, 3")}
        found = {(r["RegionName"], r["CountryName"].strip(), r["Category"].strip()):
                 (int(number(r["Quantity"])), cents(r["Amount"]), int(number(r["Returns"]))) for r in rows}
        assert found == expected, f"{year}: {len(found)} rows, {len(expected)} expected"
        regions = dict(database.execute(f"SELECT region, SUM({CENTS}) {where} GROUP BY 1"))
        assert {r["RegionName"]: cents(r["RegionAmount"]) for r in rows} == regions
        countries = dict(database.execute(f"SELECT country, SUM({CENTS}) {where} GROUP BY 1"))
        assert {r["CountryName"].strip(): cents(r["CountryAmount"]) for r in rows} == countries
        total, = database.execute(f"SELECT SUM({CENTS}) {where}").fetchone()
        assert {cents(r["TotalAmount"]) for r in rows} == {total}


@test
def the_matrix_is_that_of_sql_in_cells_and_totals():
    rows = table(produce("Sales Matrix", "CSV"), "Cell")
    exact = {}
    for category, product, year, region, total in database.execute(
            f"SELECT category, product, year, region, SUM({CENTS}) FROM sales GROUP BY 1, 2, 3, 4"):
        exact[category, product, str(year), region] = total

    def whole(keep):
        total = sum(v for k, v in exact.items() if keep(k))
        return total

    cells = 0
    for r in rows:
        if r["ProductHead"] and r["RegionHead"] and r["Cell"]:
            key = (r["CategoryHead"], r["ProductHead"], r["YearHead"], r["RegionHead"])
            assert abs(number(r["Cell"]) * 100 - exact[key]) <= 50, (key, r["Cell"], exact[key])
            cells += 1
    assert cells == len(exact), f"{cells} cells, {len(exact)} expected"
    grand = {r["GrandYears"] for r in rows if r["GrandYears"]}
    assert len(grand) == 1 and abs(number(grand.pop()) * 100 - whole(lambda k: True)) <= 50
    for name, column, part in (("CategoryHead", "CatTotalYears", 0), ("ProductHead", "CellYears", 1)):
        seen = {(r["CategoryHead"], r[name]): r[column] for r in rows if r[name] and r[column]}
        for (category, value), text in seen.items():
            expected = whole(lambda k: k[0] == category and k[part] == value)
            assert abs(number(text) * 100 - expected) <= 50, (category, value, text, expected)
        assert len({v for _, v in seen}) == len({k[part] for k in exact})


@test
def the_drilldown_is_that_of_sql_with_its_parameters():
    rows = table(produce("Category Drilldown", "CSV", "-p", "Category=Inks", "-p", "Category=Tools", "-p", "Region=Americas",
                         "-p", "From=2024-02-01", "-p", "Until=2024-02-29"), "CatSum")
    where = ("FROM sales WHERE category IN ('Inks', 'Tools') AND region = 'Americas' AND ordered BETWEEN '2024-02-01' "
             "AND '2024-02-29'")
    expected = database.execute(f"SELECT quantity, {CENTS} {where} ORDER BY 1, 2").fetchall()
    assert sorted((int(number(r["Qty"])), cents(r["Amt"])) for r in rows) == expected
    for column, key in (("CatSum", "category"), ("ProdSum", "product")):
        label = {"CatSum": "CatLabel", "ProdSum": "ProdLabel"}[column]
        totals = dict(database.execute(f"SELECT {key}, SUM({CENTS}) {where} GROUP BY 1"))
        found = {re.sub(r" \(\d+ products\)$", "", r[label]).strip(): cents(r[column]) for r in rows}
        assert found == totals, (column, found, totals)
    assert {cents(r["AllSum"]) for r in rows} == {sum(c for _, c in expected)}


@test
def invoices_add_up():
    rows = table(produce("Invoice", "CSV", "-p", "FirstOrder=1000", "-p", "LastOrder=1060"), "GrossValue")
    lines = database.execute(f"SELECT order_id, {CENTS} FROM order_line WHERE order_id BETWEEN 1000 AND 1060").fetchall()
    assert len(rows) == len(lines)
    net, tax = {}, dict(database.execute(
        "SELECT o.id, CAST(ROUND(c.tax_percent * 10) AS INTEGER) FROM sales_order o JOIN customer u ON u.id = o.customer_id "
        "JOIN country c ON c.id = u.country_id"))
    for order, amount in lines:
        net[order] = net.get(order, 0) + amount
    for r in rows:
        order = int(r["InvoiceTitle"].split()[1])
        assert cents(r["NetValue"]) == net[order], r
        # Round(x, 2) of Visual Basic goes to the even digit in the middle
        charged = (Decimal(net[order]) * tax[order] / 1000).quantize(Decimal(1), rounding="ROUND_HALF_EVEN")
        assert cents(r["TaxValue"]) == charged, (r["TaxValue"], charged)
        assert cents(r["GrossValue"]) == net[order] + charged, r


@test
def csv_is_the_query():
    rows = table(produce("Customer List", "CSV"), "Since")
    expected = {i: (name, contact, "/".join(reversed(since.split("-"))), phone or "–") for i, name, contact, since, phone in
                database.execute("SELECT id, name, contact, since, phone FROM customer")}
    assert {int(r["Id"]): (r["Name"], r["Contact"], r["Since"], r["Phone"]) for r in rows} == expected


@test
def html_says_what_csv_says():
    for name, columns in (("Customer List", ("Id", "Name", "Contact", "Street", "City", "Country", "Phone", "Since")),
                          ("Sales by Region", ("Category", "Returns", "Quantity", "Amount"))):
        expected = [[r[c] for c in columns] for r in table(produce(name, "CSV"), columns[0])]
        shown = html_rows(produce(name, "HTML5"))
        details = [row for row in shown if row in expected]
        assert details == expected, f"{name}: {len(details)} of {len(expected)} rows in HTML, or in another order"
    total = table(produce("Sales by Region", "CSV"), "TotalAmount")[0]
    assert [total[c] for c in ("TotalName", "TotalReturns", "TotalQuantity", "TotalAmount")] in html_rows(folder / "Sales by Region.HTML5")


@test
def pdf_says_what_csv_says():
    rows = table(produce("Sales by Region", "CSV"), "TotalAmount")
    text = pdf_text(produce("Sales by Region", "PDF"))
    for amount in {r[c] for r in rows for c in ("Amount", "CountryAmount", "RegionAmount", "TotalAmount")}:
        assert amount in text, f"{amount} is not in the PDF"
    names = pdf_text(produce("Customer List", "PDF"))
    assert len(re.findall(r"\d\d/\d\d/\d{4}", names)) == 640
    assert "640 customers" in names


@test
def every_run_says_the_same():
    for form in ("CSV", "HTML5"):
        first = produce("Sales Matrix", form).read_bytes()
        assert produce("Sales Matrix", form).read_bytes() == first, form


run()
