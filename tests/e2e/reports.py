"""Report definitions in pieces, and the command that renders them: for tests of the report engine."""
import atexit
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from harness import BINDERY, BUILD, ROOT

NAMESPACE = "http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition"
FORMATS = ("CSV", "HTML5", "PDF")
SANITIZERS = ("AddressSanitizer", "runtime error:", "LeakSanitizer", "UndefinedBehaviorSanitizer")


class Run:
    """A finished `bindery report ...`."""

    def __init__(self, status, error, seconds):
        self.status, self.error, self.seconds = status, error, seconds

    def __repr__(self):
        return f"status {self.status}, {self.seconds:.1f} s: {self.error.strip()[-400:]}"


def workspace(name):
    """A folder of one test program, which is removed when it ends."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"bindery-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def samples(folder):
    """The samples of the project in `folder`, with the database they read."""
    if not (folder / "sales.db").exists():
        subprocess.run([BUILD / "samples" / "generate", folder / "sales.db"], check=True, stdout=subprocess.DEVNULL)
        for file in (ROOT / "samples").iterdir():
            if file.suffix in (".rdl", ".rds"):
                shutil.copy(file, folder)
    return folder


def command(*arguments, timeout=120):
    """Run `bindery ARGUMENTS`. A crash, a report of a sanitizer, a hang: AssertionError."""
    environment = {**os.environ, "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}
    started = time.monotonic()
    process = subprocess.Popen([BINDERY, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               env=environment)
    try:
        _, error = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise AssertionError(f"bindery {' '.join(map(str, arguments))} did not end in {timeout} s") from None
    error = error.decode("utf-8", "replace")
    run = Run(process.returncode, error, time.monotonic() - started)
    if process.returncode not in (0, 1, 2) or any(word in error for word in SANITIZERS):
        raise AssertionError(f"bindery {' '.join(map(str, arguments))}: {run}")
    return run


def render(definition, output, *options, form="CSV", timeout=120):
    """`definition` is a path; gives a Run."""
    return command("report", "render", definition, "--format", form, "-o", output, *options, timeout=timeout)


# ---- pieces of definitions

def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def textbox(name, value, extra="", style=""):
    return (f'<Textbox Name="{name}"><CanGrow>true</CanGrow><Paragraphs><Paragraph><TextRuns><TextRun>'
            f'<Value>{escape(value)}</Value><Style>{style}</Style></TextRun></TextRuns></Paragraph></Paragraphs>'
            f'{extra}<Style/></Textbox>')


def cell(item):
    return f"<TablixCell><CellContents>{item}</CellContents></TablixCell>"


def group(name, *expressions, rest=""):
    inner = "".join(f"<GroupExpression>{escape(e)}</GroupExpression>" for e in expressions)
    return f'<Group Name="{name}">' + (f"<GroupExpressions>{inner}</GroupExpressions>" if inner else "") + rest + "</Group>"


def member(*inside, members=""):
    return "<TablixMember>" + "".join(inside) + (f"<TablixMembers>{members}</TablixMembers>" if members else "") + "</TablixMember>"


def tablix(name, columns, rows, row_members, column_members=None, data_set="D", rest="", place=""):
    """`rows`: a list of rows, each a list of items."""
    widths = "".join("<TablixColumn><Width>1in</Width></TablixColumn>" for _ in range(columns))
    body = "".join("<TablixRow><Height>0.25in</Height><TablixCells>" + "".join(cell(i) for i in row) + "</TablixCells></TablixRow>"
                   for row in rows)
    column_members = column_members or member() * columns
    return (f'<Tablix Name="{name}"><TablixBody><TablixColumns>{widths}</TablixColumns><TablixRows>{body}</TablixRows></TablixBody>'
            f"<TablixColumnHierarchy><TablixMembers>{column_members}</TablixMembers></TablixColumnHierarchy>"
            f"<TablixRowHierarchy><TablixMembers>{row_members}</TablixMembers></TablixRowHierarchy>"
            f"<DataSetName>{data_set}</DataSetName>{rest}{place}</Tablix>")


def inline_data(name, rows, fields, rest=""):
    """A data set of rows in the definition; `fields`: names with types, "Amount(Decimal)"."""
    names = [f.split("(")[0] for f in fields]
    lines = "".join("<R " + " ".join(f'{n}="{escape(str(v))}"' for n, v in zip(names, row)) + "/>" for row in rows)
    query = f"<Query><XmlData><Data>{lines}</Data></XmlData><ElementPath>Data{{}}/R{{{','.join('@' + f for f in fields)}}}</ElementPath></Query>"
    declared = "".join(f'<Field Name="{n}"><DataField>{n}</DataField></Field>' for n in names)
    return (f'<DataSet Name="{name}"><Query><DataSourceName>Inline</DataSourceName><CommandText>{escape(query)}</CommandText></Query>'
            f"<Fields>{declared}</Fields>{rest}</DataSet>")


def sql_data(name, query, fields, parameters=""):
    declared = "".join(f'<Field Name="{n}"><DataField>{n}</DataField></Field>' for n in fields)
    return (f'<DataSet Name="{name}"><Query><DataSourceName>Sql</DataSourceName>{parameters}<CommandText>{escape(query)}</CommandText></Query>'
            f"<Fields>{declared}</Fields></DataSet>")


def report(body, data_sets="", parameters="", rest="", database="", page="", width="8in", height="2in"):
    sources = ('<DataSource Name="Inline"><ConnectionProperties><DataProvider>ENTERDATA</DataProvider><ConnectString/>'
               "</ConnectionProperties></DataSource>")
    if database:
        sources += ('<DataSource Name="Sql"><ConnectionProperties><DataProvider>SQLITE</DataProvider>'
                    f"<ConnectString>Data Source={database}</ConnectString></ConnectionProperties></DataSource>")
    return (f'<?xml version="1.0" encoding="utf-8"?><Report xmlns="{NAMESPACE}"><DataSources>{sources}</DataSources>'
            f"<DataSets>{data_sets}</DataSets>" + (f"<ReportParameters>{parameters}</ReportParameters>" if parameters else "") +
            f"<ReportSections><ReportSection><Body><ReportItems>{body}</ReportItems><Height>{height}</Height></Body>"
            f"<Width>{width}</Width><Page>{page}</Page></ReportSection></ReportSections>{rest}</Report>")


def write(folder, name, text):
    path = pathlib.Path(folder) / name
    path.write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    return path
