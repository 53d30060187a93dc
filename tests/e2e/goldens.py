"""Small reports of our own and the CSV they give, to the letter."""
from harness import run, test
from reports import group, inline_data, member, render, report, tablix, textbox, workspace, write

folder = workspace("goldens")
SALES = [("South", "Cork", "10.10", 1, "2024-01-31"), ("North", "Bergen", "20.20", 2, "2024-02-29"),
         ("South", "Faro", "5.05", 3, "2023-12-31"), ("North", "Oslo", "1.00", 4, "2024-07-04"),
         ("South", "Cork", "2.50", 5, "2024-02-01"), ("West", "Hull", "7.00", 6, "2023-05-05"),
         ("North", "Bergen", "0.30", 7, "2024-03-10"), ("West", "Hull", "", 8, "")]
FIELDS = ["Region(String)", "City(String)", "Amount(Decimal)", "Units(Integer)", "Day(Date)"]
DATA = inline_data("D", SALES, FIELDS)


def gives(name, definition, expected, *options):
    output = folder / f"{name}.csv"
    done = render(write(folder, f"{name}.rdl", definition), output, *options)
    assert done.status == 0, done
    found = output.read_bytes().decode("utf-8")
    assert found.startswith("\ufeff") and found.endswith("\r\n"), "a mark at the start, and lines that end in CR LF"
    found = found[1:].replace("\r\n", "\n")
    assert found == expected, f"{name}: found\n{found}\nexpected\n{expected}"


def boxes(*pairs):
    return [textbox(name, value) for name, value in pairs]


def sort(expression, direction="Ascending"):
    return (f"<SortExpressions><SortExpression><Value>{expression}</Value><Direction>{direction}</Direction></SortExpression>"
            "</SortExpressions>")


def styled(name, value, form, language=""):
    return textbox(name, value, style=f"<Format>{form}</Format>" + (f"<Language>{language}</Language>" if language else ""))


@test
def a_table_with_groups_and_totals():
    rows = [boxes(("Region", "=Fields!Region.Value"), ("Sum", "=Sum(Fields!Amount.Value)")),
            boxes(("City", "=Fields!City.Value"), ("Amount", "=Fields!Amount.Value")),
            boxes(("Count", '=Count(Fields!Amount.Value) & " of " & CountRows()'), ("All", "=Sum(Fields!Amount.Value)"))]
    table = tablix("T", 2, rows, member(group("G", "=Fields!Region.Value"), sort("=Fields!Region.Value"),
                                        members=member() + member(group("R"), sort("=Fields!Amount.Value", "Descending"))) + member())
    gives("groups", report(table, DATA), """\
Region,Sum,City,Amount,Count,All
North,21.50,Bergen,20.20,7 of 8,46.15
North,21.50,Oslo,1.00,7 of 8,46.15
North,21.50,Bergen,0.30,7 of 8,46.15
South,17.65,Cork,10.10,7 of 8,46.15
South,17.65,Faro,5.05,7 of 8,46.15
South,17.65,Cork,2.50,7 of 8,46.15
West,7.00,Hull,7.00,7 of 8,46.15
West,7.00,Hull,,7 of 8,46.15
""")


@test
def running_values_row_numbers_and_the_row_before():
    rows = [boxes(("Units", "=Fields!Units.Value"), ("InGroup", '=RunningValue(Fields!Units.Value, Sum, "G")'),
                  ("InAll", "=RunningValue(Fields!Units.Value, Sum, Nothing)"), ("Number", '=RowNumber("G")'),
                  ("Before", "=Previous(Fields!Units.Value)"))]
    table = tablix("T", 5, rows, member(group("G", "=Fields!Region.Value"), members=member(group("R"))))
    gives("running", report(table, DATA), """\
Units,InGroup,InAll,Number,Before
1,1,1,1,
3,4,4,2,1
5,9,9,3,3
2,2,11,1,
4,6,15,2,2
7,13,22,3,4
6,6,28,1,
8,14,36,2,6
""")


@test
def a_matrix_with_totals_on_both_sides():
    def header(name, value):
        return f"<TablixHeader><Size>1in</Size><CellContents>{textbox(name, value)}</CellContents></TablixHeader>"
    total = "=Sum(Fields!Units.Value)"
    matrix = tablix("M", 2, [boxes(("Cell", total), ("RowTotal", total)), boxes(("ColumnTotal", total), ("Grand", total))],
                    member(group("R", "=Fields!Region.Value"), sort("=Fields!Region.Value"), header("Region", "=Fields!Region.Value")) +
                    member(header("All", "All")),
                    member(group("Y", "=Year(Fields!Day.Value)"), sort("=Year(Fields!Day.Value)"), header("Year", "=Year(Fields!Day.Value)")) +
                    member(header("Years", "Years")))
    gives("matrix", report(matrix, DATA), """\
Region,Year,Cell,RowTotal,ColumnTotal,Grand
North,1,,13,,36
North,2023,,13,,36
North,2024,13,13,,36
South,1,,9,,36
South,2023,3,9,,36
South,2024,6,9,,36
West,1,8,14,,36
West,2023,6,14,,36
West,2024,,14,,36
,1,,,8,36
,2023,,,9,36
,2024,,,19,36
""")


@test
def filters_and_the_first_of_a_ranking():
    top = ("<Filters><Filter><FilterExpression>=Sum(Fields!Units.Value)</FilterExpression><Operator>TopN</Operator><FilterValues>"
           '<FilterValue DataType="Integer">2</FilterValue></FilterValues></Filter></Filters>')
    table = tablix("T", 2, [boxes(("City", "=Fields!City.Value"), ("Units", "=Sum(Fields!Units.Value)"))],
                   member(group("G", "=Fields!City.Value", rest=top), sort("=Sum(Fields!Units.Value)", "Descending")))
    gives("top", report(table, DATA), "City,Units\nHull,14\nBergen,9\n")
    low = ("<Filters><Filter><FilterExpression>=Fields!Amount.Value</FilterExpression><Operator>LessThan</Operator><FilterValues>"
           "<FilterValue>=CDec(3)</FilterValue></FilterValues></Filter></Filters>")
    table = tablix("T", 1, [boxes(("Amount", "=Fields!Amount.Value"))], member(group("G")), rest=low)
    gives("low", report(table, DATA), "Amount\n1.00\n2.50\n0.30\n\n")


@test
def formats_follow_the_language():
    items = (styled("Money", "=1234.5D", "C") + styled("Euro", "=1234.5D", "C", "de-DE") + styled("Percent", "=0.256", "P1") +
             styled("Date", "=DateSerial(2024, 2, 29)", "D") + styled("Datum", "=DateSerial(2024, 2, 29)", "dddd, d. MMMM yyyy", "de-DE") +
             styled("Negative", "=-5", "#,0.00;(#,0.00);-") + styled("Zero", "=0", "#,0.00;(#,0.00);-") +
             styled("Half", "=2.345D", "N2") + styled("Text", '="not a number"', "N2") + textbox("Year", "=Year(Globals!ExecutionTime) > 2000") +
             textbox("Called", "=Format(1234567.891, \"N1\") & \" \" & FormatPercent(0.5) & \" \" & FormatDateTime(#2024-02-29#, 2)"))
    gives("formats", report(items), """\
Money,Euro,Percent,Date,Datum,Negative,Zero,Half,Text,Year,Called
"$1,234.50","1.234,50 €",25.6 %,"Thursday, February 29, 2024","Donnerstag, 29. Februar 2024",(5.00),-,2.35,not a number,True,"1,234,567.9 50.00% 2/29/2024"
""")


@test
def parameters_of_every_kind():
    def parameter(name, kind, rest):
        return f'<ReportParameter Name="{name}"><DataType>{kind}</DataType>{rest}<Prompt>{name}</Prompt></ReportParameter>'
    parameters = (parameter("Many", "String", "<MultiValue>true</MultiValue>") + parameter("When", "DateTime", "") +
                  parameter("None", "Integer", "<Nullable>true</Nullable>") +
                  parameter("Half", "Float", "<DefaultValue><Values><Value>=Parameters!Many.Count / 2</Value></Values></DefaultValue>"))
    items = textbox("Many", '=Join(Parameters!Many.Value, "|") & " " & Parameters!Many.Count') + textbox("When", "=Parameters!When.Value") + \
        textbox("None", "=IsNothing(Parameters!None.Value)") + textbox("Half", "=Parameters!Half.Value")
    gives("parameters", report(items, parameters=parameters), "Many,When,None,Half\na|b c|ü 3,2/29/2024 12:00:00 AM,True,1.5\n",
          "-p", "Many=a", "-p", "Many=b c", "-p", "Many=ü", "-p", "When=2024-02-29")


@test
def lookups_and_aggregates_of_another_data_set():
    people = inline_data("People", [("Cork", "Ada"), ("Oslo", "Ben"), ("Oslo", "Cleo")], ["City(String)", "Name(String)"])
    rows = [boxes(("City", "=Fields!City.Value"), ("First", '=Lookup(Fields!City.Value, Fields!City.Value, Fields!Name.Value, "People")'),
                  ("Every", '=Join(LookupSet(Fields!City.Value, Fields!City.Value, Fields!Name.Value, "People"), "+")'),
                  ("Rows", '=CountRows("People")'))]
    table = tablix("T", 4, rows, member(group("G", "=Fields!City.Value")))
    gives("lookups", report(table, DATA + people), """\
City,First,Every,Rows
Cork,Ada,Ada,3
Bergen,,,3
Faro,,,3
Oslo,Ben,Ben+Cleo,3
Hull,,,3
""")


@test
def a_hierarchy_with_levels_and_totals_below():
    staff = inline_data("D", [(3, 2, "Cleo", 10), (1, "", "Ada", 100), (2, 1, "Ben", 50), (4, 1, "Dan", 40)],
                        ["Id(Integer)", "Boss(Integer)", "Name(String)", "Pay(Integer)"])
    rows = [boxes(("Name", "=Fields!Name.Value"), ("Depth", '=Level("G")'), ("Below", '=Sum(Fields!Pay.Value, "G", Recursive)'))]
    table = tablix("T", 3, rows, member(group("G", "=Fields!Id.Value", rest="<Parent>=Fields!Boss.Value</Parent>"), sort("=Fields!Name.Value")))
    gives("hierarchy", report(table, staff), "Name,Depth,Below\nAda,0,200\nBen,1,60\nCleo,2,10\nDan,1,40\n")


@test
def texts_are_quoted_where_they_must_be():
    texts = inline_data("D", [('say "hi"',), ("a,b",), ("  blanks  ",), ("Ünïcode 日本 😀",), ("=1+1",), ("two\nlines",)], ["Text(String)"])
    texts = texts.replace("two\nlines", "two&amp;#10;lines")
    table = tablix("T", 1, [boxes(("Text", "=Fields!Text.Value"))], member(group("G")))
    gives("quotes", report(table, texts), 'Text\n"say ""hi"""\n"a,b"\n  blanks  \nÜnïcode 日本 😀\n=1+1\n"two\nlines"\n')


run()
