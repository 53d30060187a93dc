#!/usr/bin/env python3
"""Totals and orders at every size: 1,000, 100,000 and 1,000,000 rows against SQL's own over whole cents. TAP."""
import csv
import pathlib
import sqlite3
import tempfile
from fractions import Fraction

from harness import run, test
from reports import render

SIZES = (1000, 100000, 1000000)

# amount: near-unique money with nulls; weight: doubles that add up exactly; numbers scattered without chance
FILL = """
INSERT INTO t
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}),
     x(i, a, b) AS (SELECT i, i * 2654435761 % 4294967296, i * 40503 % 65536 FROM n)
SELECT i, 'Region ' || (a / 7 % 8), CASE WHEN i % 10 THEN a % 399960000 - 100000000 END, b % 4000, b % 1000 * 0.25, date('2020-01-01', '+' || (b % 1800) || ' days') FROM x
"""
MONEY = "CASE WHEN cents IS NULL THEN NULL ELSE (CASE WHEN cents < 0 THEN '-' ELSE '' END) || (abs(cents) / 100) || '.' || substr('0' || (abs(cents) % 100), -2) END"

BOX = """<TablixCell><CellContents><Textbox Name="{name}"><Paragraphs><Paragraph><TextRuns><TextRun><Value>{value}</Value></TextRun></TextRuns></Paragraph></Paragraphs></Textbox></CellContents></TablixCell>"""
REPORT = """<?xml version="1.0"?>
<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition" xmlns:rd="http://schemas.microsoft.com/SQLServer/reporting/reportdesigner">
<DataSources><DataSource Name="S"><ConnectionProperties><DataProvider>SQLITE</DataProvider><ConnectString>Data Source=rows.db</ConnectString></ConnectionProperties></DataSource></DataSources>
<DataSets><DataSet Name="D"><Query><DataSourceName>S</DataSourceName><CommandText>SELECT id, region, {money} AS amount, quantity, weight, day FROM t</CommandText></Query>
<Fields><Field Name="id"><DataField>id</DataField><rd:TypeName>System.Int64</rd:TypeName></Field><Field Name="region"><DataField>region</DataField></Field>
<Field Name="amount"><DataField>amount</DataField><rd:TypeName>System.Decimal</rd:TypeName></Field><Field Name="quantity"><DataField>quantity</DataField><rd:TypeName>System.Int64</rd:TypeName></Field>
<Field Name="weight"><DataField>weight</DataField><rd:TypeName>System.Double</rd:TypeName></Field><Field Name="day"><DataField>day</DataField><rd:TypeName>System.DateTime</rd:TypeName></Field></Fields></DataSet></DataSets>
<ReportSections><ReportSection><Body><ReportItems><Tablix Name="T"><TablixBody><TablixColumns>{widths}</TablixColumns><TablixRows>
<TablixRow><Height>12pt</Height><TablixCells>{cells}</TablixCells></TablixRow></TablixRows></TablixBody>
<TablixColumnHierarchy><TablixMembers>{columns}</TablixMembers></TablixColumnHierarchy>
<TablixRowHierarchy><TablixMembers><TablixMember>{member}</TablixMember></TablixMembers></TablixRowHierarchy>{rest}</Tablix></ReportItems><Height>20pt</Height></Body>
<Width>400pt</Width><Page/></ReportSection></ReportSections></Report>
"""
SORTED = "<SortExpressions><SortExpression><Value>=Fields!{0}.Value</Value></SortExpression></SortExpressions>"
GROUP = """<Group Name="G"><GroupExpressions><GroupExpression>=Fields!{0}.Value</GroupExpression></GroupExpressions></Group>""" + SORTED


def database(folder, count):
    file = sqlite3.connect(folder / "rows.db")
    file.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, region TEXT, cents INTEGER, quantity INTEGER, weight REAL, day DATE)")
    file.execute(FILL.format(count=count))
    file.commit()
    return file


def rendered(folder, member, boxes, rest=""):
    """The records of a region over the rows; each a dictionary."""
    cells = "".join(BOX.format(name=name, value="=" + value) for name, value in boxes.items())
    text = REPORT.format(money=MONEY.replace("<", "&lt;"), cells=cells, member=member, rest=rest, widths="<TablixColumn><Width>50pt</Width></TablixColumn>" * len(boxes),
                         columns="<TablixMember/>" * len(boxes))
    (folder / "report.rdl").write_text(text)
    done = render(folder / "report.rdl", folder / "out.csv", timeout=600)
    assert done.status == 0, done
    with open(folder / "out.csv", encoding="utf-8-sig", newline="") as out:
        return list(csv.DictReader(out))


TOTALS = {
    "rows": "CountRows()", "sum": "Sum(Fields!amount.Value)", "average": "Avg(Fields!amount.Value)",
    "least": "Min(Fields!amount.Value)", "most": "Max(Fields!amount.Value)", "count": "Count(Fields!amount.Value)",
    "distinct": "CountDistinct(Fields!amount.Value)", "quantity": "Sum(Fields!quantity.Value)",
    "weight": "Sum(Fields!weight.Value)", "heaviest": "Max(Fields!weight.Value)", "kinds": "CountDistinct(Fields!quantity.Value)",
    "first": "Min(Fields!day.Value).ToString(&quot;yyyy-MM-dd&quot;)", "last": "Max(Fields!day.Value).ToString(&quot;yyyy-MM-dd&quot;)",
}
SQL = ("count(*), sum(cents), min(cents), max(cents), count(cents), count(DISTINCT cents), sum(quantity), sum(weight), max(weight), "
       "count(DISTINCT quantity), min(day), max(day)")


def compare(record, expected):
    rows, cents, least, most, count, distinct, quantity, weight, heaviest, kinds, first, last = expected
    exact = {"rows": rows, "count": count, "distinct": distinct, "quantity": quantity, "weight": Fraction(weight),
             "heaviest": Fraction(heaviest), "kinds": kinds, "sum": Fraction(cents, 100), "least": Fraction(least, 100), "most": Fraction(most, 100)}
    for name, value in exact.items():
        assert Fraction(record[name]) == value, (name, record[name], value)
    assert abs(Fraction(record["average"]) - Fraction(cents, 100 * count)) < Fraction(1, 10 ** 18), (record["average"], cents, count)
    assert (record["first"], record["last"]) == (first, last), record


@test
def totals_of_groups_are_those_of_sql_at_every_size():
    for count in SIZES:
        with tempfile.TemporaryDirectory(prefix="bindery-totals-") as name:
            folder = pathlib.Path(name)
            file = database(folder, count)
            records = rendered(folder, GROUP.format("region"), {"region": "Fields!region.Value"} | TOTALS)
            expected = file.execute(f"SELECT region, {SQL} FROM t GROUP BY region ORDER BY region").fetchall()
            assert [r["region"] for r in records] == [e[0] for e in expected], records
            for record, one in zip(records, expected):
                compare(record, one[1:])


@test
def grand_totals_are_those_of_sql_at_every_size():
    for count in SIZES:
        with tempfile.TemporaryDirectory(prefix="bindery-totals-") as name:
            folder = pathlib.Path(name)
            file = database(folder, count)
            (record,) = rendered(folder, "", TOTALS)
            compare(record, file.execute(f"SELECT {SQL} FROM t").fetchone())


@test
def rows_sorted_by_near_unique_money_are_in_the_order_of_sql():
    for count in SIZES[:2]:
        with tempfile.TemporaryDirectory(prefix="bindery-totals-") as name:
            folder = pathlib.Path(name)
            file = database(folder, count)
            for direction in ("Ascending", "Descending"):
                sort = SORTED.format("amount").replace("</Value>", f"</Value><Direction>{direction}</Direction>")
                records = rendered(folder, '<Group Name="Details"/>' + sort, {"id": "Fields!id.Value"})
                order = "ASC" if direction == "Ascending" else "DESC"
                expected = [str(i) for (i,) in file.execute(f"SELECT id FROM t ORDER BY cents {order}, id")]
                assert [r["id"] for r in records] == expected, direction


@test
def groups_of_near_unique_money_are_those_of_sql():
    for count in SIZES[:2]:
        with tempfile.TemporaryDirectory(prefix="bindery-totals-") as name:
            folder = pathlib.Path(name)
            file = database(folder, count)
            file.execute("UPDATE t SET cents = cents / 3 * 3 WHERE id % 2")
            file.commit()
            records = rendered(folder, GROUP.format("amount"), {"rows": "CountRows()", "least": "Min(Fields!id.Value)"})
            expected = file.execute("SELECT count(*), min(id) FROM t GROUP BY cents ORDER BY cents").fetchall()
            assert [(int(r["rows"]), int(r["least"])) for r in records] == expected


run()
