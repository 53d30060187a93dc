"""Definitions and data that mean harm, through the whole road: they end in time and within their memory, with a clear reason
or with #Error in one place, under the sanitizers that the build has."""
import csv
import random
import re
import sqlite3
import subprocess

from harness import BINDERY, ROOT, run, test
from reports import (FORMATS, NAMESPACE, command, escape, group, inline_data, member, render, report, sql_data, tablix, textbox,
                     workspace, write)

folder = workspace("hostile")
ROWS = [(i, "abc"[i % 3], i * 10) for i in range(6)]
DATA = inline_data("D", ROWS, ["Id(Integer)", "Name(String)", "Amount(Decimal)"])
LIMITS = ("--time-limit", "20", "--memory-limit", "256")


def one(name, text, *options, forms=FORMATS):
    """Render `text` in each format and check it; gives the runs by format."""
    path = write(folder, f"{name}.rdl", text)
    command("report", "check", path, timeout=60)
    runs = {form: render(path, folder / f"{name}.{form}", *(options or LIMITS), form=form, timeout=60) for form in forms}
    for form, done in runs.items():
        assert done.status == 0 or len(done.error.strip()) > 20, f"{name} as {form} fails without a reason: {done}"
    return runs


def shown(name, expression):
    """What CSV shows for an expression in the body; None where the report fails."""
    runs = one(name, report(textbox("T", expression), DATA))
    if runs["CSV"].status != 0:
        return None
    rows = list(csv.reader((folder / f"{name}.CSV").open(encoding="utf-8-sig", newline="")))
    return rows[1][0] if len(rows) > 1 and rows[1] else ""


def refused(name, text, reason):
    for form, done in one(name, text).items():
        assert done.status == 1 and re.search(reason, done.error), f"{name} as {form}: {done}"


@test
def expressions_that_ask_for_gigabytes_are_errors():
    for name, expression in (
            ("space", "=Space(2000000000)"), ("strdup", '=StrDup(2000000000, "x")'), ("pad", '="x".PadLeft(2000000000)'),
            ("string", '=New String("x"c, 2000000000)'), ("lset", '=LSet("x", 2000000000)')):
        assert shown(name, expression) == "#Error", name
    for name, expression in (
            ("join", '=Join(Split(Space(1000000), " "), Space(1000))'),
            ("replace", '=Replace(Replace(Space(10000), " ", Space(10000)), " ", Space(1000))'),
            ("doubled", "=" + " & ".join(["Space(60000000)"] * 100))):
        assert shown(name, expression) in (None, "#Error"), name
        done = render(folder / f"{name}.rdl", folder / f"{name}.CSV", "--time-limit", "2", "--memory-limit", "64")
        assert done.seconds < 10, done


@test
def patterns_that_explode_end():
    assert shown("regex", '=Regex.IsMatch(StrDup(50, "a") & "!", "^(a+)+$")') in (None, "#Error", "False")
    assert shown("regex2", '=Regex.Replace(StrDup(5000, "a"), "(x+x+)+y|(a|a)*b", "")') is not None
    assert shown("like", '=StrDup(30000, "a") Like "*a*a*a*a*a*a*a*a*a*b"') in ("False", "#Error")


@test
def numbers_and_dates_out_of_range_are_errors():
    for number, (expression, expected) in enumerate((
            ("=1\\0", "#Error"), ("=1 Mod 0", "#Error"), ("=CDec(1) / CDec(0)", "#Error"), ("=2147483647 + 1", "#Error"),
            ("=1 / 0 & \" \" & 0 / 0 & \" \" & -1 / 0", "Infinity NaN -Infinity"),
            ('=CDec("79228162514264337593543950335") * 2', "#Error"), ('=CLng("-9223372036854775808") \\ -1', "#Error"),
            ('=DateAdd("yyyy", 100000, Today())', "#Error"), ("=DateSerial(99999, 1, 1)", "#Error"),
            ('=DateAdd("d", -1, CDate("0001-01-01"))', "#Error"), ('=Left("abc", -1)', "#Error"), ('=Mid("abc", 0)', "#Error"),
            ('=Mid("abc", 2147483647, 2147483647)', ""), ('="abc".Substring(5)', "#Error"), ('=Choose(99999, 1, 2)', ""),
            ("=10 ^ 400", "Infinity"), ('=CInt("1e99")', "#Error"))):
        found = shown(f"range{number}", expression)
        assert found == expected, f"{expression}: {found!r}, not {expected!r}"


@test
def expressions_that_name_each_other_end():
    one("items", report(textbox("A", "=ReportItems!B.Value") + textbox("B", "=ReportItems!A.Value"), DATA))
    assert "#Error" in (folder / "items.CSV").read_text(encoding="utf-8")
    one("variables", report(textbox("A", "=Variables!X.Value"), DATA, rest='<Variables><Variable Name="X"><Value>=Variables!Y.Value'
                            '</Value></Variable><Variable Name="Y"><Value>=Variables!X.Value</Value></Variable></Variables>'))
    calculated = '<Field Name="L"><Value>=Fields!M.Value</Value></Field><Field Name="M"><Value>=Fields!L.Value</Value></Field>'
    one("fields", report(tablix("X", 1, [[textbox("T", "=Fields!L.Value")]], member(group("G"))),
                         DATA.replace("</Fields>", calculated + "</Fields>")))
    assert (folder / "fields.CSV").read_text(encoding="utf-8").count("#Error") == len(ROWS)
    prompt = "<Prompt>p</Prompt></ReportParameter>"
    refused("parameter", report(textbox("A", "=Parameters!P.Value"), DATA, parameters='<ReportParameter Name="P"><DataType>String'
            "</DataType><DefaultValue><Values><Value>=Parameters!P.Value</Value></Values></DefaultValue>" + prompt), "'P' parameter")
    toggles = "".join(textbox(a, a, f"<Visibility><Hidden>true</Hidden><ToggleItem>{b}</ToggleItem></Visibility>")
                      for a, b in (("A", "B"), ("B", "A"), ("C", "C")))
    one("toggles", report(toggles, DATA))
    one("recursion", report(tablix("X", 1, [[textbox("T", '=Level() & " " & Sum(Fields!Amount.Value, "G", Recursive)')]],
                                   member(group("G", "=Fields!Id.Value", rest="<Parent>=(Fields!Id.Value + 1) Mod 6</Parent>"))), DATA))


@test
def aggregates_in_odd_places_end():
    for number, expression in enumerate(('=RunningValue(Fields!Amount.Value, Sum, "D")', "=RowNumber(Nothing)", "=Level()",
                                         "=Previous(Fields!Amount.Value)", '=InScope("D")', '=Sum(Sum(Fields!Amount.Value, "D"))',
                                         "=RunningValue(RunningValue(Fields!Amount.Value, Sum, Nothing), Sum, Nothing)",
                                         '=Lookup(1, Fields!Id.Value, Fields!Nope.Value, "D")')):
        one(f"odd{number}", report(textbox("T", expression), DATA))
        one(f"odd-row{number}", report(tablix("X", 1, [[textbox("T", expression)]], member(group("G"))), DATA))
    top = ("<Filters><Filter><FilterExpression>=Fields!Id.Value</FilterExpression><Operator>{}</Operator><FilterValues>"
           "<FilterValue>{}</FilterValue></FilterValues></Filter></Filters>")
    table = tablix("X", 1, [[textbox("T", "=Fields!Id.Value")]], member(group("G")), rest=top.format("TopN", "=-5"))
    refused("negative", report(table, DATA), "TopN")
    one("endless", report(tablix("X", 1, [[textbox("T", "=Fields!Id.Value")]], member(group("G")),
                                 rest=top.format("TopPercent", "=1e308 * 10")), DATA))
    table = tablix("X", 1, [[textbox("T", "=Fields!Id.Value")]], member(group("G", "=1\\0")))
    refused("key", report(table, DATA), "divide by zero")


@test
def long_and_deep_expressions_are_refused_with_their_place():
    for name, expression in (("plus", "=1" + "+1" * 500000), ("parentheses", "=" + "(" * 500000 + "1" + ")" * 500000),
                             ("not", "=" + "Not " * 250000 + "True"), ("calls", "=" + "Trim(" * 100000 + '"x"' + ")" * 100000),
                             ("nested", "=" + "IIf(True," * 5000 + "1" + ",2)" * 5000), ("minus", "=" + "-" * 60000 + "1")):
        assert shown(name, expression) == "#Error", name
        checked = subprocess.run([BINDERY, "report", "check", folder / f"{name}.rdl"], capture_output=True, text=True, timeout=60)
        assert checked.returncode == 1 and 'textbox "T", Value' in checked.stdout and len(checked.stdout) < 2000, checked.stdout[:500]
    assert shown("fields60k", "=" + " & ".join(["1"] * 15000)) == "1" * 15000


@test
def documents_that_are_no_reports_are_refused():
    bomb = "".join(f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(9))
    refused("bomb", f'<?xml version="1.0"?><!DOCTYPE Report [<!ENTITY a "aaaaaaaaaa">{bomb}]><Report xmlns="{NAMESPACE}">'
            "<Description>&j;</Description></Report>", "DOCTYPE")
    refused("external", '<?xml version="1.0"?><!DOCTYPE Report [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
            f'<Report xmlns="{NAMESPACE}"><Description>&a;</Description></Report>', "DOCTYPE")
    deep = "".join(f'<Rectangle Name="R{i}"><ReportItems>' for i in range(20000))
    refused("deep", report(deep + textbox("T", "x") + "</ReportItems></Rectangle>" * 20000, DATA), "inside each other")
    refused("members", report(tablix("X", 1, [[textbox("T", "x")]], "<TablixMember><TablixMembers>" * 5000 + member(group("G")) +
                                     "</TablixMembers></TablixMember>" * 5000), DATA), "inside each other")
    refused("sizes", report(textbox("T", "x", "<Top>1e30in</Top><Height>99999999in</Height>"), DATA), "size")
    refused("parameters", report(textbox("T", "x"), DATA, parameters="".join(
        f'<ReportParameter Name="P{i}"><DataType>String</DataType><Prompt>p</Prompt></ReportParameter>' for i in range(10000))), "10000")
    for name, text in (("empty", b""), ("zeros", b"\0\0\0"), ("open", b"<Report"), ("html", b"<html><body>no</body></html>")):
        refused(name, text, ".")


@test
def odd_sizes_spans_and_styles_render():
    one("large", report(textbox("T", "x", "<Top>100in</Top><Left>150in</Left><Height>160in</Height><Width>160in</Width>"), DATA,
                        width="160in", height="160in"))
    one("narrow", report(textbox("T", "word " * 5000, "<Top>0in</Top><Left>0in</Left><Height>1in</Height><Width>0.01in</Width>"), DATA))
    spanning = textbox("T", "x").replace("</Textbox>", "</Textbox><ColSpan>2000000000</ColSpan><RowSpan>2000000000</RowSpan>")
    one("spans", report(tablix("X", 2, [[spanning, ""]], member(group("G"))), DATA))
    one("styles", report(textbox("T", "x", style='<FontSize>="0.0001pt"</FontSize><LineHeight>=-5 &amp; "pt"</LineHeight>'
                                 '<Color>="red;}&lt;/style>&lt;script>"</Color><FontFamily>' + "F" * 10000 + "</FontFamily>"), DATA))
    assert "<script>" not in (folder / "styles.HTML5").read_text(encoding="utf-8")
    tiny = "<PageHeight>0.01in</PageHeight><PageWidth>0.01in</PageWidth><TopMargin>5in</TopMargin><LeftMargin>5in</LeftMargin>"
    assert one("tiny", report(textbox("T", "x"), DATA, page=tiny))["PDF"].status == 1


@test
def text_that_goes_out_is_utf8():
    database = sqlite3.connect(folder / "bytes.db")
    database.execute("CREATE TABLE t (a TEXT, b TEXT)")
    database.execute("INSERT INTO t VALUES (CAST(x'636166E9' AS TEXT), CAST(x'ED A0 BD'  AS TEXT))".replace("ED A0 BD", "EDA0BD"))
    database.execute("INSERT INTO t VALUES ('a' || char(0) || 'b', char(1, 8, 27, 127, 65534))")
    database.commit()
    half = "=Fields!a.Value & ChrW(55357) & ChrW(56832) & ChrW(55357) & Chr(0) & Fields!b.Value"
    one("bytes", report(tablix("X", 2, [[textbox("T", half), textbox("U", "=Fields!b.Value")]], member(group("G"))),
                        sql_data("D", "SELECT a, b FROM t", ["a", "b"]), database="bytes.db"))
    text = (folder / "bytes.CSV").read_bytes().decode("utf-8")
    assert "caf\ufffd\U0001f600\ufffd" in text, text
    (folder / "bytes.HTML5").read_bytes().decode("utf-8")


@test
def cut_and_changed_definitions_end():
    chance = random.Random(20240229)
    sources = [p.read_bytes() for p in sorted((ROOT / "samples").glob("*.rdl"))]
    values = [b"-1", b"0", b"999999999", b"", b"=Nothing", b"=1\\0", b"true", b"0in", b"160in", b"=RowNumber(Nothing)",
              b"=Sum(Fields!amount.Value)", b"=Fields!nope.Value"]
    paths = []
    for number in range(120):
        text = chance.choice(sources)
        if number % 3 == 0:
            text = text[:chance.randrange(len(text))]
        for _ in range(chance.randrange(1, 5) if number % 3 else 0):
            found = list(re.finditer(rb">([^<>]{0,200})</", text))
            spot = chance.choice(found)
            text = text[:spot.start(1)] + chance.choice(values) + text[spot.end(1):]
        paths.append(write(folder, f"changed{number}.rdl", text))
    done = command("report", "check", *paths)
    assert done.status == 1, done
    for number, path in enumerate(paths):
        if number % 3:
            done = render(path, folder / "changed", *LIMITS, "--sample-data", form=FORMATS[number % len(FORMATS)])
            assert done.status == 0 or len(done.error.strip()) > 20, f"{path}: {done}"


@test
def a_million_rows_keep_to_their_limits():
    database = sqlite3.connect(folder / "big.db")
    database.execute("CREATE TABLE t (id INTEGER, grp TEXT, name TEXT, amount DECIMAL(12,2), day DATE)")
    database.execute("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999) INSERT INTO t SELECT i, "
                     "'G' || (i % 997), 'Name number ' || i, (i * 7919 % 1000000) / 100.0, date('2024-01-01', (i % 365) || ' days') FROM n")
    database.commit()
    total, = database.execute("SELECT SUM(CAST(ROUND(amount * 100) AS INTEGER)) FROM t").fetchone()
    fields = ["id", "grp", "name", "amount", "day"]
    detail = tablix("T", 5, [[textbox(f, f"=Fields!{f}.Value") for f in fields],
                             [textbox("n", "=CountRows()"), textbox("s", "=Sum(Fields!amount.Value)"), textbox("x", ""), textbox("y", ""), textbox("z", "")]],
                    member(group("Rows")) + member())
    path = write(folder, "big.rdl", report(detail, sql_data("D", "SELECT * FROM t", fields), database="big.db"))
    for form in ("CSV", "HTML5"):
        done = render(path, folder / f"big.{form}", "--memory-limit", "512", form=form, timeout=300)
        assert done.status == 0, done
    with (folder / "big.CSV").open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        head = next(rows)
        amount, sums, count = head.index("amount"), set(), 0
        found = 0
        for row in rows:
            found += round(float(row[amount]) * 100)
            sums.add((row[head.index("n")], row[head.index("s")]))
            count += 1
    assert (count, found) == (1000000, total)
    assert sums == {("1000000", f"{total // 100}.{total % 100:02}")}, sums
    endless = write(folder, "endless.rdl", report(detail, sql_data("D", "SELECT a.* FROM t AS a, t AS b", fields),
                                                  database="big.db"))
    by_name = "<SortExpressions><SortExpression><Value>=Fields!name.Value</Value></SortExpression></SortExpressions>"  # rows that are sorted are held
    held = write(folder, "held.rdl", path.read_text().replace('<Group Name="Rows"></Group>', '<Group Name="Rows"></Group>' + by_name))
    for limited, options, reason in ((endless, ("--time-limit", "1"), "time|long"), (held, ("--memory-limit", "64"), "64 MiB")):
        for form in FORMATS:
            done = render(limited, folder / f"stopped.{form}", *options, form=form, timeout=60)
            assert done.status == 1 and re.search(reason, done.error) and done.seconds < 20, done
            assert not (folder / f"stopped.{form}").exists(), form
    for name in ("big.db", "big.CSV", "big.HTML5"):
        (folder / name).unlink()


run()
