#!/usr/bin/python3
"""A client that knows nothing but the WSDL (zeep): soap_zeep.py SERVER AUTHORITY USER SAMPLES [12], the password on standard
input. Ends with a line that says so where all was as it should be."""
import pathlib
import sys

import requests
import zeep
from zeep.transports import Transport

server, authority, user, samples, *rest = sys.argv[1:]
session = requests.Session()
session.trust_env, session.verify, session.auth = False, authority, (user, sys.stdin.read())
client = zeep.Client(f"{server}/ReportService2010.asmx?wsdl", transport=Transport(session=session), port_name="ReportingService2010Soap"
                     + "".join(rest))
service = client.service


def given(answer, name=None):
    """Behind the header that comes with every answer."""
    assert answer.header.ServerInfoHeader.ReportServerVersionNumber
    return getattr(answer.body, name) if name else answer.body


def code_of(function, *arguments):
    try:
        function(*arguments)
    except zeep.exceptions.Fault as fault:
        return fault.detail[0].text
    raise AssertionError("there was no fault")


def listed():
    found = given(service.ListChildren("/Scripts", True), "CatalogItems")
    return [(item.Path, item.TypeName) for item in found.CatalogItem]


report, source = (pathlib.Path(samples, name).read_bytes() for name in ("Sales by Region.rdl", "Sales.rds"))
assert given(service.GetItemType("/Scripts"), "Type") == "Unknown"
made = given(service.CreateFolder("Scripts", "/", {"Property": [{"Name": "Description", "Value": "made by zeep"}]}), "ItemInfo")
assert (made.Path, made.TypeName, made.Description) == ("/Scripts", "Folder", "made by zeep"), made
assert code_of(service.CreateFolder, "Scripts", "/") == "rsItemAlreadyExists"
made = given(service.CreateCatalogItem("Report", "Sales", "/Scripts", False, report, None))
assert made.ItemInfo.Size == len(report) and made.ItemInfo.CreationDate.year >= 2026
warning, = made.Warnings.Warning
assert warning.Code == "rsDataSourceReferenceNotPublished", warning
definition = client.get_type("ns0:DataSourceDefinition")(
    Extension="SQLITE", ConnectString="Data Source=sales.db", UseOriginalConnectString=False,
    OriginalConnectStringExpressionBased=False, CredentialRetrieval="Store", WindowsCredentials=False, UserName="u", Password="p")
given(service.CreateDataSource("Source", "/Scripts", False, definition, None))
contents = given(service.GetDataSourceContents("/Scripts/Source"), "Definition")
assert (contents.UserName, contents.Password, contents.CredentialRetrieval, contents.Enabled) == ("u", None, "Store", True), contents
given(service.CreateCatalogItem("Resource", "logo.png", "/Scripts", False, b"\x89PNG", None))
assert listed() == [("/Scripts/logo.png", "Resource"), ("/Scripts/Sales", "Report"), ("/Scripts/Source", "DataSource")], listed()
assert given(service.GetItemDefinition("/Scripts/Sales"), "Definition") == report
assert given(service.GetItemDefinition("/Scripts/logo.png"), "Definition") == b"\x89PNG"
values = given(service.GetProperties("/Scripts/Sales", {"Property": [{"Name": "Type"}, {"Name": "Size"}]}), "Values").Property
assert [(each.Name, each.Value) for each in values] == [("Type", "Report"), ("Size", str(len(report)))], values
service.MoveItem("/Scripts/Sales", "/Scripts/Moved")
assert code_of(service.GetItemDefinition, "/Scripts/Sales") == "rsItemNotFound"
service.DeleteItem("/Scripts")
assert code_of(service.ListChildren, "/Scripts", False) == "rsItemNotFound"
print("all is as it should be")
