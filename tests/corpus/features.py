"""What reports use, and how many of them render without a note: every definition of the public corpus (see check.c), or every
eighth, rendered over generated rows to HTML, PDF and CSV.

    features.py          every eighth;  BINDERY_CORPUS=all  takes all
    features.py --why    says for each report what its notes are

A note is what the command names as not supported or wrong, or a #Error in the output. Fails where a report does not
render, or with a note that is not one of KNOWN. Features are the packages of the public survey of report definitions.
"""
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(os.environ.get("BINDERY_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from harness import shared  # noqa: E402
from reports import FORMATS, render, workspace  # noqa: E402

# Notes that are expected, and what they are for: what is left of the work, and what stays.
KNOWN = {
    "charts": r"<Chart>", "gauges": r"<GaugePanel>", "maps": r"<Map>", "custom report items": r"custom report item|<CustomReportItem>",
    "custom assemblies": r"custom assembl|CodeModules|<Classes>|<Class>|assembly",
    "subreports": r"[Ss]ubreport",
    "code": r"^Code\b|\bCode\.|<Code>",
    "#Error": r"^#Error",
}


def has(*names):
    """An element of one of these names."""
    pattern = re.compile(r"<(?:\w+:)?(?:" + "|".join(names) + r")[\s>/]")
    return lambda d: bool(pattern.search(d.xml))


def calls(*names):
    """A function of one of these names in an expression, or such a part of one."""
    pattern = re.compile(r"(?<![\w.!])(?:" + "|".join(names) + r")\s*\(", re.IGNORECASE)
    return lambda d: bool(pattern.search(d.expressions))


def says(pattern, flags=re.IGNORECASE):
    """An expression in which the pattern is found."""
    compiled = re.compile(pattern, flags)
    return lambda d: bool(compiled.search(d.expressions))


def within(outer, inner):
    """Text that matches `inner` inside an element `outer`."""
    element = re.compile(rf"<{outer}[\s>].*?</{outer}>", re.DOTALL)
    text = re.compile(inner, re.DOTALL)
    return lambda d: any(text.search(part) for part in element.findall(d.xml))


def both(a, b):
    return lambda d: a(d) and b(d)


AGGREGATES = ("Sum", "Avg", "Count", "CountDistinct", "CountRows", "Min", "Max", "First", "Last", "StDev", "StDevP", "Var", "VarP")
STYLE = r"(?:Color|BackgroundColor|FontWeight|FontStyle|FontSize|FontFamily|TextAlign|TextDecoration|Style|Width|VerticalAlign|Padding\w+)"
FEATURES = [
    ("A01", "parameters", has("ReportParameter")),
    ("A02", "parameters from queries", within("ReportParameters", r"<DataSetReference>")),
    ("A03", "cascading parameters", both(within("ReportParameters", r"<DataSetReference>"), within("QueryParameters", r"Parameters!"))),
    ("A04", "multi-value parameters", within("ReportParameters", r"<MultiValue>true")),
    ("A05", "expression defaults", within("DefaultValue", r"<Value>=")),
    ("C01", "charts", has("Chart")),
    ("D01", "SQL text and query parameters", has("QueryParameter")),
    ("D02", "shared data sources", has("DataSourceReference")),
    ("D03", "shared data sets", has("SharedDataSet")),
    ("D04", "stored procedures", lambda d: "<CommandType>StoredProcedure" in d.xml),
    ("D05", "calculated fields", within("Field", r"<Value>=")),
    ("D06", "expressions as commands", lambda d: re.search(r"<(?:CommandText|ConnectString)>=", d.xml)),
    ("D07", "MDX", lambda d: re.search(r"<DataProvider>OLEDB-MD|MDX", d.xml)),
    ("D08", "XML, JSON, ENTERDATA", lambda d: re.search(r"<DataProvider>(?:XML|JSON|ENTERDATA)", d.xml)),
    ("E01", "aggregates", calls(*AGGREGATES)),
    ("E02", "aggregates with scopes", says(r"(?<!\w)(?:" + "|".join(AGGREGATES) + r')\s*\([^()]*\([^()]*\)[^()]*,\s*"|(?<!\w)(?:' + "|".join(AGGREGATES) + r')\s*\([^()]*,\s*"')),
    ("E03", "IIf, Switch, Choose", calls("IIf", "Switch", "Choose", "IsNothing", "If")),
    ("E04", "Globals and User", says(r"(?:Globals|User)!")),
    ("E05", "Format functions", calls("Format", "FormatNumber", "FormatCurrency", "FormatPercent", "FormatDateTime")),
    ("E06", "date functions", calls("Now", "Today", "Year", "Month", "Day", "DateAdd", "DateDiff", "DatePart", "DateSerial", "DateValue",
                                    "MonthName", "WeekdayName", "Weekday", "Hour", "Minute", "Second", "TimeSerial", "TimeValue")),
    ("E07", "string functions", calls("Left", "Right", "Mid", "InStr", "InStrRev", "Replace", "UCase", "LCase", "Trim", "LTrim", "RTrim", "Len",
                                      "Split", "Join", "StrConv", "Space", "StrDup", "Chr", "Asc", "Filter", "StrReverse")),
    ("E08", "conversion", calls("C(?:Str|Int|Dbl|Dec|Date|Bool|Lng|Sng|Obj|Short|Byte|Char|Type)", "Val", "Str", "Hex", "Fix", "Int")),
    ("E09", "mathematics", calls("Round", "Abs", "Ceiling", "Floor", "Sqrt", "Pow", "Log", "Exp", "Math\\.\\w+", "Sign")),
    ("E10", "RowNumber", calls("RowNumber")),
    ("E11", "RunningValue", calls("RunningValue")),
    ("E12", "Previous", calls("Previous")),
    ("E13", "lookups", calls("Lookup", "LookupSet", "MultiLookup")),
    ("E14", "InScope", calls("InScope")),
    ("E15", ".NET members", says(r"\.(?:ToString|AddDays|AddMonths|Substring|PadLeft|IndexOf|Contains|StartsWith|ToUpper|Length|Split|Replace|Trim)\s*\(|"
                                 r"(?:String|Convert|DateTime|TimeSpan|Regex|Environment|Guid)\.\w+\(")),
    ("E16", "aggregates of aggregates", says(r"(?<!\w)(?:Sum|Avg|Max|Min)\s*\(\s*(?:Sum|Avg|Max|Min|Count|CountDistinct|First|Last)\s*\(")),
    ("E17", "ReportItems in the body", within("Body", r"ReportItems!")),
    ("E18", "variables", says(r"Variables!")),
    ("E19", "DataSets, DataSources", says(r"Data(?:Sets|Sources)!")),
    ("E20", "Aggregate", calls("Aggregate")),
    ("E21", "financial functions", calls("Pmt", "IPmt", "PPmt", "FV", "PV", "NPV", "IRR", "MIRR", "Rate", "NPer", "SLN", "SYD", "DDB")),
    ("F01", "format strings", lambda d: re.search(r"<Format>[^=<]", d.xml)),
    ("F02", "format expressions", lambda d: re.search(r"<Format>=", d.xml)),
    ("F03", "style expressions", lambda d: re.search(rf"<{STYLE}>=", d.xml)),
    ("F04", "several runs or paragraphs", lambda d: re.search(r"</TextRun>\s*<TextRun|</Paragraph>\s*<Paragraph", d.xml)),
    ("F05", "HTML markup", lambda d: "<MarkupType>HTML" in d.xml),
    ("F06", "lists in text", has("ListStyle")),
    ("F07", "rotated text", lambda d: re.search(r"<WritingMode>(?:Vertical|Rotate270|tb-rl)", d.xml)),
    ("F08", "gradients", lambda d: re.search(r"<BackgroundGradientType>(?!None)", d.xml)),
    ("F09", "right to left, calendars, numerals", lambda d: re.search(r"<Direction>RTL|<Calendar>|<NumeralLanguage>|<NumeralVariant>", d.xml)),
    ("F10", "CanShrink", lambda d: "<CanShrink>true" in d.xml),
    ("F11", "Language expressions", lambda d: re.search(r"<Language>=", d.xml)),
    ("G01", "gauges", has("RadialGauge", "LinearGauge")),
    ("G02", "state indicators", has("StateIndicator")),
    ("I01", "images embedded", lambda d: "<Source>Embedded" in d.xml),
    ("I02", "images from data", lambda d: "<Source>Database" in d.xml),
    ("I03", "images external", lambda d: "<Source>External" in d.xml),
    ("I04", "background images", has("BackgroundImage")),
    ("I05", "lines", has("Line")),
    ("K01", "<Code>", has("Code")),
    ("K02", "custom assemblies", lambda d: re.search(r"<CodeModule>|<ClassName>", d.xml)),
    ("M01", "maps", has("Map")),
    ("N01", "drillthrough", has("Drillthrough")),
    ("N02", "hyperlinks", has("Hyperlink")),
    ("N03", "bookmarks", has("Bookmark", "BookmarkLink")),
    ("N04", "document map", has("DocumentMapLabel", "Label")),
    ("N05", "interactive sort", has("UserSort")),
    ("N06", "tool tips", has("ToolTip")),
    ("P01", "page header or footer", has("PageHeader", "PageFooter")),
    ("P02", "page numbers and totals", says(r"Globals!(?:Overall)?(?:PageNumber|TotalPages)")),
    ("P03", "KeepTogether, repeated headers", has("KeepTogether", "KeepWithGroup", "RepeatOnNewPage")),
    ("P04", "page breaks", has("PageBreak", "PageBreakAtStart", "PageBreakAtEnd")),
    ("P05", "fields in page sections", lambda d: any("Fields!" in s for s in d.page_sections)),
    ("P06", "ReportItems in page sections", lambda d: any("ReportItems!" in s for s in d.page_sections)),
    ("P07", "page names, reset page numbers", has("PageName", "InitialPageName", "ResetPageNumber")),
    ("P08", "multi-column pages", lambda d: re.search(r"<Columns>[2-9]", d.xml)),
    ("S01", "subreports", has("Subreport")),
    ("T02", "tables", has("Tablix", "Table")),
    ("T03", "row groups", has("GroupExpression")),
    ("T04", "sorts", has("SortExpression", "SortBy")),
    ("T05", "spans", has("ColSpan", "RowSpan")),
    ("T06", "rectangles in cells, lists", lambda d: re.search(r"<(?:CellContents|TableCell)>\s*(?:<ReportItems>\s*)?<Rectangle|<List[\s>]", d.xml)),
    ("T07", "matrices", lambda d: re.search(r"<TablixColumnHierarchy>(?:(?!</TablixColumnHierarchy>).)*<GroupExpression|<Matrix[\s>]", d.xml, re.DOTALL)),
    ("T08", "regions in cells", lambda d: re.search(r"<CellContents>\s*<(?:Tablix|Chart)[\s>]", d.xml)),
    ("T09", "filters", has("Filter")),
    ("T10", "RDL of 2003 or 2005", lambda d: re.search(r"reporting/200[35]/\d\d/reportdefinition", d.xml[:2000])),
    ("T11", "recursive groups", has("Parent")),
    ("T12", "HideDuplicates", has("HideDuplicates")),
    ("T13", "NoRowsMessage", has("NoRowsMessage", "NoRows")),
    ("V01", "visibility", has("Hidden")),
    ("V02", "toggles", has("ToggleItem")),
    ("X01", "custom report items", has("CustomReportItem")),
]


class Definition:
    def __init__(self, path):
        self.path = path
        self.xml = path.read_bytes().decode("utf-8", "replace")
        self.expressions = "\n".join(re.findall(r">\s*=([^<]*)<", self.xml)).replace("&amp;", "&").replace("&quot;", '"')
        self.page_sections = re.findall(r"<PageHeader[\s>].*?</PageHeader>|<PageFooter[\s>].*?</PageFooter>", self.xml, re.DOTALL)
        self.notes = set()


def definitions():
    found = sorted(p for top in ("rdl-corpus", "golden") for p in shared(top).rglob("*") if p.suffix.lower() in (".rdl", ".rdlc"))
    return found if os.environ.get("BINDERY_CORPUS") == "all" else found[::8]


def notes_of(definition, folder):
    for form in FORMATS:
        output = folder / f"report.{form}"
        done = render(definition.path, output, "--sample-data", "--time-limit", "60", "--memory-limit", "1024", form=form)
        if done.status != 0:
            definition.notes.add(f"{form}: does not render: {done.error.strip().splitlines()[-1][-300:] if done.error.strip() else '?'}")
            continue
        for line in done.error.splitlines():
            note = re.match(r".*?:\d+: (?:not supported|error): (.*)", line)
            if note:
                definition.notes.add(note[1])
        if form != "PDF" and "#Error" in output.read_text("utf-8", "replace"):
            definition.notes.add(f"#Error in {form}")


def main():
    try:
        found = definitions()
    except Exception:
        found = []
    if not found:
        print("skipped: there are no report definitions")
        return 77
    folder = workspace("features")
    reports = [Definition(path) for path in found]
    bad = 0
    for report in reports:
        notes_of(report, folder)
        unexpected = [n for n in report.notes if not any(re.search(k, n) for k in KNOWN.values())]
        if unexpected or ("--why" in sys.argv and report.notes):
            print(report.path)
            for note in sorted(report.notes if "--why" in sys.argv else unexpected):
                print(f"    {note}")
        bad += bool(unexpected)
    print(f"{'':4} {'feature':40} {'use it':>7} {'clean':>7}")
    for code, title, uses in FEATURES:
        users = [r for r in reports if uses(r)]
        print(f"{code:4} {title:40} {len(users):7} {sum(not r.notes for r in users):7}")
    print(f"{'':4} {'all':40} {len(reports):7} {sum(not r.notes for r in reports):7}")
    for name, pattern in KNOWN.items():
        count = sum(any(re.search(pattern, n) for n in r.notes) for r in reports)
        if count:
            print(f"{'':4} notes on {name}: {count}")
    return 1 if bad else 0


sys.exit(main())
