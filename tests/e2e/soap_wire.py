"""SOAP on the wire: messages as clients write them, and what comes back."""
import base64
import xml.etree.ElementTree as xml
from xml.sax.saxutils import escape

N2005 = "http://schemas.microsoft.com/sqlserver/2005/06/30/reporting/reportingservices"
N2006 = "http://schemas.microsoft.com/sqlserver/2006/03/15/reporting/reportingservices"
N2010 = "http://schemas.microsoft.com/sqlserver/reporting/2010/03/01/ReportServer"
SPACES = {"ReportService2005": N2005, "ReportService2006": N2006, "ReportService2010": N2010, "ReportExecution2005": N2005}
ENVELOPES = {11: "http://schemas.xmlsoap.org/soap/envelope/", 12: "http://www.w3.org/2003/05/soap-envelope"}
FAULT = "{http://www.microsoft.com/sql/reportingservices}"


def message(space, operation, version=11, header="", body=None):
    content = f'<{operation} xmlns="{space}"/>' if body is None else body
    return (f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{ENVELOPES[version]}">{header}'
            f'<s:Body>{content}</s:Body></s:Envelope>')


def call(instance, endpoint, operation, version=11, user="admin", action=True, **more):
    space = SPACES[endpoint]
    name = f'{space}/{operation}'
    headers = ({"Content-Type": "text/xml; charset=utf-8", **({"SOAPAction": f'"{name}"'} if action else {})} if version == 11 else
               {"Content-Type": "application/soap+xml; charset=utf-8" + (f'; action="{name}"' if action else "")})
    return instance.get(f"/ReportServer/{endpoint}.asmx", user=user, method="POST", headers=headers,
                        body=message(space, operation, version, **more).encode())


def strings(answer, space):
    assert answer.status == 200, (answer.status, answer.text)
    return [node.text for node in xml.fromstring(answer.body).iter(f"{{{space}}}string")]


def fault(answer, version=11, actor=True):
    """Fault code, string and the texts in the detail by their names. `actor`: it says which endpoint failed."""
    assert answer.status == 500, (answer.status, answer.text)
    space = f"{{{ENVELOPES[version]}}}"
    node = xml.fromstring(answer.body).find(f"{space}Body/{space}Fault")
    if version == 11:
        code, string, detail = node.find("faultcode").text, node.find("faultstring").text, node.find("detail")
        assert not actor or node.find("faultactor").text.endswith(".asmx"), answer.text
    else:
        code, detail = node.find(f"{space}Code/{space}Value").text, node.find(f"{space}Detail")
        string = node.find(f"{space}Reason/{space}Text").text
    assert detail[0].tag == FAULT + "ErrorCode" and not detail.text, answer.text
    assert [child.tag for child in detail[:3]] == [FAULT + name for name in ("ErrorCode", "HttpStatus", "Message")]
    return code, string, {child.tag[len(FAULT):]: child.text for child in detail}


def element(name, value):
    """An argument: text, bytes as base64, truth, None as xsi:nil, a list or a dict as elements in it."""
    if value is None:
        return f'<{name} xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>'
    if isinstance(value, bytes):
        text = base64.b64encode(value).decode()
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, str):
        text = escape(value)
    else:
        text = "".join(element(*pair) for pair in (value.items() if isinstance(value, dict) else value))
    return f"<{name}>{text}</{name}>"


def properties(**values):
    return [("Property", {"Name": name, "Value": value}) for name, value in values.items()]


def ask(instance, operation, endpoint="ReportService2010", version=11, user="admin", header="", **arguments):
    """The whole answer to an operation with arguments."""
    space = SPACES[endpoint]
    content = "".join(element(*pair) for pair in arguments.items())
    return call(instance, endpoint, operation, version, user, header=header,
                body=f'<{operation} xmlns="{space}">{content}</{operation}>')


def plain(node):
    """A value without its namespaces: text, or its children by name; lists of equal names as lists."""
    if len(node) == 0:
        return node.text or ""
    names = [child.tag.rpartition("}")[2] for child in node]
    if len(set(names)) < len(names) or names[0] in ("CatalogItem", "Property", "Warning", "string", "ValidValue"):
        return [plain(child) for child in node]
    return {name: plain(child) for name, child in zip(names, node)}


def response(answer):
    """The element in the body of an answer that is no fault."""
    assert answer.status == 200, (answer.status, answer.text)
    node, = next(child for child in xml.fromstring(answer.body) if child.tag.endswith("}Body"))
    assert node.tag.endswith("Response"), node.tag
    return node


def results(instance, operation, *rest, **arguments):
    """What an operation gives, by name."""
    return {child.tag.rpartition("}")[2]: plain(child) for child in response(ask(instance, operation, *rest, **arguments))}


def refused(instance, operation, *rest, **arguments):
    """The code of the fault."""
    return fault(ask(instance, operation, *rest, **arguments))[2]["ErrorCode"]
