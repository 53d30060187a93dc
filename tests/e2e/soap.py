#!/usr/bin/env python3
"""SOAP 1.1 and 1.2 as clients of report servers speak it: what is there, and faults in the original's shape. TAP."""
import http.client
import json
import re
import subprocess
import xml.etree.ElementTree as xml

from harness import APPLICATIONS, ROOT, Answer, Instance, basic, free_port, run, shared, test, wait_until
from soap_wire import N2005, N2010, SPACES, call, fault, message, strings


def set_level(instance, level):
    subprocess.run(["curl", "-sS", "--fail-with-body", "--max-time", "30", "--unix-socket", instance.path / "run" / "api.sock",
                    "-d", json.dumps({"Level": level}), "http://localhost/v1/SetSecureConnectionLevel"], check=True,
                   capture_output=True)


@test
def row_20_secure_methods_are_listed_per_level_in_both_versions_of_soap():
    with Instance() as instance:
        for level in (0, 1, 2, 3):
            set_level(instance, level)

            def listed(endpoint, version):
                answer = call(instance, endpoint, "ListSecureMethods", version)
                assert answer.headers["content-type"].startswith("text/xml" if version == 11 else "application/soap+xml")
                return strings(answer, SPACES[endpoint])

            wait_until(lambda: bool(listed("ReportService2005", 11)) == (level > 0), what="workers with the level")
            for version in (11, 12):
                old, new, run_ = (listed(e, version) for e in ("ReportService2005", "ReportService2010", "ReportExecution2005"))
                if level == 0:
                    assert old == new == run_ == [], (old, new, run_)
                    continue
                assert {"CreateReport", "ListSecureMethods", "GetSystemProperties"} <= set(old) and len(old) == 103, old
                assert {"CreateCatalogItem", "IsSSLRequired"} <= set(new) and "CreateReport" not in new and len(new) == 119, new
                assert {"LoadReport", "Render2"} <= set(run_) and len(run_) == 38, run_
            required = call(instance, "ReportService2010", "IsSSLRequired")
            assert (">true<" if level else ">false<") in required.text, required.text


@test
def row_20_a_level_above_0_refuses_soap_over_http():
    with Instance(AllowPasswordsOverHttp="True") as instance:
        port = free_port()
        instance.bindery("url", "reserve", "--app", APPLICATIONS[0], f"http://+:{port}")

        def plain(version=11, method="POST"):
            connection = http.client.HTTPConnection("localhost", port, timeout=60)
            action = f'"{N2005}/ListSecureMethods"'
            fields = {"Content-Type": "text/xml", "SOAPAction": action} if version == 11 else {
                "Content-Type": f"application/soap+xml; action={action}"}
            connection.request(method, "/ReportServer/ReportService2005.asmx", message(N2005, "ListSecureMethods", version),
                               {**basic("admin"), **(fields if method == "POST" else {})})
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())

        assert strings(plain(), N2005) == []
        set_level(instance, 1)
        wait_until(lambda: plain().status != 200, what="SOAP over http refused")
        for version, client, kind in ((11, "soap:Client", "text/xml"), (12, "soap:Sender", "application/soap+xml")):
            answer = plain(version)
            code, string, detail = fault(answer, version, actor=False)
            assert code == client and answer.headers["content-type"] == f"{kind}; charset=utf-8", answer.headers
            assert detail["ErrorCode"] == "rsSecureConnectionRequired" and detail["HttpStatus"] == "403" and "https" in string, detail
            assert "(rsSecureConnectionRequired)" in string and string == detail["Message"], string
        page = plain(method="GET")
        assert page.status == 403 and page.headers["content-type"].startswith("text/html"), page.text
        wait_until(lambda: strings(call(instance, "ReportService2005", "ListSecureMethods"), N2005), what="https goes on")


@test
def clients_leave_out_the_action_or_the_body_and_use_their_own_prefixes():
    with Instance() as instance:
        e, o = "ReportService2005", "ListSecureMethods"
        trusted = f'<s:Header><TrustedUserHeader xmlns="{N2005}" s:mustUnderstand="1"/></s:Header>'
        for answer in (call(instance, e, o, action=False), call(instance, e, o, body=""), call(instance, e, o, 12, action=False),
                       call(instance, e, o, 12, body=""), call(instance, e, o, header=trusted),
                       call(instance, e, o, body=f'<q:{o} xmlns:q="{N2005}"><q:Unknown/></q:{o}>')):
            assert strings(answer, N2005) == []
            header, = xml.fromstring(answer.body).iter(f"{{{N2005}}}ServerInfoHeader")
            assert header.find(f"{{{N2005}}}ReportServerVersionNumber").text.count(".") == 3
        assert instance.get(f"/reportserver/reportservice2005.ASMX", method="POST", body=message(N2005, o),
                            headers={"Content-Type": "text/xml", "SOAPAction": f"{N2005}/{o}"}).status == 200


@test
def faults_have_the_originals_shape():
    with Instance() as instance:
        for version, client, server in ((11, "soap:Client", "soap:Server"), (12, "soap:Sender", "soap:Receiver")):
            code, string, detail = fault(call(instance, "ReportService2010", "ListSchedules", version), version)
            assert code == server and detail["ErrorCode"] == "rsOperationNotSupported", (code, detail)
            assert "ListSchedules" in detail["Message"] and "(rsOperationNotSupported)" in detail["Message"], detail
            assert string.startswith("System.Web.Services.Protocols.SoapException: ") and \
                " ---> " in string and "OperationNotSupportedException: " in string, string
            code, string, detail = fault(call(instance, "ReportService2006", "ListSecureMethods", version), version)
            assert code == client and detail["ErrorCode"] == "rsOperationNotSupportedNativeMode", (code, detail)
            code, string, detail = fault(call(instance, "ReportService2010", "MakeCoffee", version), version)
            assert code == client and detail["HttpStatus"] == "400" and "MakeCoffee" in string, (code, detail)
            must = '<s:Header><a xmlns="urn:x" s:mustUnderstand="1"/></s:Header>'
            assert fault(call(instance, "ReportService2010", "IsSSLRequired", version, header=must), version)[0] == \
                "soap:MustUnderstand"
        typed = {"Content-Type": "text/xml", "SOAPAction": f'"{N2010}/IsSSLRequired"'}
        for body in ("", "no xml", "<a/>", message(N2010, "IsSSLRequired")[:-5], "<a>" * 500,
                     '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'):
            code, _, detail = fault(instance.get("/ReportServer/ReportService2010.asmx", method="POST", body=body, headers=typed))
            assert code == "soap:Client" and detail["ErrorCode"] == "rsMalformedXml", (body[:40], detail)
        mixed = instance.get("/ReportServer/ReportService2010.asmx", method="POST", body=message(N2010, "IsSSLRequired", 12), headers=typed)
        assert fault(mixed)[0] == "soap:VersionMismatch"
        form = instance.get("/ReportServer/ReportService2010.asmx", method="POST", body=message(N2010, "IsSSLRequired"),
                            headers={"Content-Type": "text/plain"})
        assert form.status == 415, "what a form of another site could send is refused"
        nobody = call(instance, "ReportService2010", "IsSSLRequired", user=None)
        assert nobody.status == 401 and "www-authenticate" in nobody.headers
        assert instance.get("/ReportServer/ReportService2010.asmx", method="PUT", body="").status == 405
        assert instance.get("/ReportServer/NoSuch.asmx").status == 404


@test
def the_wsdl_has_what_the_manual_says_and_the_address_that_the_client_used():
    with Instance() as instance:
        wsdl, soap, soap12 = ("{http://schemas.xmlsoap.org/wsdl/%s}" % name for name in ("", "soap/", "soap12/"))
        rows = re.findall(r"^\| (\w+) \|(.*)\|$", (ROOT / "docs" / "soap.md").read_text(), re.M)
        manual = {name: {row[0] for row in rows if len(row[1].split("|")) == 4 and row[1].split("|")[column].strip() == "yes"}
                  for column, name in enumerate(("ReportService2010", "ReportService2005", "ReportExecution2005"))}
        assert "ListSecureMethods" in manual["ReportExecution2005"] and len(manual["ReportService2010"]) > 10, manual
        for endpoint, operations in *manual.items(), ("ReportService2006", set()):
            page = instance.get(f"/ReportServer/{endpoint}.asmx?wsdl")
            assert page.status == 200 and page.body == instance.get(f"/ReportServer/{endpoint}.asmx").body
            root = xml.fromstring(page.body)
            assert root.get("targetNamespace") == SPACES[endpoint]
            assert {o.get("name") for o in root.find(f"{wsdl}portType")} == operations
            for place in (soap, soap12):
                location, = [node.get("location") for node in root.iter(f"{place}address")]
                assert location == f"https://localhost:{instance.port}/ReportServer/{endpoint}.asmx"
            # Whatever is referred to is there.
            space = "{http://www.w3.org/2001/XMLSchema}"
            schema = root.find(f"{wsdl}types/{space}schema")
            elements = {"tns:" + node.get("name") for node in schema.findall(f"{space}element")}
            messages = {"tns:" + node.get("name") for node in root.findall(f"{wsdl}message")}
            assert {part.get("element") for part in root.iter(f"{wsdl}part")} <= elements
            assert {node.get("message") for node in root.iter() if node.get("message")} <= messages
            bound = {node.get("soapAction") for node in root.iter(f"{soap}operation")}
            assert bound == {f"{SPACES[endpoint]}/{operation}" for operation in operations}
            types = {"tns:" + node.get("name") for kind in ("complexType", "simpleType") for node in schema.findall(space + kind)}
            assert {node.get("type") for node in schema.iter(f"{space}element") if (node.get("type") or "").startswith("tns:")} <= types


XSD = "{http://www.w3.org/2001/XMLSchema}"


def declared(schema):
    """Each top-level declaration by kind and name, as nested tuples that compare whatever the file's layout."""
    def flat(node):
        kept = {key: value for key, value in node.attrib.items() if key not in ("minOccurs", "maxOccurs") or value != "1"}
        if "type" in kept and ":" in kept["type"]:
            prefix, name = kept["type"].split(":")
            kept["type"] = name
        if "base" in kept:
            kept["base"] = kept["base"].split(":")[-1]
        children = [flat(child) for child in node]
        if node.tag == XSD + "choice":
            children.sort(key=repr)
        return (node.tag, tuple(sorted(kept.items())), tuple(children))

    return {(node.tag, node.get("name")): flat(node) for node in schema}


@test
def contracts_are_declared_as_the_original_declares_them():
    files = {"ReportService2010": shared("reference", "wsdl", "ReportService2010.mscustomsecurity2016.wsdl"),
             "ReportService2005": shared("reference", "wsdl", "ReportService2005.ssrsmigrate.wsdl"),
             "ReportExecution2005": shared("reference", "wsdl", "ReportExecution2005.yan0kom.wsdl")}
    with Instance() as instance:
        for endpoint, path in files.items():
            own = declared(xml.fromstring(instance.get(f"/ReportServer/{endpoint}.asmx?wsdl").body).find(f".//{XSD}schema"))
            original = declared(xml.parse(path).getroot().find(f".//{XSD}schema"))
            ours = {("complexType", "ServerInfoHeader")}  # without the time zone, which no client reads
            if endpoint == "ReportService2010":
                ours |= {("element", "ListSecureMethods"), ("element", "ListSecureMethodsResponse")}
            wrong = {key: (own[key], original.get(key)) for key in own if own[key] != original.get(key)
                     and (key[0].removeprefix(XSD), key[1]) not in ours}
            assert not wrong, "\n".join(f"{endpoint} {key}:\n  {a}\n  {b}" for key, (a, b) in wrong.items())


run()
