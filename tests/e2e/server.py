#!/usr/bin/env python3
"""The report server end to end: reports over HTTPS, rights, bad input, limits, deaths, a full disk. TAP."""
import csv
import html
import io
import os
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import threading
import time
import urllib.parse
import xml.etree.ElementTree as ElementTree

from harness import APPLICATIONS, BINDERY, ROOT, Instance, Skip, basic, free_port, run, test, wait_until


def quoted(path):
    return urllib.parse.quote(path, safe="")


def render(instance, path, query, user="admin"):
    return instance.get(f"/ReportServer?{quoted(path)}&rs:Command=Render&{query}", user=user)


def sql(instance, text):
    with sqlite3.connect(instance.path / "data" / "sales.db") as db:
        return db.execute(text).fetchone()


def rows_of(answer, delimiter=","):
    return list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig")), delimiter=delimiter))


def table_of(answer):
    """The last of the regions of a CSV file, which are parted by empty lines."""
    rows = rows_of(answer)
    return rows[max(number for number, row in enumerate([[]] + rows) if not row):]


def text_of_pdf(instance, answer, *options):
    file = instance.folder / "out.pdf"
    file.write_bytes(answer.body)
    return subprocess.run(["pdftotext", "-layout", *options, file, "-"], check=True, capture_output=True, text=True).stdout


def upload(instance, folder, name, content, user="admin", token=True):
    """As the form of the portal sends it: its token is in a cookie and in a field."""
    page = instance.get("/Reports/browse/", user=user)
    cookie = page.headers.get("set-cookie", f"BinderyToken={'5' * 32}").split(";")[0]  # readers have no such form
    value = cookie.split("=", 1)[-1] if token else "0" * 32
    boundary = "----end-to-end"
    body = b""
    for field, file_name, piece in (("token", None, value.encode()), ("path", None, folder.encode()),
                                    ("overwrite", None, b"true"), ("file", name, content)):
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"'.encode()
        body += f'; filename="{file_name}"'.encode() if file_name else b""
        body += b"\r\n\r\n" + piece + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return instance.get("/Reports/do/upload", user=user, method="POST", body=body, headers={
        "Content-Type": f"multipart/form-data; boundary={boundary}", "Cookie": cookie,
        "Origin": f"https://localhost:{instance.port}"})


def definition(query, connect="Data Source=sales.db", provider="SQLITE", field="x"):
    """A report with a list of one text box over `query`."""
    return f"""<?xml version="1.0" encoding="utf-8"?>
<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition">
<DataSources><DataSource Name="D"><ConnectionProperties><DataProvider>{provider}</DataProvider>
<ConnectString>{html.escape(connect)}</ConnectString></ConnectionProperties></DataSource></DataSources>
<DataSets><DataSet Name="S"><Query><DataSourceName>D</DataSourceName><CommandText>{html.escape(query)}</CommandText>
</Query><Fields><Field Name="x"><DataField>{field}</DataField></Field></Fields></DataSet></DataSets>
<ReportSections><ReportSection><Body><ReportItems><Tablix Name="T"><TablixBody><TablixColumns><TablixColumn>
<Width>5in</Width></TablixColumn></TablixColumns><TablixRows><TablixRow><Height>0.25in</Height><TablixCells>
<TablixCell><CellContents><Textbox Name="X"><Paragraphs><Paragraph><TextRuns><TextRun><Value>=Fields!x.Value</Value>
</TextRun></TextRuns></Paragraph></Paragraphs></Textbox></CellContents></TablixCell></TablixCells></TablixRow>
</TablixRows></TablixBody><TablixColumnHierarchy><TablixMembers><TablixMember/></TablixMembers></TablixColumnHierarchy>
<TablixRowHierarchy><TablixMembers><TablixMember><Group Name="G"/></TablixMember></TablixMembers></TablixRowHierarchy>
<DataSetName>S</DataSetName><Height>0.25in</Height><Width>5in</Width></Tablix></ReportItems><Height>1in</Height></Body>
<Width>6in</Width><Page/></ReportSection></ReportSections></Report>"""


FOREVER = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) AS x FROM n"
MANY = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 400000) "
        "SELECT 'row ' || i || ' ' || hex(zeroblob(60)) AS x FROM n")
SLOW = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {}) "
        "SELECT 'counted ' || count(*) AS x FROM n")


def publish(instance, name, text, folder="/Tests"):
    file = instance.folder / f"{name}.rdl"
    file.write_text(text)
    return instance.bindery("report", "publish", "--folder", folder, file)


def data_folder(instance):
    """A data folder with a small database, for tests that do not need the samples."""
    (instance.path / "data").mkdir(exist_ok=True)
    with sqlite3.connect(instance.path / "data" / "sales.db") as db:
        db.execute("CREATE TABLE t(x)")
        db.execute("INSERT INTO t VALUES ('inside')")


# ---- reports --------------------------------------------------------------------------------------------


@test
def every_format_says_what_the_database_says():
    with Instance(samples=True) as instance:
        (total,) = sql(instance, "SELECT sum(amount) FROM sales WHERE year = 2025")
        shown = f"{total:,.2f}"
        answer = render(instance, "/Samples/Sales by Region", "rs:Format=PDF", user="reader")
        assert answer.status == 200 and answer.headers["content-type"] == "application/pdf", answer.text[:500]
        text = text_of_pdf(instance, answer)
        assert shown in text and "Sales by region" in text, text[-1500:]
        answer = render(instance, "/Samples/Sales by Region", "rs:Format=CSV")
        assert answer.headers["content-type"].startswith("text/csv") and shown in answer.text, answer.text[:500]
        answer = render(instance, "/Samples/Sales by Region", "rs:Format=HTML5&rc:Toolbar=false")
        assert answer.status == 200 and shown in html.unescape(answer.text), answer.text[:500]

        (lines, total) = sql(instance, "SELECT count(*), sum(amount) FROM sales WHERE category = 'Bindings' AND "
                                       "ordered >= '2025-01-01' AND ordered < '2025-02-01'")
        answer = render(instance, "/Samples/Category Drilldown",
                        "rs:Format=CSV&Category=Bindings&From=2025-01-01&Until=2025-01-31&Region:isnull=true")
        assert answer.status == 200, answer.text[:800]
        header, *rows = table_of(answer)
        amount = header.index("Amt")
        summed = sum(float(row[amount].replace(",", "")) for row in rows)
        assert len(rows) == lines and abs(summed - total) < 0.005, (len(rows), lines, summed, total)


@test
def parameters_reach_the_report():
    with Instance(samples=True) as instance:
        path = "/Samples/Category Drilldown"
        dates = "&From=2025-01-01&Until=2025-01-31"

        def sums(query):
            answer = render(instance, path, "rs:Format=CSV" + dates + query)
            assert answer.status == 200, answer.text[:800]
            header, *rows = table_of(answer)
            return round(sum(float(row[header.index("Amt")].replace(",", "")) for row in rows), 2)

        def expected(where):
            return round(sql(instance, "SELECT sum(amount) FROM sales WHERE ordered >= '2025-01-01' AND "
                                       "ordered <= '2025-01-31'" + where)[0] or 0, 2)

        (one,), (two,) = [sql(instance, f"SELECT name FROM category ORDER BY name LIMIT 1 OFFSET {n}") for n in (0, 1)]
        both = f"&Category={quoted(one)}&Category={quoted(two)}"
        assert sums(both + "&Region:isnull=true") == expected(f" AND category IN ('{one}', '{two}')")
        assert sums(both + "&Region=Americas") == expected(f" AND category IN ('{one}', '{two}') AND region = 'Americas'")
        assert sums("") == expected("")
        for query, code in (("&Year=abc", "rsReportParameterTypeMismatch"), ("&Year:isnull=true", "rsReportParameterValueNotSet"),
                            ("&Nobody=1", "rsUnknownReportParameter"), ("&Year=1800", "rsInvalidReportParameter"),
                            ("&Year=2024&Year=2025", "rsInvalidReportParameter")):
            answer = render(instance, "/Samples/Sales by Region", "rs:Format=PDF" + query)
            assert answer.status == 400 and f"({code})" in answer.text, (query, answer.status, answer.text[-300:])


@test
def what_is_not_there_is_told():
    with Instance(samples=True) as instance:
        answer = render(instance, "/Samples/Nobody", "rs:Format=PDF")
        assert answer.status == 404 and "(rsItemNotFound)" in answer.text, answer.text
        answer = render(instance, "/Samples/Sales Matrix", "rs:Format=PAPYRUS")
        assert answer.status == 400 and "(rsRenderingExtensionNotFound)" in answer.text, answer.text
        assert instance.get("/Reports/browse/Nowhere").status == 404
        assert instance.get("/Reports/nothing").status == 404


@test
def device_information_reaches_the_renderer():
    with Instance(samples=True) as instance:
        plain = rows_of(render(instance, "/Samples/Sales Matrix", "rs:Format=CSV"))
        other = render(instance, "/Samples/Sales Matrix", "rs:Format=CSV&rc:FieldDelimiter=%3B&rc:NoHeader=true")
        assert rows_of(other, ";") == plain[1:], other.text[:300]
        pages = [render(instance, "/Samples/Invoice", f"rs:Format=HTML5&rc:Section={n}").text for n in (1, 2)]
        customers = [re.sub(r"(?s)^.*Parameters|<[^>]*>", " ", page).split() for page in pages]
        assert customers[0] != customers[1] and 'value="2"' in pages[1], pages[1][:2000]


@test
def a_report_reads_the_device_information_that_was_given():
    with Instance(samples=True) as instance:
        shown = ('="[" &amp; Globals!RenderFormat.DeviceInfo("Mine") &amp; "," &amp; Globals!RenderFormat.DeviceInfo!NoHeader &amp; "," &amp; '
                 'IsNothing(Globals!RenderFormat.DeviceInfo!Zoom) &amp; "," &amp; Globals!RenderFormat.DeviceInfo!BinderyPageRoot &amp; "]"')
        done = publish(instance, "Device", definition("SELECT 1 AS x").replace("=Fields!x.Value", shown))
        assert done.returncode == 0, done
        answer = render(instance, "/Tests/Device", "rs:Format=CSV&rc:noheader=true&rc:Mine=of%20mine&rc:Mine=once%20more")
        assert rows_of(answer) == [["[once more,true,True,]"]], answer.text[:500]
        answer = render(instance, "/Tests/Device", "rs:Format=HTML5&rc:Zoom=75")
        assert "[,,False,]" in answer.text, answer.text[-2000:]


@test
def folders_resources_and_data_sources_are_shown():
    with Instance(samples=True) as instance:
        answer = instance.get("/ReportServer?/Samples&rs:Command=ListChildren", user="reader")
        assert answer.status == 200 and "Sales by Region" in answer.text and "[To Parent Directory]" in answer.text
        (instance.folder / "notes.txt").write_text("Grüße\n")
        instance.bindery("report", "publish", "--folder", "/Samples", instance.folder / "notes.txt")
        answer = instance.get("/ReportServer?/Samples/notes.txt", user="reader")
        assert answer.status == 200 and answer.text == "Grüße\n" and answer.headers["content-type"].startswith("text/plain")
        answer = instance.get("/ReportServer?/Samples/Sales&rs:Command=GetDataSourceContents")
        root = ElementTree.fromstring(answer.body)
        assert [child.text for child in root if child.tag.endswith("}ConnectString")] == ["Data Source=sales.db"]
        answer = instance.get("/ReportServer?/Samples/Sales&rs:Command=GetDataSourceContents", user="reader")
        assert answer.status in (403, 404) and "ConnectString" not in answer.text, answer.status


@test
def a_reader_reads_and_no_more():
    with Instance(samples=True) as instance:
        page = instance.get("/Reports/browse/Samples", user="reader")
        assert page.status == 200 and "Sales by Region" in page.text
        assert "/do/upload" not in page.text and "/do/" not in page.text, "actions are shown to a reader"
        assert "/do/upload" in instance.get("/Reports/browse/Samples").text
        answer = upload(instance, "/Samples", "mine.rdl", definition("SELECT 1 AS x").encode(), user="reader")
        assert answer.status in (403, 409) and "rsAccessDenied" in answer.text, (answer.status, answer.text[-600:])
        token = "BinderyToken=" + "5" * 32
        for action, fields in (("delete", {"path": "/Samples/Invoice"}), ("new-folder", {"path": "/", "name": "Mine"}),
                               ("move", {"path": "/Samples/Invoice", "folder": "/", "name": "Gone"})):
            body = urllib.parse.urlencode({**fields, "token": token.split("=", 1)[1]})
            answer = instance.get(f"/Reports/do/{action}", user="reader", method="POST", body=body, headers={
                "Content-Type": "application/x-www-form-urlencoded", "Cookie": token,
                "Origin": f"https://localhost:{instance.port}"})
            assert answer.status == 403 and "rsAccessDenied" in answer.text, (action, answer.status)
        paths = [item["path"] for item in instance.json("report", "list", "/Samples")["items"]]
        assert "/Samples/Invoice" in paths and "/Samples/mine" not in paths, paths


@test
def a_report_is_uploaded_with_the_token_of_its_form():
    with Instance(bind=True) as instance:
        data_folder(instance)
        content = definition("SELECT x FROM t").encode()
        answer = upload(instance, "/", "new.rdl", content, token=False)
        assert answer.status == 403 and "new" not in str(instance.json("report", "list")["items"]), answer.status
        answer = upload(instance, "/", "new.rdl", content)
        assert answer.status == 303, (answer.status, answer.text[-800:])
        assert "inside" in render(instance, "/new", "rs:Format=CSV").text
        foreign = instance.get("/Reports/do/delete", method="POST", body="path=%2Fnew", headers={
            "Content-Type": "application/x-www-form-urlencoded", "Origin": "https://elsewhere.example"})
        assert foreign.status == 403 and render(instance, "/new", "rs:Format=CSV").status == 200


# ---- bad input and limits -------------------------------------------------------------------------------


@test
def hostile_definitions_are_refused_with_the_reason():
    good = (ROOT / "samples" / "Invoice.rdl").read_bytes()
    entity = b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(12)) + b"]><Report>&m;</Report>"
    space = b'<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition">'
    hostile = {
        "truncated": good[:len(good) // 2],
        "empty": b"",
        "bomb": entity,
        "external": b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><Report>&x;</Report>',
        "deep": space + b"<Body>" * 200000,
        "nested": space + b"<Body><ReportItems>" + b'<Rectangle Name="r"><ReportItems>' * 5000 +
                  b"</ReportItems></Rectangle>" * 5000 + b"</ReportItems></Body></Report>",
        "wide": space + b"<Width>99999999999999999999in</Width><Body><Height>-1e308in</Height></Body></Report>",
        "binary": bytes(range(256)) * 40,
        "other": b"<html><body/></html>",
    }
    with Instance() as instance:
        before = instance.children("worker")
        for name, content in hostile.items():
            answer = upload(instance, "/", f"{name}.rdl", content)
            assert 400 <= answer.status < 500 and re.search(r"\(rs\w+\)", answer.text), (name, answer.status, answer.text[-400:])
            assert "root:" not in answer.text
        assert instance.json("report", "list")["items"] == []
        assert instance.children("worker") == before, "a worker ended"
        assert instance.get("/ReportServer").status == 200


@test
def a_group_that_is_its_own_parent_ends():
    text = definition("SELECT 'a' AS x UNION ALL SELECT 'b'").replace(
        '<Group Name="G"/>', '<Group Name="G"><GroupExpressions><GroupExpression>=Fields!x.Value</GroupExpression>'
        '</GroupExpressions><Parent>=Fields!x.Value</Parent></Group>')
    with Instance() as instance:
        data_folder(instance)
        publish(instance, "cycle", text)
        answer = render(instance, "/Tests/cycle", "rs:Format=CSV")
        assert answer.status in (200, 400, 500) and (answer.status == 200 or "(rs" in answer.text), answer.status
        assert instance.get("/ReportServer").status == 200


@test
def a_report_that_runs_too_long_is_ended():
    with Instance(WorkerTimeSeconds=2) as instance:
        data_folder(instance)
        publish(instance, "forever", definition(FOREVER))
        before, began = instance.children("worker"), time.monotonic()
        answer = render(instance, "/Tests/forever", "rs:Format=PDF")
        took = time.monotonic() - began
        assert answer.status == 504 and "(rsProcessingTimeout)" in answer.text, (answer.status, answer.text[-500:])
        assert 1.5 < took < 15, took
        assert instance.children("worker") == before, "a worker had to die"
        page = instance.get("/Reports/report/Tests/forever")
        assert page.status == 504 and "rsProcessingTimeout" in page.text, (page.status, page.text[-500:])


@test
def a_report_that_needs_too_much_memory_is_ended():
    with Instance(WorkerMemoryMiB=16) as instance:
        data_folder(instance)
        by_x = "<SortExpressions><SortExpression><Value>=Fields!x.Value</Value></SortExpression></SortExpressions>"  # rows that are sorted are held
        publish(instance, "many", definition(MANY).replace('<Group Name="G"/>', '<Group Name="G"/>' + by_x))
        publish(instance, "few", definition("SELECT x FROM t"))
        before = instance.children("worker")
        answer = render(instance, "/Tests/many", "rs:Format=CSV")
        assert answer.status == 413 and "(rsOperationLimitExceeded)" in answer.text, (answer.status, answer.text[-500:])
        assert instance.children("worker") == before, "a worker had to die"
        assert "inside" in render(instance, "/Tests/few", "rs:Format=CSV").text


@test
def data_sources_stay_in_the_data_folder():
    with Instance() as instance:
        data_folder(instance)
        catalog = instance.path / "catalog.db"
        query = "SELECT name AS x FROM sqlite_schema"
        secret = instance.path / "outside.xml"
        secret.write_text("<Rows><Row x='outside'/></Rows>")
        places = ["../catalog.db", "sub/../../catalog.db", str(catalog), f"file:{catalog}", f"file://{catalog}?mode=rw",
                  "./../https.db", "/etc/passwd", "..", "\"../catalog.db\""]
        for number, place in enumerate(places):
            publish(instance, f"out{number}", definition(query, connect=f"Data Source={place}"))
            answer = render(instance, f"/Tests/out{number}", "rs:Format=CSV")
            assert answer.status >= 400 and "(rsErrorOpeningConnection)" in answer.text, (place, answer.status, answer.text[-400:])
            assert "root:" not in answer.text
        for number, place in enumerate(("../outside.xml", str(secret), f"file://{secret}")):
            publish(instance, f"xml{number}", definition("<Query><ElementPath>Rows/Row{@x}</ElementPath></Query>",
                                                         connect=place, provider="XML"))
            answer = render(instance, f"/Tests/xml{number}", "rs:Format=CSV")
            assert answer.status >= 400 and "outside<" not in answer.text, (place, answer.status, answer.text[-400:])
        shared = instance.folder / "Out.rds"
        shared.write_text('<RptDataSource Name="Out"><ConnectionProperties><Extension>SQLITE</Extension>'
                          f"<ConnectString>Data Source={catalog}</ConnectString></ConnectionProperties></RptDataSource>")
        instance.bindery("report", "publish", "--folder", "/Tests", shared)
        text = re.sub("<ConnectionProperties>.*?</ConnectionProperties>", "<DataSourceReference>Out</DataSourceReference>",
                      definition(query), flags=re.S)
        publish(instance, "shared", text)
        answer = render(instance, "/Tests/shared", "rs:Format=CSV")
        assert answer.status >= 400 and "(rsErrorOpeningConnection)" in answer.text, (answer.status, answer.text[-400:])
        # A query can neither reach beside its database nor write to it.
        for number, text in enumerate((f"ATTACH '{catalog}' AS c", "DELETE FROM t", "PRAGMA writable_schema=1",
                                       "SELECT load_extension('x') AS x", "SELECT x FROM t; DELETE FROM t")):
            publish(instance, f"write{number}", definition(text))
            answer = render(instance, f"/Tests/write{number}", "rs:Format=CSV")
            assert answer.status >= 400 or number == 4, (text, answer.status)
        publish(instance, "in", definition("SELECT x FROM t"))
        assert "inside" in render(instance, "/Tests/in", "rs:Format=CSV").text
        # The command is the user's own: it reads what they can read.
        file = instance.folder / "own.rdl"
        file.write_text(definition(query, connect=f"Data Source={catalog}"))
        done = instance.bindery("report", "render", file, "--format", "CSV", "-o", instance.folder / "own.csv")
        assert done.returncode == 0 and "x" in (instance.folder / "own.csv").read_text().lower()


# ---- processes ------------------------------------------------------------------------------------------


def busy_worker(instance):
    """The worker whose processor time grows."""
    def ticks(pid):
        fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    before = {pid: ticks(pid) for pid in instance.children("worker")}
    (worker,) = wait_until(lambda: [pid for pid, was in before.items() if ticks(pid) - was >= 10], what="a worker at work")
    return worker


def in_background(function):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(function()))
    thread.start()
    return thread, answers


@test
def a_worker_killed_at_work_takes_one_request():
    with Instance() as instance:
        data_folder(instance)
        publish(instance, "forever", definition(FOREVER))
        publish(instance, "in", definition("SELECT x FROM t"))
        thread, answers = in_background(lambda: render(instance, "/Tests/forever", "rs:Format=PDF"))
        worker = busy_worker(instance)
        assert render(instance, "/Tests/in", "rs:Format=CSV").status == 200
        os.kill(worker, signal.SIGKILL)
        thread.join(30)
        assert answers and answers[0].status == 502, answers
        assert "<html" in answers[0].text and len(answers[0].text) > 100, answers[0].text
        wait_until(lambda: worker not in instance.children("worker") and len(instance.children("worker")) == 4,
                   what="a new worker")
        for _ in range(8):
            assert render(instance, "/Tests/in", "rs:Format=CSV").status == 200


def survivors(pids):
    return [pid for pid in pids if os.path.exists(f"/proc/{pid}/stat") and
            open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] != "Z"]


@test
def a_worker_that_hangs_in_a_library_is_ended():
    """One call of instr() over 60 MB, which SQLite cannot be asked to leave."""
    hang = "SELECT instr(hex(zeroblob(30000000)), hex(zeroblob(2000000)) || '1') AS x"
    with Instance(WorkerTimeSeconds=1, WorkerProcesses=2) as instance:
        data_folder(instance)
        publish(instance, "hang", definition(hang))
        before, began = instance.children("worker"), time.monotonic()
        answer = render(instance, "/Tests/hang", "rs:Format=CSV")
        assert answer.status == 502, (answer.status, answer.text[-400:])
        assert 14 < time.monotonic() - began < 40, time.monotonic() - began
        wait_until(lambda: len(instance.children("worker")) == 2, what="a new worker")
        assert len(set(before) & set(instance.children("worker"))) == 1
        assert "signal 14" in instance.server_log()
        assert instance.get("/ReportServer").status == 200


@test
def without_workers_clients_are_refused_at_once():
    with Instance(WorkerProcesses=1) as instance:
        def refused():
            for worker in instance.children("worker"):
                os.kill(worker, signal.SIGKILL)
            began = time.monotonic()
            answer = instance.get("/ReportServer") if "no worker stays alive" in instance.server_log() else None
            return answer and answer.status == 503 and time.monotonic() - began < 1 and answer
        answer = wait_until(refused, what="a refusal")
        assert "<html" in answer.text, answer.text
        wait_until(lambda: "workers are back" in instance.server_log(), what="a worker that stays")
        assert instance.get("/ReportServer").status == 200


@test
def a_server_killed_while_it_binds_loses_nothing():
    with Instance() as instance:
        both = [word for app in APPLICATIONS for word in ("--app", app)]
        for number in range(4):
            fresh = instance.create_certificate("--name", f"kill{number}")
            children = instance.children("worker") + instance.children("front")
            before = instance.json("tls", "list")["bindings"][0]["thumbprint"]
            binder = subprocess.Popen([BINDERY, "tls", "bind", *both, "--cert", fresh, "--address", "127.0.0.1",
                                       "--port", str(instance.port)], env=instance.environment(),
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.02 + 0.03 * number)
            instance.server.kill()
            instance.server.wait()
            instance.log.close()
            binder.wait(60)
            wait_until(lambda: not survivors(children), what="the end of the children")
            instance.start()
            rows = instance.json("tls", "list")["bindings"]
            assert len(rows) == 1 and rows[0]["thumbprint"].upper() in (before.upper(), fresh.upper()), rows
            assert sorted(rows[0]["applications"]) == sorted(APPLICATIONS), rows
            assert instance.get("/ReportServer").status == 200
            assert instance.json("tls", "verify")["ok"] is True


@test
def sigterm_finishes_the_report_at_work():
    with Instance() as instance:
        data_folder(instance)
        publish(instance, "slow", definition(SLOW.format(12000000)))
        thread, answers = in_background(lambda: render(instance, "/Tests/slow", "rs:Format=CSV"))
        busy_worker(instance)
        assert not answers, "the query was too quick for this test"
        assert instance.stop() == 0
        thread.join(30)
        assert answers and answers[0].status == 200 and "counted 12000000" in answers[0].text, answers


@test
def sighup_under_load_loses_no_request():
    with Instance() as instance:
        data_folder(instance)
        publish(instance, "in", definition("SELECT x FROM t"))
        done, failures, stop = [0], [], threading.Event()

        def client():
            while not stop.is_set():
                try:
                    answer = render(instance, "/Tests/in", "rs:Format=CSV")
                    if answer.status != 200 or "inside" not in answer.text:
                        failures.append((answer.status, answer.text[-200:]))
                except OSError as error:
                    failures.append(repr(error))
                done[0] += 1

        threads = [threading.Thread(target=client) for _ in range(3)]
        for thread in threads:
            thread.start()
        for workers in (2, 3):
            before = done[0]
            wait_until(lambda: done[0] > before + 5, what="load")
            old = instance.children("worker")
            instance.setting(WorkerProcesses=workers)
            instance.server.send_signal(signal.SIGHUP)
            wait_until(lambda: len(set(instance.children("worker")) - set(old)) == workers, what="new workers")
            before = done[0]
            wait_until(lambda: done[0] > before + 10, what="load after SIGHUP")
        stop.set()
        for thread in threads:
            thread.join()
        assert not failures, failures[:5]


@test
def a_connection_that_has_not_asked_yet_outlives_sighup():
    with Instance() as instance:
        request = (f"GET /ReportServer HTTP/1.1\r\nHost: localhost:{instance.port}\r\nConnection: close\r\n"
                   f"Authorization: {basic('admin')['Authorization']}\r\n\r\n").encode()
        early = instance.connect()  # a handshake is done
        late = socket.create_connection(("127.0.0.1", instance.port), timeout=30)  # not even begun
        time.sleep(0.3)
        old = instance.children("front")
        instance.server.send_signal(signal.SIGHUP)
        wait_until(lambda: set(instance.children("front")) - set(old), what="a new front")
        time.sleep(0.5)
        late = instance.context().wrap_socket(late, server_hostname="localhost")
        for stream in (early, late):
            with stream:
                stream.sendall(request)
                assert stream.recv(12) == b"HTTP/1.1 200"


@test
def two_servers_of_one_instance_are_refused():
    with Instance() as instance:
        second = instance.bindery("serve", check=False)
        assert second.returncode == 3 and "runs already" in second.stderr, (second.returncode, second.stderr)
        assert instance.get("/ReportServer").status == 200


@test
def a_port_that_another_program_has_is_left_out_until_it_is_free():
    with Instance(serve=False) as instance:
        taken = free_port()
        instance.reserve(taken)
        instance.bind(instance.thumbprint, taken)
        with socket.socket() as other:
            other.bind(("127.0.0.1", taken))
            other.listen()
            instance.start()
            assert instance.get("/ReportServer").status == 200
            missing = instance.json("status")["missing"]
            assert [row["port"] for row in missing] == [taken] and str(taken) in missing[0]["reason"], missing
            assert "NOT LISTENING" in instance.bindery("status").stdout and str(taken) in instance.server_log()
            # Changes of other rows are possible meanwhile, and new places are still checked.
            instance.bind(instance.create_certificate("--name", "second"))
            assert instance.get("/ReportServer").status == 200
            (front,) = instance.children("front")
            os.kill(front, signal.SIGKILL)
            wait_until(lambda: instance.children("front") not in ([], [front]), what="a new front")
            assert instance.get("/ReportServer").status == 200
        wait_until(lambda: instance.json("status")["missing"] == [], what="the listener")
        assert instance.get("/ReportServer", port=taken).status == 200
        assert instance.get("/ReportServer").status == 200


@test
def where_nothing_can_be_listened_on_the_server_says_so():
    with Instance(serve=False) as instance, socket.socket() as other:
        other.bind(("127.0.0.1", instance.port))
        other.listen()
        done = instance.bindery("serve", check=False)
        assert done.returncode == 1 and str(instance.port) in done.stderr, (done.returncode, done.stderr)


# ---- disk and files -------------------------------------------------------------------------------------


class SmallDisk(Instance):
    """An instance on a file system of a few hundred KB."""

    def __enter__(self):
        self.path.mkdir()
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=900k", "none", self.path],
                                               capture_output=True).returncode != 0:
            self.folder.joinpath("i").rmdir()
            self.folder.rmdir()
            raise Skip("no file system can be mounted here")
        return super().__enter__()

    def __exit__(self, *failure):
        try:
            super().__exit__(*failure)
        finally:
            subprocess.run(["umount", "-l", self.path], check=False)

    def fill(self):
        with open(self.path / "filler", "ab", buffering=0) as filler:
            try:
                while filler.write(bytes(4096)):
                    pass
            except OSError:
                pass

    def empty(self):
        (self.path / "filler").unlink()


@test
def a_full_disk_is_told_and_harms_nothing():
    with SmallDisk() as instance:
        fresh = instance.create_certificate("--name", "second")
        big = instance.folder / "big.txt"
        big.write_bytes(os.urandom(100000))
        report = instance.folder / "later.rdl"
        report.write_text(definition("SELECT 1 AS x") + "<!-- " + "x" * 60000 + " -->")
        bindings, urls = instance.json("tls", "list"), instance.json("url", "list")
        config = (instance.path / "rsreportserver.config").read_bytes()
        assert instance.get("/ReportServer").status == 200  # a worker has the database open
        instance.fill()
        # What fits into pages that the databases have already may succeed; what does not is told and not half done.
        refused = 0
        for command in (("report", "publish", big), ("report", "publish", report),
                        *(("url", "reserve", "--app", APPLICATIONS[0], f"https://full{n}.example:{instance.port}/ReportServer")
                          for n in range(3)),
                        ("tls", "bind", "--app", APPLICATIONS[0], "--app", APPLICATIONS[1], "--cert", fresh,
                         "--address", "127.0.0.1", "--port", instance.port)):
            done = instance.bindery(*command, check=False)
            if done.returncode != 0:
                refused += 1
                assert done.returncode == 1, (command, done.returncode, done.stderr)
                assert re.search("full|no room", done.stderr, re.I), (command, done.stderr)
        assert refused >= 5, refused
        assert instance.json("tls", "list") == bindings and instance.json("url", "list") == urls
        assert (instance.path / "rsreportserver.config").read_bytes() == config
        assert instance.json("report", "list")["items"] == []
        assert instance.get("/ReportServer").status == 200
        instance.empty()
        instance.bind(fresh)
        assert instance.json("tls", "list")["bindings"][0]["thumbprint"].upper() == fresh.upper()
        instance.bindery("report", "publish", big, report)
        assert instance.get("/ReportServer?/big.txt").body == big.read_bytes()
        assert instance.stop() == 0
        instance.start()
        assert instance.json("tls", "verify")["ok"] is True


@test
def a_certificate_folder_that_cannot_be_read_is_told():
    with Instance() as instance:
        if os.geteuid() == 0:
            (instance.path / "certs").rename(instance.path / "away")
            (instance.path / "certs").write_text("not a folder")
        else:
            (instance.path / "certs").chmod(0)
        broken = instance.json("cert", "list")["broken"]
        assert len(broken) == 1 and "cannot be read" in broken[0]["message"], broken
        trusted = (instance.path / "away" / "ca" / "ca.crt") if os.geteuid() == 0 else None
        if trusted:
            with instance.connect(context=ssl.create_default_context(cafile=trusted)) as stream:
                assert stream.version(), "a handshake with what was read before"


# ---- the command ----------------------------------------------------------------------------------------


@test
def exit_codes_say_what_happened():
    with Instance() as instance:
        web, portal = APPLICATIONS
        file = instance.folder / "bad.rdl"
        file.write_text("<Report>")
        secret = instance.folder / "password-admin"
        url = f"https://+:{instance.port}/ReportServer"
        place = ("--address", "127.0.0.1", "--port", instance.port)
        table = [
            (0, "version"), (0, "status"), (0, "url", "list"), (0, "init"), (0, "tls", "verify"),
            (0, "url", "reserve", "--app", web, url), (0, "tls", "unbind", "--app", web, "--address", "127.0.0.9", "--port", 1),
            (1, "report", "check", file), (1, "report", "publish", file), (1, "cert", "show", "0000"),
            (1, "url", "reserve", "--app", web, "ftp://x"),
            (2,), (2, "nonsense"), (2, "tls"), (2, "tls", "bind"), (2, "tls", "bind", "--nope"), (2, "url", "list", "x"),
            (2, "cert", "create"), (2, "user", "add", "x", "--role", "king"),
            (3, "url", "reserve", "--app", portal, url), (3, "user", "remove", "admin"), (3, "serve"),
            (3, "user", "add", "admin", "--password-file", secret),
            (4, "report", "get", "/Nope"), (4, "report", "list", "/Nope"), (4, "report", "remove", "/Nope"),
            (4, "user", "remove", "nobody"), (4, "cert", "show", "0" * 40), (4, "report", "render", "/nope/x.rdl"),
            (4, "url", "reserve", "--app", "Nobody", url),
            (4, "tls", "bind", "--app", web, "--cert", "0" * 40, *place),
        ]
        wrong = []
        for status, *words in table:
            done = instance.bindery(*words, check=False)
            if done.returncode != status or (status and not done.stderr.strip() and "check" not in words):
                wrong.append((status, words, done.returncode, done.stderr))
        assert not wrong, wrong


@test
def a_dry_run_changes_nothing():
    with Instance(samples=True) as instance:
        web, portal = APPLICATIONS
        secret = instance.folder / "password-admin"

        def state():
            words = (("url", "list"), ("tls", "list"), ("cert", "list"), ("user", "list"), ("report", "list", "--deep"))
            return [instance.json(*word) for word in words] + [(instance.path / "rsreportserver.config").read_bytes()]

        fresh = instance.create_certificate("--name", "second")
        before = state()
        for words in (("url", "reserve", "--app", web, f"https://other.example:{instance.port}/ReportServer"),
                      ("url", "remove", "--app", web, f"https://+:{instance.port}/ReportServer"),
                      ("url", "directory", "Other", "--app", web),
                      ("tls", "bind", "--app", web, "--app", portal, "--cert", fresh, "--address", "127.0.0.1", "--port",
                       instance.port),
                      ("tls", "unbind", "--app", web, "--address", "127.0.0.1", "--port", instance.port)):
            done = instance.bindery(*words, "--dry-run")
            assert "would " in done.stdout, (words, done.stdout)
            assert instance.json(*words, "--dry-run")["dry_run"] is True
        for words in (("user", "add", "u2", "--password-file", secret), ("user", "remove", "reader"),
                      ("user", "role", "reader", "--role", "administrator"), ("report", "remove", "/Samples"),
                      ("report", "publish", ROOT / "samples" / "README.md"), ("cert", "create", "--host", "x.example"),
                      ("user", "password", "reader", "--password-file", secret), ("init",)):
            done = instance.bindery(*words, "--dry-run", check=False)
            assert done.returncode == 2 and "--dry-run" in done.stderr, (words, done.returncode, done.stdout)
        assert instance.bindery("tls", "list", "--dry-run").returncode == 0
        assert state() == before


@test
def json_is_json_and_a_second_bind_changes_nothing():
    with Instance(samples=True) as instance:
        web = APPLICATIONS[0]
        secret = instance.folder / "password-admin"
        both = [word for app in APPLICATIONS for word in ("--app", app)]
        again = ("tls", "bind", *both, "--cert", instance.thumbprint, "--address", "127.0.0.1", "--port", instance.port)
        report = ROOT / "samples" / "Invoice.rdl"
        for words in (("version",), ("init",), ("status",), ("cert", "list"), ("cert", "show", instance.thumbprint),
                      ("cert", "create", "--host", "localhost"), ("url", "list"), ("tls", "list"), ("tls", "verify"),
                      ("tls", "history"), ("url", "explain", f"https://localhost:{instance.port}/Reports"),
                      ("url", "reserve", "--app", web, f"https://second.example:{instance.port}/ReportServer"),
                      ("url", "remove", "--app", web, f"https://second.example:{instance.port}/ReportServer"),
                      ("report", "publish", "--folder", "/J", report), ("report", "list", "/J"), ("report", "check", report),
                      ("report", "remove", "/J"), ("user", "list"), ("user", "add", "u2", "--password-file", secret),
                      ("user", "role", "u2", "--role", "administrator"), ("user", "password", "u2", "--password-file", secret),
                      ("user", "remove", "u2")):
            value = instance.json(*words)
            assert isinstance(value, (dict, list)), words
        revision = instance.json("tls", "history")
        for _ in range(2):
            assert instance.json(*again)["changed"] is False
        assert instance.json("tls", "history") == revision


@test
def row_21_links_of_a_report_begin_with_the_url_root_that_is_set():
    with Instance(samples=True, UrlRoot="https://public.example/ReportServer") as instance:
        page = instance.render("/Samples/Category Drilldown", "HTML5")
        assert page.status == 200, page.text[:300]
        assert "https://public.example/ReportServer?%2FSamples%2FInvoice&amp;rs:Command=Render" in page.text
    with Instance(samples=True) as instance:
        page = instance.render("/Samples/Category Drilldown", "HTML5")
        assert f"https://localhost:{instance.port}/ReportServer?%2FSamples%2FInvoice&amp;rs:Command=Render" in page.text


run()
