#!/usr/bin/env python3
"""Rows that flow from real databases to the output: in memory that does not grow with them, the bytes of rows that are kept, and what a
reader sees where the query fails behind its first rows. TAP."""
import contextlib
import glob
import http.client
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile
import time

from harness import BINDERY, Instance, Skip, basic, free_port, run, test, wait_until
from reports import member, group, report, sql_data, tablix, textbox, workspace, write

FEW, MANY = 10_000, 1_000_000
ROOM = 24  # MiB that a hundred times the rows may need more: allocators are not exact
FOLDER = workspace("flowing")

FIELDS = ("i", "name", "amount", "day")
SQLITE_ROWS = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
               "SELECT i, 'row ' || i || ' of many, to take some room' AS name, i * 0.25 AS amount, date('2024-01-01', '+' || (i % 700) || ' days') AS day FROM n")
POSTGRES_ROWS = ("SELECT i, 'row ' || i || ' of many, to take some room' AS name, i * 0.25 AS amount, DATE '2024-01-01' + i % 700 AS day "
                 "FROM (SELECT a * 1000 + b + 1 AS i FROM generate_series(0, {count} / 1000 - 1) a, generate_series(0, 999) b) n")
CELLS = [textbox("N", "=Fields!i.Value"), textbox("Name", "=Fields!name.Value"), textbox("Amount", "=Fields!amount.Value"), textbox("Day", "=Fields!day.Value")]
DETAILS = member(group("Details"))


def listing(query, provider="SQLITE", connect="Data Source=empty.db", rows=None, members=DETAILS, keep=False, timeout=0, filters=""):
    """A list. `keep`: a parameter reads the data set too, which changes nothing in the output but that its rows are kept."""
    parameter = ("<ReportParameter Name='P'><DataType>Integer</DataType><Nullable>true</Nullable><AllowBlank>true</AllowBlank><DefaultValue><Values><Value>1</Value></Values></DefaultValue>"
                 "<ValidValues><DataSetReference><DataSetName>D</DataSetName><ValueField>i</ValueField></DataSetReference></ValidValues></ReportParameter>" if keep else "")
    data = sql_data("D", query, FIELDS)
    if timeout:
        data = data.replace("<Query>", f"<Query><Timeout>{timeout}</Timeout>")
    text = report(tablix("T", 4, rows or [CELLS], members, rest=filters), data, parameter, database="empty.db")
    return text.replace("<DataProvider>SQLITE", f"<DataProvider>{provider}").replace("Data Source=empty.db", connect)


def rendered(name, text, form, output=None):
    """The finished command: its status, what it said, and the most memory it held, in MiB. Of what is freed a sanitizer keeps
    little here, so that it is not taken for memory in use."""
    (FOLDER / "empty.db").touch()
    path = write(FOLDER, name, text)
    error = tempfile.TemporaryFile()
    process = subprocess.Popen([BINDERY, "report", "render", str(path), "--format", form, "-o", str(output or os.devnull)], stderr=error,
                               env={**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=4"})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    error.seek(0)
    return process.returncode, error.read().decode(), usage.ru_maxrss / 1024


def tail(path, size=20_000):
    """What a file ends with. Never read whole: a command's greatest memory counts that of whoever started it."""
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - size))
        return file.read().decode("utf-8", "replace")


# ---- a PostgreSQL server of the tests' own

class Postgres:
    def __enter__(self):
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
        if not programs:
            raise Skip("PostgreSQL is not installed")
        self.bin = pathlib.Path(programs[-1]).parent
        self.folder = tempfile.mkdtemp(prefix="bindery-pg-")
        os.chmod(self.folder, 0o777)
        self.port = free_port()
        self.run("initdb", "-D", "db", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        self.run("pg_ctl", "-D", "db", "-w", "-l", "log", "-o", f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off", "start")
        return self

    def run(self, program, *arguments):
        def account():  # PostgreSQL does not run as root
            if os.geteuid() == 0:
                user = pwd.getpwnam("postgres")
                os.setgid(user.pw_gid)
                os.setuid(user.pw_uid)
        done = subprocess.run([str(self.bin / program), *arguments], cwd=self.folder, preexec_fn=account, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120, env={**os.environ, "LC_ALL": "C.UTF-8"})
        assert done.returncode == 0, done.stdout
        return done.stdout

    def ask(self, query):
        return self.run("psql", "-qtAX", "-h", self.folder, "-p", str(self.port), "-U", "postgres", "-c", query).strip()

    def at_work(self):
        return int(self.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'flowing'"))

    @property
    def source(self):
        return {"provider": "PostgreSQL", "connect": f"Host=127.0.0.1;Port={self.port};Database=postgres;Username=postgres;Application Name=flowing"}

    @property
    def odbc(self):
        return {"provider": "ODBC", "connect": f"Driver={{PostgreSQL Unicode}};Server=127.0.0.1;Port={self.port};Database=postgres;UID=postgres;UseDeclareFetch=1;Fetch=1000"}

    def __exit__(self, *why):
        with contextlib.suppress(AssertionError):
            self.run("pg_ctl", "-D", "db", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def has_driver(name):
    done = subprocess.run(["odbcinst", "-q", "-d"], capture_output=True, text=True)
    return done.returncode == 0 and f"[{name}]" in done.stdout


# ---- memory

def does_not_grow(query, forms=("CSV",), **source):
    for form in forms:
        most = []
        for count in FEW, MANY:
            output = FOLDER / f"out.{form}"
            status, error, memory = rendered("grow.rdl", listing(query.format(count=count), **source), form, output)
            assert status == 0, error
            assert form == "PDF" or f"row {count} of many" in tail(output), "the last row is not there"
            most.append(memory)
            output.unlink()
        print(f"# {source.get('provider', 'SQLITE')} {form}: {most[0]:.0f} MiB for {FEW} rows, {most[1]:.0f} MiB for {MANY}")
        assert most[1] - most[0] < ROOM, most


@test
def rows_of_postgres_need_no_memory():
    with Postgres() as postgres:
        does_not_grow(POSTGRES_ROWS, ("CSV", "HTML5"), **postgres.source)


@test
def rows_of_odbc_need_no_memory():
    if not has_driver("PostgreSQL Unicode"):
        raise Skip("psqlODBC is not installed")
    with Postgres() as postgres:
        does_not_grow(POSTGRES_ROWS, **postgres.odbc)


@test
def rows_of_sqlite_through_odbc_need_no_memory():
    if not has_driver("SQLite3"):
        raise Skip("the ODBC driver of SQLite is not installed")
    does_not_grow(SQLITE_ROWS, provider="ODBC", connect="Driver=SQLite3;Database=:memory:;StepAPI=1")


@test
def the_server_needs_no_memory_for_rows_either():
    """What is kept of so many rows does not fit a worker of this size."""
    with Instance(WorkerMemoryMiB=64) as instance:
        (instance.path / "data").mkdir(exist_ok=True)
        (instance.path / "data" / "empty.db").touch()
        for name, keep in ("Flows", False), ("Kept", True):
            path = write(FOLDER, f"{name}.rdl", listing(SQLITE_ROWS.format(count=MANY), keep=keep))
            instance.bindery("report", "publish", "--folder", "/", path)
        done = subprocess.run(["curl", "-sS", "--cacert", instance.authority, "-H", "Authorization: " + basic("admin")["Authorization"], "-o", str(FOLDER / "flows.csv"),
                               f"https://localhost:{instance.port}/ReportServer?%2fFlows&rs:Command=Render&rs:Format=CSV"], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0 and f'{MANY},"row {MANY} of many' in tail(FOLDER / "flows.csv"), (done, tail(FOLDER / "flows.csv", 300))
        assert instance.render("/Kept", "CSV").status != 200


# ---- totals behind the rows

TOTALS = {  # of every total: an expression, and what SQL says
    "Rows": ("=CountRows()", "count(*)"),
    "Sum": ("=Sum(Fields!amount.Value)", "sum(amount)"),
    "Least": ("=Min(Fields!amount.Value)", "min(amount)"),
    "Most": ("=Max(Fields!i.Value)", "max(i)"),
    "Kinds": ("=CountDistinct(Fields!day.Value)", "count(DISTINCT day)"),
    "Text": ("=Max(Fields!name.Value)", "max(name COLLATE \"C\")"),
    "Whole": ("=Sum(Fields!i.Value, &quot;D&quot;)", None),
}
FILTER = """<Filters><Filter><FilterExpression>=Fields!i.Value Mod 10</FilterExpression><Operator>LessThan</Operator><FilterValues>
<FilterValue DataType="Integer">7</FilterValue></FilterValues></Filter></Filters>"""


def totalled(query, **source):
    """Each total in a row of its own behind the rows that pass the filter of the list."""
    rows = [CELLS] + [[textbox(name, value.replace("&quot;", '"'))] + [textbox(f"{name}{i}", "") for i in range(3)] for name, (value, _) in TOTALS.items()]
    return listing(query, rows=rows, members=DETAILS + member() * len(TOTALS), filters=FILTER, **source)


def shown_in(html):
    """What the last rows of a page show, the first cell of each."""
    cells = [re.sub("<[^>]*>", "", cell) for cell in re.findall("<td[^>]*>.*?</td>", html, re.S)]
    cells = [text.strip() for text in cells]
    return cells[-4 * len(TOTALS)::4]


@test
def totals_behind_rows_are_those_of_sql_in_the_same_memory():
    with Postgres() as postgres:
        for form in "HTML5", "PDF":
            most = []
            for count in FEW, MANY // (1 if form == "HTML5" else 5):
                query, output = POSTGRES_ROWS.format(count=count), FOLDER / "totals"
                status, error, memory = rendered("totals.rdl", totalled(query, **postgres.source), form, output)
                assert status == 0, error
                most.append(memory)
                if form == "HTML5":
                    asked = ", ".join(f"({sql})::text" for _, sql in TOTALS.values() if sql)
                    expected = postgres.ask(f"SELECT {asked} FROM ({query}) d WHERE i % 10 < 7").split("|") + [str(count * (count + 1) // 2)]
                    assert shown_in(tail(output)) == expected, (shown_in(tail(output)), expected)
            print(f"# {form}: {most[0]:.0f} MiB, {most[1]:.0f} MiB")
            assert most[1] - most[0] < ROOM, most


# ---- the same bytes

def same_as_kept(query, **source):
    for form in "CSV", "XML", "HTML5":
        outputs = []
        for keep in False, True:
            output = FOLDER / f"same.{form}"
            status, error, _ = rendered("same.rdl", listing(query, keep=keep, **source), form, output)
            assert status == 0, error
            outputs.append(output.read_bytes())
        assert outputs[0] == outputs[1], f"{form} differs"


@test
def rows_that_flow_from_servers_give_the_bytes_of_rows_that_are_kept():
    with Postgres() as postgres:
        same_as_kept(POSTGRES_ROWS.format(count=5000), **postgres.source)
        if has_driver("PostgreSQL Unicode"):
            same_as_kept(POSTGRES_ROWS.format(count=5000), **postgres.odbc)


@test
def two_lists_flow_from_one_source():
    with Postgres() as postgres:
        query = POSTGRES_ROWS.format(count=2000)
        text = listing(query, **postgres.source)
        again = sql_data("E", query, FIELDS)
        second = tablix("U", 1, [[textbox("Other", "=Fields!name.Value")]], member(group("OtherDetails")), data_set="E", place="<Top>1in</Top>")
        text = text.replace("</DataSets>", again + "</DataSets>").replace("</ReportItems>", second + "</ReportItems>")
        in_transaction = text.replace("<ConnectionProperties><DataProvider>PostgreSQL", "<Transaction>true</Transaction><ConnectionProperties><DataProvider>PostgreSQL")
        assert in_transaction != text
        for one in text, in_transaction:  # of which the second list is kept: it has one connection
            status, error, _ = rendered("two.rdl", one, "XML", FOLDER / "two.xml")
            assert status == 0, error
            assert (FOLDER / "two.xml").read_text("utf-8-sig").count("row 2000 of many") == 2


# ---- a query that fails behind its first rows

FAILS_LATE = SQLITE_ROWS.format(count=300_000).replace("SELECT i,", "SELECT abs(CASE WHEN i = 200000 THEN -9223372036854775807 - 1 ELSE i END) AS i,", 2).replace(
    "(SELECT abs(CASE WHEN i = 200000 THEN -9223372036854775807 - 1 ELSE i END) AS i,", "(SELECT i,")
FAILS_AT_ONCE = FAILS_LATE.replace("200000", "3")
WHY = 'data set "D": integer overflow'


@test
def the_command_leaves_no_output_where_the_query_fails():
    for form in "CSV", "XML", "HTML5", "PDF":
        output = FOLDER / "fails"
        output.write_text("what was there before")
        status, error, _ = rendered("fails.rdl", listing(FAILS_LATE), form, output)
        assert status == 1 and WHY in error, (form, status, error)
        assert output.read_text() == "what was there before"
        assert sorted(p.name for p in FOLDER.glob("fails*")) == ["fails", "fails.rdl"]


@test
def a_reader_sees_that_a_download_is_not_whole():
    with Instance() as instance:
        (instance.path / "data").mkdir(exist_ok=True)
        (instance.path / "data" / "empty.db").touch()
        for name, query in ("Late", FAILS_LATE), ("Early", FAILS_AT_ONCE):
            instance.bindery("report", "publish", "--folder", "/", write(FOLDER, f"{name}.rdl", listing(query)))
        for form in "CSV", "XML", "HTML5", "PDF":
            target = f"/ReportServer?%2fLate&rs:Command=Render&rs:Format={form}" + ("&rc:Toolbar=false" if form == "HTML5" else "")
            try: # HTTP/1.1: chunks without the last one
                answer = instance.get(target)
                raise AssertionError(f"{form}: an answer that looks whole, {answer.status}, {len(answer.body)} bytes")
            except http.client.IncompleteRead as cut:
                assert len(cut.partial) > 0
            done = subprocess.run(["curl", "-sS", "--http2", "--cacert", instance.authority, "-H", "Authorization: " + basic("admin")["Authorization"],
                                   "-o", os.devnull, "-w", "%{http_version} %{http_code}", f"https://localhost:{instance.port}{target}"], capture_output=True, text=True, timeout=120)
            assert done.stdout == "2 200" and done.returncode == 92, (form, done)  # RST_STREAM
            early = instance.get(target.replace("Late", "Early"))
            assert early.status == 500 and "integer overflow" in early.text, (form, early.status)
        told = [line for line in instance.server_log().splitlines() if WHY in line and "Late" not in line]
        assert len(told) >= 12, instance.server_log()[-2000:]


@test
def a_reader_that_goes_away_ends_the_query():
    with Postgres() as postgres, Instance() as instance:
        endless = POSTGRES_ROWS.format(count=1_000_000_000)
        instance.bindery("report", "publish", "--folder", "/", write(FOLDER, "Endless.rdl", listing(endless, **postgres.source)))
        connection = http.client.HTTPSConnection("localhost", instance.port, context=instance.context(), timeout=60)
        connection.request("GET", "/ReportServer?%2fEndless&rs:Command=Render&rs:Format=CSV", headers=basic("admin"))
        response = connection.getresponse()
        assert response.status == 200 and len(response.read(1_000_000)) == 1_000_000
        assert postgres.at_work() == 1
        response.close()
        connection.close()
        wait_until(lambda: postgres.at_work() == 0, 60, "the server to be told")


run()
