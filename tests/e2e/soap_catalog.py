#!/usr/bin/env python3
"""The catalog over SOAP, as scripts live from it: folders, reports, data sources, resources. Real server, zeep. TAP."""
import base64
import pathlib
import sqlite3
import subprocess
import xml.etree.ElementTree as xml

from harness import PASSWORD, ROOT, Instance, Skip, run, test
from soap_wire import SPACES, ask, plain, properties, refused, response, results

DEBIAN = "/usr/bin/python3"  # which has the packages of tools/packages.txt
RDL = (ROOT / "samples" / "Sales by Region.rdl").read_bytes()
SQLITE = {"Extension": "SQLITE", "ConnectString": "Data Source=sales.db", "UseOriginalConnectString": False,
          "OriginalConnectStringExpressionBased": False, "CredentialRetrieval": "None", "WindowsCredentials": False}
STORED = {**SQLITE, "CredentialRetrieval": "Store", "UserName": "sa", "Password": "hunter2 of the database"}
N = "ReportService2005"


def paths(instance, path="/", recursive=True, **more):
    found = results(instance, "ListChildren", ItemPath=path, Recursive=recursive, **more)["CatalogItems"]
    return [item["Path"] for item in found] if found else []


def create(instance, kind, name, content, parent="/", overwrite=False, **more):
    return results(instance, "CreateCatalogItem", ItemType=kind, Name=name, Parent=parent, Overwrite=overwrite, Definition=content,
                   **more)


def definition(instance, path):
    return base64.b64decode(results(instance, "GetItemDefinition", ItemPath=path)["Definition"])


def values(instance, path, *names, **more):
    wanted = [("Property", {"Name": name}) for name in names]
    found = results(instance, "GetProperties", ItemPath=path, Properties=wanted, **more)["Values"]
    return {each["Name"]: each["Value"] for each in found}


@test
def row_43_a_client_made_from_the_wsdl_fills_a_server():
    if subprocess.run([DEBIAN, "-c", "import zeep"], capture_output=True).returncode != 0:
        raise Skip("zeep is not installed")
    with Instance() as instance:
        words = [DEBIAN, str(pathlib.Path(__file__).with_name("soap_zeep.py")), f"https://localhost:{instance.port}/ReportServer",
                 instance.authority, "admin", str(ROOT / "samples")]
        for version in "", "12":
            done = subprocess.run([*words, version], input=PASSWORD, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0 and done.stdout == "all is as it should be\n", (done.stdout, done.stderr)
        assert paths(instance) == []


@test
def row_43_folders_are_made_moved_and_removed():
    with Instance() as instance:
        made = results(instance, "CreateFolder", Folder="A 'B' é", Parent="/",
                       Properties=properties(Description="<all>", Hidden="True"))["ItemInfo"]
        assert made["Path"] == "/A 'B' é" and made["TypeName"] == "Folder" and made["Hidden"] == "true", made
        assert made["Description"] == "<all>" and made["CreatedBy"] == "admin" and "Size" not in made, made
        results(instance, "CreateFolder", Folder="Deep", Parent="/a 'b' É")
        assert paths(instance) == ["/A 'B' é", "/A 'B' é/Deep"] and paths(instance, recursive=False) == ["/A 'B' é"]
        create(instance, "Report", "R", RDL, parent="/A 'B' é/Deep")
        assert results(instance, "MoveItem", ItemPath="/A 'B' é/Deep", Target="/Top") == {}
        assert paths(instance) == ["/A 'B' é", "/Top", "/Top/R"]
        assert results(instance, "DeleteItem", ItemPath="/Top") == {}
        assert paths(instance) == ["/A 'B' é"]


@test
def row_43_definitions_come_back_as_they_went_in():
    with Instance() as instance:
        made = create(instance, "Report", "R", RDL, Properties=properties(Description="mine"))
        assert made["ItemInfo"]["Size"] == str(len(RDL)) and made["ItemInfo"]["Description"] == "mine", made
        warning, = made["Warnings"]
        assert warning["Code"] == "rsDataSourceReferenceNotPublished" and warning["ObjectName"] == "Sales", warning
        assert warning["Severity"] == "Warning" and warning["ObjectType"] == "DataSource" and warning["Message"], warning
        identity = made["ItemInfo"]["ID"]
        assert definition(instance, "/R") == RDL
        changed = RDL.replace(b"<Body>", b"<!-- again --><Body>", 1)
        assert changed != RDL
        told = results(instance, "SetItemDefinition", ItemPath="/R", Definition=changed, Properties=properties(Hidden="true"))
        assert [each["Code"] for each in told["Warnings"]] == ["rsDataSourceReferenceNotPublished"]
        assert definition(instance, "/R") == changed
        assert values(instance, "/R", "ID", "Hidden") == {"ID": identity, "Hidden": "True"}
        again = create(instance, "Report", "R", RDL, overwrite=True, Properties=properties(Hidden="false", Description="yours"))
        assert again["ItemInfo"]["ID"] == identity and again["ItemInfo"]["Hidden"] == "false", again
        assert again["ItemInfo"]["Description"] == "yours" and definition(instance, "/R") == RDL
        every = bytes(range(256)) * 40
        create(instance, "Resource", "all.png", every)
        assert definition(instance, "/all.png") == every
        assert values(instance, "/all.png", "MimeType", "Type", "Nothing") == {"MimeType": "image/png", "Type": "Resource"}
        create(instance, "Resource", "note", b"", Properties=properties(MimeType="text/x-note"))
        assert definition(instance, "/note") == b"" and values(instance, "/note", "MimeType") == {"MimeType": "text/x-note"}
        results(instance, "SetProperties", ItemPath="/note", Properties=properties(Description="d", MimeType="text/y"))
        known = values(instance, "/note")
        assert known["Description"] == "d" and known["MimeType"] == "text/y" and known["Name"] == "note", known
        header = f'<s:Header><ItemNamespaceHeader xmlns="{SPACES["ReportService2010"]}"><ItemNamespace>GUIDBased</ItemNamespace>' \
            '</ItemNamespaceHeader></s:Header>'
        assert values(instance, identity, "Path", header=header) == {"Path": "/R"}
        assert refused(instance, "GetProperties", ItemPath=identity) == "rsInvalidItemPath"


@test
def row_43_large_files_go_both_ways():
    with Instance() as instance:
        large = bytes(range(251)) * (20 * 1024 * 1024 // 251)
        create(instance, "Resource", "large.bin", large)
        assert definition(instance, "/large.bin") == large


@test
def row_43_faults_say_what_is_wrong():
    with Instance() as instance:
        create(instance, "Report", "R", RDL)
        create(instance, "Resource", "x.txt", b"x")
        long = "n" * 300
        rows = [("rsItemNotFound", "GetItemDefinition", dict(ItemPath="/None")),
                ("rsItemNotFound", "DeleteItem", dict(ItemPath="/None")),
                ("rsItemNotFound", "ListChildren", dict(ItemPath="/None", Recursive=False)),
                ("rsItemNotFound", "CreateFolder", dict(Folder="F", Parent="/None")),
                ("rsItemNotFound", "SetItemDefinition", dict(ItemPath="/None", Definition=RDL)),
                ("rsItemNotFound", "SetProperties", dict(ItemPath="/None", Properties=properties(Description="d"))),
                ("rsItemAlreadyExists", "CreateFolder", dict(Folder="r", Parent="/")),
                ("rsItemAlreadyExists", "CreateCatalogItem", dict(ItemType="Report", Name="R", Parent="/", Overwrite=False,
                                                                  Definition=RDL)),
                ("rsItemAlreadyExists", "MoveItem", dict(ItemPath="/x.txt", Target="/R")),
                ("rsInvalidItemName", "CreateFolder", dict(Folder="a/b", Parent="/")),
                ("rsInvalidItemName", "CreateFolder", dict(Folder="", Parent="/")),
                ("rsInvalidItemPath", "CreateFolder", dict(Folder="F", Parent="none")),
                ("rsInvalidItemPath", "ListChildren", dict(ItemPath="", Recursive=False)),
                ("rsItemPathLengthExceeded", "CreateFolder", dict(Folder=long, Parent="/")),
                ("rsWrongItemType", "ListChildren", dict(ItemPath="/R", Recursive=True)),
                ("rsWrongItemType", "GetItemDefinition", dict(ItemPath="/")),
                ("rsWrongItemType", "GetDataSourceContents", dict(DataSource="/R")),
                ("rsWrongItemType", "SetDataSourceContents", dict(DataSource="/x.txt", Definition=SQLITE)),
                ("rsWrongItemType", "SetProperties", dict(ItemPath="/R", Properties=properties(MimeType="a/b"))),
                ("rsReservedItem", "DeleteItem", dict(ItemPath="/")),
                ("rsReadOnlyProperty", "SetProperties", dict(ItemPath="/R", Properties=properties(Name="S"))),
                ("rsOperationNotSupported", "SetProperties", dict(ItemPath="/R", Properties=properties(Mine="1"))),
                ("rsMissingParameter", "DeleteItem", {}),
                ("rsMissingParameter", "DeleteItem", dict(ItemPath=None)),
                ("rsMissingParameter", "CreateCatalogItem", dict(ItemType="Report", Name="S", Parent="/", Overwrite=False)),
                ("rsMissingElement", "SetProperties", dict(ItemPath="/R", Properties=[("Property", {"Value": "1"})])),
                ("rsParameterTypeMismatch", "ListChildren", dict(ItemPath="/", Recursive="maybe")),
                ("rsParameterTypeMismatch", "SetItemDefinition", dict(ItemPath="/R", Definition="no base64!")),
                ("rsParameterTypeMismatch", "SetProperties", dict(ItemPath="/R", Properties=properties(Hidden="perhaps"))),
                ("rsInvalidParameter", "CreateCatalogItem", dict(ItemType="Coffee", Name="S", Parent="/", Overwrite=False,
                                                                 Definition=b"")),
                ("rsMalformedXml", "CreateCatalogItem", dict(ItemType="Report", Name="S", Parent="/", Overwrite=False,
                                                             Definition=b"<Report")),
                ("rsInvalidReportDefinition", "CreateCatalogItem", dict(ItemType="Report", Name="S", Parent="/", Overwrite=False,
                                                                        Definition=b"<Report/>")),
                ("rsInvalidDataSource", "CreateDataSource", dict(DataSource="S", Parent="/", Overwrite=False, Definition={}))]
        for code, operation, arguments in rows:
            for version in 11, 12:
                answer = ask(instance, operation, version=version, **arguments)
                assert answer.status == 500 and f"({code})" in answer.text and f">{code}<" in answer.text, (code, operation, answer.text)
        assert "ItemAlreadyExistsException" in ask(instance, "CreateFolder", Folder="R", Parent="/").text
        assert results(instance, "GetItemType", ItemPath="/None") == {"Type": "Unknown"}
        assert results(instance, "GetItemType", ItemPath="/r") == {"Type": "Report"}
        assert paths(instance) == ["/R", "/x.txt"] and definition(instance, "/R") == RDL
        other = ask(instance, "DeleteItem", ItemPath="/R")
        assert other.status == 200
        mixed = instance.get("/ReportServer/ReportService2010.asmx", method="POST", headers={
            "Content-Type": "text/xml", "SOAPAction": f'"{SPACES["ReportService2010"]}/GetItemType"'},
            body='<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><DeleteItem '
                 f'xmlns="{SPACES["ReportService2010"]}"><ItemPath>/x.txt</ItemPath></DeleteItem></s:Body></s:Envelope>')
        assert mixed.status == 500 and "DeleteItem" in mixed.text and paths(instance) == ["/x.txt"], mixed.text


@test
def row_43_readers_see_and_do_what_they_may():
    with Instance() as instance:
        create(instance, "Report", "R", RDL)
        results(instance, "CreateDataSource", DataSource="Sales", Parent="/", Overwrite=False, Definition=SQLITE)
        assert paths(instance, user="reader") == ["/R"] and paths(instance) == ["/R", "/Sales"]
        assert results(instance, "GetItemType", ItemPath="/Sales", user="reader") == {"Type": "Unknown"}
        for code, operation, arguments in (
                ("rsItemNotFound", "GetDataSourceContents", dict(DataSource="/Sales")),
                ("rsItemNotFound", "DeleteItem", dict(ItemPath="/Sales")),
                ("rsAccessDenied", "DeleteItem", dict(ItemPath="/R")),
                ("rsAccessDenied", "GetItemDefinition", dict(ItemPath="/R")),
                ("rsAccessDenied", "SetItemDefinition", dict(ItemPath="/R", Definition=RDL)),
                ("rsAccessDenied", "SetProperties", dict(ItemPath="/R", Properties=properties(Hidden="true"))),
                ("rsAccessDenied", "MoveItem", dict(ItemPath="/R", Target="/S")),
                ("rsAccessDenied", "CreateFolder", dict(Folder="F", Parent="/")),
                ("rsAccessDenied", "CreateCatalogItem", dict(ItemType="Report", Name="R", Parent="/", Overwrite=True, Definition=RDL))):
            assert refused(instance, operation, user="reader", **arguments) == code, operation
        assert paths(instance) == ["/R", "/Sales"]


@test
def row_43_passwords_of_data_sources_go_in_and_never_out():
    with Instance() as instance:
        def sealed():
            with sqlite3.connect(instance.path / "catalog.db") as database:
                bytes_, = database.execute("SELECT bytes FROM content").fetchone()
            text = bytes_.decode()
            assert STORED["Password"] not in text
            node = xml.fromstring(bytes_).find("{*}SealedPassword")
            return None if node is None else node.text

        made = results(instance, "CreateDataSource", DataSource="Sales", Parent="/", Overwrite=False, Definition=STORED,
                       Properties=properties(Description="the one"))["ItemInfo"]
        assert made["TypeName"] == "DataSource" and made["Description"] == "the one", made
        first = sealed()
        assert first

        def contents():
            answer = ask(instance, "GetDataSourceContents", DataSource="/Sales")
            assert STORED["Password"] not in answer.text and first not in answer.text
            return {child.tag.rpartition("}")[2]: child.text for child in response(answer)[0]}

        known = contents()
        assert known == {"Extension": "SQLITE", "ConnectString": "Data Source=sales.db", "UseOriginalConnectString": "false",
                         "OriginalConnectStringExpressionBased": "false", "CredentialRetrieval": "Store", "WindowsCredentials": "false",
                         "ImpersonateUser": "false", "UserName": "sa", "Enabled": "true"}, known
        assert b"assword" not in definition(instance, "/Sales")
        results(instance, "DisableDataSource", DataSource="/Sales")
        assert contents()["Enabled"] == "false" and sealed() == first
        results(instance, "EnableDataSource", DataSource="/Sales")
        assert contents() == known and sealed() == first
        without = {key: value for key, value in STORED.items() if key != "Password"}
        results(instance, "SetDataSourceContents", DataSource="/Sales", Definition={**without, "WindowsCredentials": True})
        assert contents()["WindowsCredentials"] == "true" and sealed() == first, "what is stored for this server and user stays"
        results(instance, "SetDataSourceContents", DataSource="/Sales", Definition={**without, "ConnectString": "elsewhere"})
        assert contents()["ConnectString"] == "elsewhere" and not sealed(), "and goes nowhere else"
        results(instance, "SetDataSourceContents", DataSource="/Sales", Definition={**STORED, "CredentialRetrieval": "Prompt"})
        assert "UserName" not in contents() and not sealed()
        results(instance, "SetDataSourceContents", DataSource="/Sales", Definition=STORED)
        assert contents() == known and sealed()
        assert refused(instance, "CreateDataSource", DataSource="Sales", Parent="/", Overwrite=False, Definition=SQLITE) == \
            "rsItemAlreadyExists"
        results(instance, "CreateDataSource", DataSource="Sales", Parent="/", Overwrite=True, Definition=SQLITE)
        assert contents()["CredentialRetrieval"] == "None"
        logs = instance.server_log() + "".join(path.read_text(errors="replace") for path in instance.path.rglob("*.log"))
        assert STORED["Password"] not in logs


@test
def row_43_a_report_that_a_script_published_runs():
    with Instance(samples=True) as instance:
        before = instance.render("/Samples/Sales by Region", "CSV").body
        results(instance, "CreateFolder", Folder="Mine", Parent="/")
        create(instance, "DataSource", "Sales", (ROOT / "samples" / "Sales.rds").read_bytes(), parent="/Mine")
        assert "Warnings" not in create(instance, "Report", "Copy", RDL, parent="/Mine")
        assert instance.render("/Mine/Copy", "CSV").body == before and len(before) > 100
        results(instance, "DisableDataSource", DataSource="/Mine/Sales")
        assert "rsDataSourceDisabled" in instance.render("/Mine/Copy", "CSV").text


OWN = b"""<?xml version="1.0"?><Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2008/01/reportdefinition">
<DataSources><DataSource Name="Own"><ConnectionProperties><DataProvider>SQLITE</DataProvider><ConnectString>Data Source=sales.db
</ConnectString></ConnectionProperties></DataSource><DataSource Name="Computed"><ConnectionProperties><DataProvider>SQLITE
</DataProvider><ConnectString>="Data Source=" &amp; "sales.db"</ConnectString><IntegratedSecurity>true</IntegratedSecurity>
</ConnectionProperties></DataSource><DataSource Name="Shared"><DataSourceReference>Sales</DataSourceReference></DataSource>
</DataSources><Body><ReportItems/><Height>1in</Height></Body><Width>1in</Width><Page/></Report>"""


def sources(instance, path="/R"):
    """Each data source of a report by its name: what is said of it."""
    listed = response(ask(instance, "GetItemDataSources", ItemPath=path))[0]
    return {node.find("{*}Name").text: (node[1].tag.rpartition("}")[2], {each.tag.rpartition("}")[2]: each.text for each in node[1]})
            for node in listed}


@test
def row_43_data_sources_of_a_report_are_read_and_set():
    with Instance() as instance:
        create(instance, "Report", "R", OWN)
        for name in "Sales", "Others":
            results(instance, "CreateDataSource", DataSource=name, Parent="/", Overwrite=False, Definition=SQLITE)
        known = sources(instance)
        assert known["Shared"] == ("DataSourceReference", {"Reference": "/Sales"}), known
        kind, own = known["Own"]
        assert kind == "DataSourceDefinition" and own["Extension"] == "SQLITE" and own["ConnectString"] == "Data Source=sales.db" and \
            own["CredentialRetrieval"] == "None" and own["OriginalConnectStringExpressionBased"] == "false", own
        computed = known["Computed"][1]
        assert computed["ConnectString"] == '="Data Source=" & "sales.db"' and computed["CredentialRetrieval"] == "Integrated" and \
            computed["OriginalConnectStringExpressionBased"] == "true", computed

        def setting(*sources):
            return dict(ItemPath="/R", DataSources=[("DataSource", source) for source in sources])

        shared = {"Name": "Shared", "DataSourceReference": {"Reference": "/Others"}}
        definition = {"Extension": "SQLITE", "ConnectString": "Data Source=sales.db"}
        assert results(instance, "SetItemDataSources", **setting({"Name": "Own", "DataSourceDefinition": definition}, shared)) == {}
        assert sources(instance)["Shared"] == ("DataSourceReference", {"Reference": "/Others"})
        users = [item["Path"] for item in results(instance, "ListDependentItems", ItemPath="/Others")["CatalogItems"]]
        assert users == ["/R"] and results(instance, "ListDependentItems", ItemPath="/Sales") == {"CatalogItems": ""}
        for code, source in (("rsDataSourceNotFound", {**shared, "Name": "None"}),
                             ("rsItemNotFound", {"Name": "Shared", "DataSourceReference": {"Reference": "/None"}}),
                             ("rsWrongItemType", {"Name": "Shared", "DataSourceReference": {"Reference": "/R"}}),
                             ("rsMissingElement", {"DataSourceReference": {"Reference": "/Sales"}}),
                             ("rsMissingElement", {"Name": "Shared", "DataSourceReference": {}}),
                             ("rsOperationNotSupported", {**shared, "Name": "Own"}),
                             ("rsOperationNotSupported", {"Name": "Shared", "DataSourceDefinition": definition}),
                             ("rsOperationNotSupported", {"Name": "Own", "DataSourceDefinition": {**definition, "ConnectString": "x"}})):
            assert refused(instance, "SetItemDataSources", **setting(source)) == code, (code, source)
        assert sources(instance)["Shared"] == ("DataSourceReference", {"Reference": "/Others"})
        assert refused(instance, "GetItemDataSources", ItemPath="/R", user="reader") == "rsAccessDenied"
        assert refused(instance, "GetItemDataSources", ItemPath="/Sales") == "rsWrongItemType"
        results(instance, "DeleteItem", ItemPath="/Others")
        assert sources(instance)["Shared"] == ("InvalidDataSourceReference", {})
        results(instance, "SetItemDataSources", **setting({"Name": "Shared", "InvalidDataSourceReference": {}}))
        assert sources(instance)["Shared"] == ("InvalidDataSourceReference", {})


ASKS = b"""<?xml version="1.0"?><Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2008/01/reportdefinition">
<DataSources><DataSource Name="S"><ConnectionProperties><DataProvider>SQLITE</DataProvider><ConnectString>Data Source=sales.db
</ConnectString><Prompt>Who are you?</Prompt></ConnectionProperties></DataSource></DataSources><DataSets><DataSet Name="D"><Query>
<DataSourceName>S</DataSourceName><CommandText>SELECT 1 AS One</CommandText></Query><Fields><Field Name="One"><DataField>One
</DataField></Field></Fields></DataSet></DataSets>
<Body><ReportItems/><Height>1in</Height></Body><Width>1in</Width><Page/><ReportParameters>
<ReportParameter Name="N"><DataType>Integer</DataType><AllowBlank>true</AllowBlank><Prompt>How many</Prompt><UsedInQuery>True
</UsedInQuery></ReportParameter>
<ReportParameter Name="M"><DataType>String</DataType><MultiValue>true</MultiValue><DefaultValue><Values><Value>a</Value><Value>b</Value>
</Values></DefaultValue><Hidden>true</Hidden><Prompt>Letters</Prompt><ValidValues><ParameterValues><ParameterValue><Value>a</Value>
<Label>The A</Label></ParameterValue><ParameterValue><Value>b</Value></ParameterValue></ParameterValues></ValidValues></ReportParameter>
<ReportParameter Name="I"><DataType>Boolean</DataType><Nullable>true</Nullable><DefaultValue><Values><Value>=Parameters!N.Value > 1
</Value></Values></DefaultValue></ReportParameter></ReportParameters></Report>"""


@test
def row_43_parameters_are_read_as_defined_and_as_they_are():
    with Instance(samples=True) as instance:
        def parameters(path, **more):
            listed = response(ask(instance, "GetItemParameters", ItemPath=path, **more))[0]
            return {node.find("{*}Name").text: {each.tag.rpartition("}")[2]: plain(each) for each in node} for node in listed}

        def given(*pairs):
            return [("ParameterValue", {"Name": name, "Value": value}) for name, value in pairs]

        report = "/Samples/Category Drilldown"
        known = parameters(report, ForRendering=True)
        assert list(known) == ["Category", "Region", "From", "Until"], known
        assert known["Category"]["ValidValuesQueryBased"] == "true" and len(known["Category"]["ValidValues"]) > 2, known
        assert known["Category"]["ParameterStateName"] == "HasValidValue" and known["Category"]["ParameterTypeName"] == "String"
        assert known["From"]["DefaultValues"] == {"Value": "2025-01-01T00:00:00"} and known["From"]["ParameterTypeName"] == "DateTime"
        assert known["Until"]["Dependencies"] == {"Dependency": "From"} and known["Until"]["DefaultValues"]["Value"].startswith("2025-03")
        assert known["Region"]["Nullable"] == "true" and "nil=" in ask(instance, "GetItemParameters", ItemPath=report,
                                                                       ForRendering=True).text
        later = parameters(report, ForRendering=True, Values=given(("From", "2024-01-01")))
        assert later["Until"]["DefaultValues"]["Value"].startswith("2024-03") and later["From"]["DefaultValues"]["Value"].startswith("2024")
        wrong = parameters(report, ForRendering=True, Values=given(("Category", "None")))["Category"]
        assert wrong["ParameterStateName"] == "MissingValidValue" and "Category" in wrong["ErrorMessage"], wrong
        defined = parameters(report, ForRendering=False)
        assert defined["Category"]["ParameterStateName"] == defined["Until"]["ParameterStateName"] == "DynamicValuesUnavailable"
        assert "ValidValues" not in defined["Category"] and defined["Until"]["Dependencies"] == {"Dependency": "From"}, defined
        (instance.path / "data" / "sales.db").rename(instance.path / "data" / "gone.db")
        assert parameters(report, ForRendering=False) == defined, "nothing is run"
        assert refused(instance, "GetItemParameters", ItemPath=report, ForRendering=True) == "rsErrorOpeningConnection"

        create(instance, "Report", "Asks", ASKS)
        defined = parameters("/Asks", ForRendering=False)
        assert defined["N"]["QueryParameter"] == "true" and defined["N"]["Prompt"] == "How many" and defined["N"]["PromptUser"] == "true"
        assert defined["N"]["ParameterStateName"] == "MissingValidValue" and "QueryParameter" not in defined["M"], defined
        assert defined["M"]["MultiValue"] == "true" and defined["M"]["Prompt"] == "" and defined["M"]["PromptUser"] == "true", defined
        assert defined["M"]["DefaultValues"] == ["a", "b"] and defined["M"]["ParameterStateName"] == "HasValidValue", defined
        assert defined["M"]["ValidValues"] == [{"Label": "The A", "Value": "a"}, {"Label": "b", "Value": "b"}], defined
        assert defined["I"]["PromptUser"] == "false" and "Prompt" not in defined["I"], defined
        assert parameters("/Asks", ForRendering=True, Values=given(("N", "7"))) == defined, "its data source asks who it is first"
        who = dict(ForRendering=True, Credentials=[("DataSourceCredentials", {"DataSourceName": "S", "UserName": "u", "Password": "p"})])
        values = parameters("/Asks", **who, Values=given(("N", "7"), ("M", "a")))
        assert values["N"]["DefaultValues"] == {"Value": "7"} and values["M"]["DefaultValues"] == {"Value": "a"}, values
        assert values["I"]["DefaultValues"] == {"Value": "True"} and values["I"]["ParameterStateName"] == "HasValidValue", values
        several = parameters("/Asks", **who, Values=given(("M", "b"), ("N", "1"), ("M", "a")))
        assert several["M"]["DefaultValues"] == ["b", "a"] and several["I"]["DefaultValues"] == {"Value": "False"}, several
        for code, arguments in (("rsUnknownReportParameter", dict(Values=given(("Z", "1")))),
                                ("rsMissingElement", dict(Values=[("ParameterValue", {"Value": "1"})])),
                                ("rsOperationLimitExceeded", dict(Values=given(*[("M", "a")] * 10001))),
                                ("rsReportHistoryNotFound", dict(HistoryID="2026-01-01T00:00:00"))):
            assert refused(instance, "GetItemParameters", ItemPath="/Asks", **who, **arguments) == code, code
        assert refused(instance, "GetItemParameters", ItemPath="/Samples/Sales", ForRendering=False) == "rsWrongItemType"
        old = response(ask(instance, "GetReportParameters", N, Report="/Asks", ForRendering=False, user="reader"))[0]
        assert [(node.find("{*}Name").text, node.find("{*}Type").text, node.find("{*}State").text) for node in old] == [
            ("N", "Integer", "MissingValidValue"), ("M", "String", "HasValidValue"), ("I", "Boolean", "DynamicValuesUnavailable")]


@test
def row_43_items_are_found_by_what_they_are():
    with Instance() as instance:
        results(instance, "CreateFolder", Folder="Sales", Parent="/", Properties=properties(Description="All of 2026"))
        results(instance, "CreateFolder", Folder="Deep", Parent="/Sales")
        create(instance, "Resource", "Notes.txt", b"12345", parent="/Sales/Deep")
        create(instance, "Resource", "More Sales.txt", b"123", parent="/Sales", Properties=properties(Hidden="True"))
        results(instance, "CreateDataSource", DataSource="Sales source", Parent="/", Overwrite=False, Definition=SQLITE)

        def found(*conditions, operator="And", user="admin", options=None, folder="/"):
            wanted = [("SearchCondition", {"Condition": kind, "Values": [("Value", value) for value in values], "Name": name})
                      for kind, name, *values in conditions]
            options = {} if options is None else dict(SearchOptions=properties(Recursive=options))
            listed = results(instance, "FindItems", user=user, Folder=folder, BooleanOperator=operator, **options,
                             SearchConditions=wanted)["Items"]
            return [item["Path"] for item in listed] if listed else []

        assert found(("Contains", "Name", "sALES")) == ["/Sales", "/Sales source", "/Sales/More Sales.txt"]
        assert found(("Contains", "Name", "sales"), user="reader") == ["/Sales", "/Sales/More Sales.txt"]
        assert found(("Contains", "Name", "sales"), options="False") == ["/Sales", "/Sales source"]
        assert found(("Contains", "Name", "sales"), folder="/Sales") == ["/Sales/More Sales.txt"]
        assert found(("Equals", "Name", "SALES")) == ["/Sales"] and found(("Equals", "Name", "Sale")) == []
        assert found(("Contains", "Name", "sales"), ("Equals", "Type", "Folder")) == ["/Sales"]
        assert found(("Contains", "Description", "2026"), ("Equals", "Name", "notes.txt"), operator="Or") == \
            ["/Sales", "/Sales/Deep/Notes.txt"]
        assert found(("In", "Type", "Resource", "DataSource")) == ["/Sales source", "/Sales/Deep/Notes.txt", "/Sales/More Sales.txt"]
        assert found(("Between", "Size", "4", "5")) == ["/Sales/Deep/Notes.txt"], "numbers, not texts"
        assert found(("Between", "Name", "M", "O")) == ["/Sales/Deep/Notes.txt", "/Sales/More Sales.txt"]
        assert found(("Equals", "Hidden", "true")) == ["/Sales/More Sales.txt"]
        assert found(("Between", "CreationDate", "2020-01-01", "2021-01-01")) == []
        assert len(found(("Between", "CreationDate", "2020-01-01T00:00:00+01:00", "2999-12-31"))) == 5
        assert found(("Equals", "Mine", "x")) == [] and len(found()) == 5
        for code, condition in (("rsInvalidParameter", {"Condition": "Between", "Name": "Size", "Values": [("Value", "1")]}),
                                ("rsInvalidParameter", {"Condition": "Equals", "Name": "Size", "Values": [("Value", "one")]}),
                                ("rsInvalidParameter", {"Condition": "Equals", "Name": "CreationDate", "Values": [("Value", "soon")]}),
                                ("rsParameterTypeMismatch", {"Condition": "Like", "Name": "Name", "Values": [("Value", "x")]}),
                                ("rsMissingElement", {"Condition": "Equals", "Values": [("Value", "x")]})):
            assert refused(instance, "FindItems", Folder="/", BooleanOperator="And", SearchConditions=[("SearchCondition", condition)]) \
                == code, condition
        assert refused(instance, "FindItems", Folder="/", BooleanOperator="Xor") == "rsParameterTypeMismatch"
        many = [("SearchCondition", {"Name": "Name", "Values": [("Value", "x")]})] * 1001
        assert refused(instance, "FindItems", Folder="/", BooleanOperator="And", SearchConditions=many) == "rsOperationLimitExceeded"
        old = [("SearchCondition", {"Name": "Name", "Value": "notes", "Condition": "Contains"})]
        listed = results(instance, "FindItems", N, Folder="/", BooleanOperator="And", Conditions=old)["Items"]
        assert [(item["Path"], item["Type"]) for item in listed] == [("/Sales/Deep/Notes.txt", "Resource")], listed
        parents = results(instance, "ListParents", ItemPath="/Sales/Deep/Notes.txt")["ListParentsResult"]
        assert [item["Path"] for item in parents] == ["/Sales/Deep", "/Sales", "/"], parents


@test
def row_43_the_older_contract_does_the_same():
    with Instance() as instance:
        assert results(instance, "CreateFolder", N, Folder="F", Parent="/") == {}
        told = results(instance, "CreateReport", N, Report="R", Parent="/F", Overwrite=False, Definition=RDL)
        assert [each["Code"] for each in told["Warnings"]] == ["rsDataSourceReferenceNotPublished"]
        assert results(instance, "CreateResource", N, Resource="x", Parent="/F", Overwrite=False, Contents=b"\0\1",
                       MimeType="a/b") == {}
        assert results(instance, "CreateDataSource", N, DataSource="Sales", Parent="/F", Overwrite=False, Definition=STORED) == {}
        create(instance, "DataSet", "S", (ROOT / "tests" / "e2e" / "soap_data_set.rsd").read_bytes(), parent="/F")
        listed = results(instance, "ListChildren", N, Item="/", Recursive=True)["CatalogItems"]
        assert [(item["Path"], item["Type"], item.get("MimeType")) for item in listed] == [
            ("/F", "Folder", None), ("/F/R", "Report", None), ("/F/S", "Unknown", None), ("/F/Sales", "DataSource", None),
            ("/F/x", "Resource", "a/b")], listed
        assert results(instance, "GetItemType", N, Item="/F/R") == {"Type": "Report"}
        assert results(instance, "GetItemType", N, Item="/none") == {"Type": "Unknown"}
        assert base64.b64decode(results(instance, "GetReportDefinition", N, Report="/F/R")["Definition"]) == RDL
        got = results(instance, "GetResourceContents", N, Resource="/F/x")
        assert base64.b64decode(got["Contents"]) == b"\0\1" and got["MimeType"] == "a/b", got
        assert results(instance, "SetResourceContents", N, Resource="/F/x", Contents=b"new", MimeType="c/d") == {}
        got = results(instance, "GetResourceContents", N, Resource="/F/x")
        assert base64.b64decode(got["Contents"]) == b"new" and got["MimeType"] == "c/d", got
        assert refused(instance, "SetReportDefinition", N, Report="/F/x", Definition=RDL) == "rsWrongItemType"
        assert refused(instance, "SetReportDefinition", N, Report="/F/R", Definition=b"<Report/>") == "rsInvalidReportDefinition"
        assert results(instance, "SetReportDefinition", N, Report="/F/R", Definition=RDL) == {}, "its data source came"
        assert results(instance, "GetDataSourceContents", N, DataSource="/F/Sales")["Definition"]["UserName"] == "sa"
        results(instance, "SetProperties", N, Item="/F/R", Properties=properties(Description="old"))
        known = results(instance, "GetProperties", N, Item="/F/R", Properties=[("Property", {"Name": "Description"})])["Values"]
        assert known == [{"Name": "Description", "Value": "old"}], known
        results(instance, "MoveItem", N, Item="/F/R", Target="/R")
        results(instance, "DeleteItem", N, Item="/F")
        assert paths(instance) == ["/R"]


@test
def row_43_answers_are_as_the_wsdl_says():
    calls = [("ReportService2010", [
        ("CreateFolder", dict(Folder="F", Parent="/", Properties=properties(Description="d"))),
        ("CreateCatalogItem", dict(ItemType="Report", Name="R", Parent="/F", Overwrite=False, Definition=RDL)),
        ("CreateDataSource", dict(DataSource="Sales", Parent="/F", Overwrite=False, Definition=STORED)),
        ("GetItemType", dict(ItemPath="/F")), ("GetItemDefinition", dict(ItemPath="/F/R")),
        ("CreateCatalogItem", dict(ItemType="Report", Name="Own", Parent="/F", Overwrite=False, Definition=OWN)),
        ("GetItemDataSources", dict(ItemPath="/F/Own")), ("ListParents", dict(ItemPath="/F/R")),
        ("SetItemDataSources", dict(ItemPath="/F/Own", DataSources=[])), ("ListDependentItems", dict(ItemPath="/F/Sales")),
        ("FindItems", dict(Folder="/", BooleanOperator="Or")), ("ListItemTypes", {}),
        ("CreateCatalogItem", dict(ItemType="Report", Name="Asks", Parent="/F", Overwrite=False, Definition=ASKS)),
        ("GetItemParameters", dict(ItemPath="/F/Asks", ForRendering=False)), ("ListParameterTypes", {}), ("ListParameterStates", {}),
        ("GetItemParameters", dict(ItemPath="/F/Asks", ForRendering=True, Values=[("ParameterValue", {"Name": "I", "Value": None})])),
        ("ListDatabaseCredentialRetrievalOptions", {}),
        ("ListChildren", dict(ItemPath="/", Recursive=True)), ("GetProperties", dict(ItemPath="/F/R")),
        ("SetProperties", dict(ItemPath="/F/R", Properties=properties(Hidden="True"))),
        ("SetItemDefinition", dict(ItemPath="/F/R", Definition=RDL)), ("GetDataSourceContents", dict(DataSource="/F/Sales")),
        ("SetDataSourceContents", dict(DataSource="/F/Sales", Definition=SQLITE)), ("DisableDataSource", dict(DataSource="/F/Sales")),
        ("EnableDataSource", dict(DataSource="/F/Sales")), ("MoveItem", dict(ItemPath="/F/R", Target="/R")),
        ("IsSSLRequired", {}), ("ListSecureMethods", {}), ("DeleteItem", dict(ItemPath="/R")), ("DeleteItem", dict(ItemPath="/F"))]),
        (N, [
        ("CreateFolder", dict(Folder="F", Parent="/")),
        ("CreateReport", dict(Report="R", Parent="/F", Overwrite=False, Definition=RDL)),
        ("CreateResource", dict(Resource="x", Parent="/F", Overwrite=False, Contents=b"x", MimeType="a/b")),
        ("CreateDataSource", dict(DataSource="Sales", Parent="/F", Overwrite=False, Definition=STORED)),
        ("GetItemType", dict(Item="/F")), ("GetReportDefinition", dict(Report="/F/R")), ("GetResourceContents", dict(Resource="/F/x")),
        ("SetReportDefinition", dict(Report="/F/R", Definition=RDL)), ("GetItemDataSources", dict(Item="/F/R")),
        ("SetItemDataSources", dict(Item="/F/R", DataSources=[])), ("ListDependentItems", dict(Item="/F/Sales")),
        ("FindItems", dict(Folder="/", BooleanOperator="And")), ("GetReportParameters", dict(Report="/F/R", ForRendering=False)),
        ("SetResourceContents", dict(Resource="/F/x", Contents=b"", MimeType="a/b")),
        ("ListChildren", dict(Item="/", Recursive=True)), ("GetProperties", dict(Item="/F/x")),
        ("SetProperties", dict(Item="/F/R", Properties=properties(Hidden="True"))),
        ("GetDataSourceContents", dict(DataSource="/F/Sales")), ("SetDataSourceContents", dict(DataSource="/F/Sales", Definition=SQLITE)),
        ("DisableDataSource", dict(DataSource="/F/Sales")), ("EnableDataSource", dict(DataSource="/F/Sales")),
        ("MoveItem", dict(Item="/F/R", Target="/R")), ("ListSecureMethods", {}), ("DeleteItem", dict(Item="/R"))])]
    with Instance() as instance:
        for endpoint, rows in calls:
            wsdl = xml.fromstring(instance.get(f"/ReportServer/{endpoint}.asmx?wsdl").body)
            known = {node.get("name") for node in wsdl.find("{*}portType")}
            assert known == {operation for operation, _ in rows}, known ^ {operation for operation, _ in rows}
            schema = wsdl.find("{*}types/{*}schema")
            schema.set("xmlns:tns", SPACES[endpoint])  # ElementTree forgets declarations that only values use
            schema.set("xmlns:s", "http://www.w3.org/2001/XMLSchema")
            for node in schema.iter():
                for name in ("type", "base"):
                    assert node.get(name, "s:").split(":")[0] in ("s", "tns"), node.attrib
            (instance.folder / "schema.xsd").write_bytes(xml.tostring(schema))
            for operation, arguments in rows:
                answer = ask(instance, operation, endpoint, **arguments)
                (instance.folder / "answer.xml").write_bytes(xml.tostring(response(answer)))
                done = subprocess.run(["xmllint", "--noout", "--schema", instance.folder / "schema.xsd",
                                       instance.folder / "answer.xml"], capture_output=True, text=True)
                assert done.returncode == 0, (endpoint, operation, done.stderr, answer.text[:2000])


run()
