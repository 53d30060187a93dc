#!/usr/bin/env python3
"""A worker driven over its Unix socket: drive.py WORKER GENERATE SAMPLES. One TAP line per claim.

WORKER is tests/web/worker; GENERATE makes sales.db; SAMPLES holds reports and Sales.rds. Everything lives in a folder
of its own."""
import base64
import csv
import html
import http.client
import io
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse

worker_program, generate, samples = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
folder = pathlib.Path(tempfile.mkdtemp(prefix="worker-test-"))
socket_path = folder / "socket"
claims = []


def claim(text, holds, detail=""):
    claims.append(bool(holds))
    print("ok" if holds else "not ok", len(claims), "-", text)
    if not holds:
        for line in str(detail)[:6000].splitlines():
            print("#", line)


class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(120)
        self.sock.connect(str(socket_path))


class Answer:
    def __init__(self, response):
        self.status, self.headers = response.status, response.headers
        self.body = response.read()
        self.text = self.body.decode("utf-8", "replace")
        self.shown = html.unescape(self.text)


class Client:
    """Keeps its connection and its cookies, as a browser does."""

    def __init__(self, user):
        self.user, self.cookies, self.connection = user, {}, Connection("localhost")

    def ask(self, method, target, body=None, headers=None):
        sent = {"Host": "reports.test:8443", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "reports.test:8443",
                "X-Forwarded-For": "192.0.2.7"}
        if self.user:
            sent["Authorization"] = "Basic " + base64.b64encode(f"{self.user}:correct horse".encode()).decode()
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent.update(headers or {})
        self.connection.request(method, target, body, sent)
        answer = Answer(self.connection.getresponse())
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer

    def get(self, target, **headers):
        return self.ask("GET", target, headers=headers)

    def form(self, action, fields):
        fields = dict(fields, token=self.cookies.get("BinderyToken", ""))
        return self.ask("POST", f"/Reports/do/{action}", urllib.parse.urlencode(fields),
                        {"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://reports.test:8443"})

    def upload(self, path, files, overwrite=False):
        boundary = "----bindery-test"
        parts = [("token", None, self.cookies.get("BinderyToken", "").encode()), ("path", None, path.encode())]
        if overwrite:
            parts.append(("overwrite", None, b"true"))
        parts += [("file", name, content) for name, content in files]
        body = b""
        for name, file_name, content in parts:
            body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
            body += f'; filename="{file_name}"'.encode() if file_name else b""
            body += b"\r\n\r\n" + content + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        return self.ask("POST", "/Reports/do/upload", body,
                        {"Content-Type": f"multipart/form-data; boundary={boundary}"})


def start():
    global process
    process = subprocess.Popen([worker_program, str(folder / "catalog.db"), str(folder), str(socket_path)],
                               stderr=open(folder / "log", "ab"))
    for _ in range(300):
        if process.poll() is not None:
            sys.exit("the worker ended: " + (folder / "log").read_text())
        try:
            probe = socket.socket(socket.AF_UNIX)
            probe.connect(str(socket_path))
            probe.close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("the worker does not listen")


def stop():
    process.send_signal(signal.SIGTERM)
    return process.wait(20)


def items():
    admin, reader, nobody = Client("admin"), Client("reader"), Client(None)
    answer = nobody.get("/Reports/browse/")
    claim("without credentials there is a challenge", answer.status == 401 and
          answer.headers["WWW-Authenticate"].startswith("Basic realm="), answer.text)
    answer = admin.get("/Reports")
    claim("the portal begins at Home", answer.status == 303 and answer.headers["Location"] == "/Reports/browse/")
    answer = admin.get("/Reports/browse/")
    claim("an empty Home asks for an upload", answer.status == 200 and "Upload" in answer.text, answer.text)
    claim("pages forbid foreign scripts", "script-src 'self'" in answer.headers["Content-Security-Policy"])
    answer = admin.form("new-folder", {"path": "/", "name": "Größe & <b>", "description": "d"})
    claim("names with forbidden characters are refused", answer.status == 400 and "rsInvalidItemName" in answer.text and
          "<b>" not in answer.text, answer.text)
    answer = admin.form("new-folder", {"path": "/", "name": "Größe 1", "description": "all <of> it"})
    claim("a folder is created", answer.status == 303, answer.text)
    answer = admin.get(answer.headers["Location"])
    claim("it is listed, escaped", "Größe 1" in answer.text and "all &lt;of&gt; it" in answer.text and
          "The folder was created" in answer.text, answer.text)
    stolen = Client("admin")
    claim("a form without token is refused", stolen.form("delete", {"path": "/Größe 1"}).status == 403)
    reader.get("/Reports/browse/")
    reader.cookies["BinderyToken"] = "0" * 32
    answer = reader.form("new-folder", {"path": "/", "name": "Mine"})
    claim("a reader cannot create", answer.status == 403 and "rsAccessDenied" in answer.text, answer.text)
    answer = reader.get("/Reports/browse/")
    claim("and is not offered to", "Größe 1" in answer.text and "Upload" not in answer.text and
          "Delete" not in answer.text)
    rds = (samples / "Sales.rds").read_bytes()
    answer = admin.upload("/Größe 1", [("Sales.rds", rds), ("Notes.txt", b"hello \xe2\x82\xac"), ("bad?.txt", b"x")])
    claim("an upload tells about each file", answer.status == 409 and "bad?.txt" in answer.text and
          answer.text.count("was stored") == 2, answer.text)
    answer = admin.upload("/Größe 1", [("Notes.txt", b"again")])
    claim("a second upload of the same name is refused", "rsItemAlreadyExists" in answer.text, answer.text)
    answer = admin.upload("/Größe 1", [("Notes.txt", b"again")], overwrite=True)
    claim("unless it may overwrite", answer.status == 303, answer.text)
    answer = reader.get("/Reports/resource/Gr%C3%B6%C3%9Fe%201/Notes.txt")
    claim("a file is shown with its type", answer.body == b"again" and answer.headers["Content-Type"] == "text/plain")
    again = reader.get("/Reports/resource/Gr%C3%B6%C3%9Fe%201/Notes.txt", **{"If-None-Match": answer.headers["ETag"]})
    claim("and not sent twice", again.status == 304 and again.body == b"")
    answer = reader.get("/Reports/manage/Gr%C3%B6%C3%9Fe%201/Sales")
    claim("what a reader may not see looks absent", answer.status == 404 and "rsItemNotFound" in answer.text)
    answer = admin.get("/Reports/manage/Gr%C3%B6%C3%9Fe%201/Sales")
    answer = admin.form("connect", {"path": "/Größe 1/Sales", "extension": "SQLITE", "connection": "Data Source=sales.db;A=1",
                                    "enabled": "true"})
    claim("and changes it", answer.status == 303 and "Data Source=sales.db;A=1" in
          admin.get("/Reports/manage/Gr%C3%B6%C3%9Fe%201/Sales").text, answer.text)
    answer = admin.form("new-source", {"path": "/Größe 1", "name": "Other", "extension": "", "connection": ""})
    claim("a data source without a type is refused", "rsInvalidDataSource" in answer.text, answer.text)
    answer = admin.get("/Reports/manage/Gr%C3%B6%C3%9Fe%201/Sales")
    claim("an administrator sees the connection", "Data Source=sales.db" in answer.text, answer.text)
    answer = admin.form("save", {"path": "/Größe 1/Notes.txt", "description": "n", "hidden": "true", "mime": "text/csv"})
    claim("properties are saved", answer.status == 303, answer.text)
    claim("hidden items are not listed to readers", "Notes.txt" not in
          reader.get("/Reports/browse/Gr%C3%B6%C3%9Fe%201").text)
    answer = admin.form("move", {"path": "/Größe 1/Notes.txt", "folder": "/", "name": "Moved.csv"})
    claim("an item moves", answer.status == 303 and
          admin.get("/Reports/resource/Moved.csv").headers["Content-Type"] == "text/csv", answer.text)
    claim("search finds it", "Moved.csv" in admin.get("/Reports/search?q=MOVED").text)
    answer = admin.form("delete", {"path": "/Moved.csv"})
    claim("an item is deleted", answer.status == 303 and admin.get("/Reports/resource/Moved.csv").status == 404)
    for asset in re.findall(r'(?:href|src)="(/Reports/assets/[^"]+)"', admin.get("/Reports/browse/").text):
        answer = admin.get(asset)
        claim(f"{asset.split('?')[0]} is there to stay", answer.status == 200 and
              "immutable" in answer.headers["Cache-Control"])


def url_access():
    admin, reader = Client("admin"), Client("reader")
    answer = reader.get("/ReportServer")
    claim("the root folder is listed as the original does",
          "<title>reports.test:8443/ReportServer - /</title>" in answer.text and "&lt;dir&gt; <A HREF=\"?" in answer.text
          and "rs:Command=ListChildren" in answer.text, answer.text)
    for target in ["?%2fGr%C3%B6%C3%9Fe+1&rs:Command=ListChildren", "?/Gr%C3%B6%C3%9Fe%201", "?%2FGR%C3%96%C3%9FE%201/",
                   "?/Gr%f6%dfe%201&rs%3acommand=listchildren"]:
        answer = admin.get("/ReportServer" + target)
        claim(f"listed by {target}", "[To Parent Directory]" in answer.text and ">Sales</A>" in answer.text, answer.text)
    answer = admin.get("/ReportServer?/Gr%C3%B6%C3%9Fe%201/Sales")
    claim("a data source is shown as its definition", answer.headers["Content-Type"].startswith("text/xml") and
          "<Extension>SQLITE</Extension>" in answer.text and "<CredentialRetrieval>None" in answer.text, answer.text)
    answer = reader.get("/ReportServer?/None")
    claim("a missing item has the original's code", answer.status == 404 and
          "The item '/None' cannot be found. (rsItemNotFound)" in answer.shown and
          '<meta name="HTTP Status" content="404">' in answer.text, answer.text)
    answer = reader.get("/ReportServer?/None&rs:ErrorResponseAsXml=true")
    claim("also as XML", "<ErrorCode>rsItemNotFound</ErrorCode>" in answer.text, answer.text)
    answer = admin.get("/ReportServer?/Gr%C3%B6%C3%9Fe%201&rs:Command=GetResourceContents")
    claim("a command that does not fit is refused", "(rsWrongItemType)" in answer.text, answer.text)
    answer = admin.get("/ReportServer?//x&rs:Command=ListChildren")
    claim("a bad path is refused", "(rsInvalidItemPath)" in answer.text, answer.text)
    answer = admin.get("/ReportServer?/" + "x" * 300)
    claim("a long path is refused", "(rsItemPathLengthExceeded)" in answer.text, answer.text)
    answer = admin.get("/ReportServer?/&rs:Command=Dance")
    claim("an unknown command is named", answer.status == 400 and "Dance" in answer.text, answer.text)
    answer = admin.ask("PUT", "/ReportServer", b"x")
    claim("other methods are refused", answer.status == 405 and answer.headers["Allow"] == "GET, HEAD, POST")
    claim("HEAD has no body", admin.ask("HEAD", "/ReportServer").body == b"")


def csv_rows(answer):
    return list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))


def reports():
    admin, reader = Client("admin"), Client("reader")
    subprocess.run([generate, str(folder / "sales.db")], check=True, stdout=subprocess.DEVNULL)
    admin.get("/Reports/browse/")
    admin.form("new-folder", {"path": "/", "name": "Sales"})
    answer = admin.upload("/Sales", [(file.name, file.read_bytes()) for file in sorted(samples.glob("*.rd?"))])
    claim("all samples are published", answer.status in (200, 303) and "bad" not in re.findall(
        r'<li class="(\w+)"', answer.text), answer.text)
    target = "/ReportServer?/Sales/Sales+by+Region&rs:Format=CSV"
    answer = reader.get(target)
    claim("a report comes as CSV", answer.status == 200 and answer.headers["Content-Type"].startswith("text/csv"),
          answer.text)
    claim("with a file name", answer.headers["Content-Disposition"] == 'attachment; filename="Sales by Region.csv"' and
          answer.headers["FileExtension"] == "csv", answer.headers)
    groups, total = sqlite3.connect(folder / "sales.db").execute(
        "SELECT count(DISTINCT region || country || category), sum(amount) FROM sales WHERE year = 2025").fetchone()
    claim("with every group of the data", len(csv_rows(answer)) > groups, (groups, answer.text[:2000]))
    claim("and the total that SQL gives", f"{total:,.2f}" in answer.text, (total, answer.text[:2000]))
    other = reader.get(target + "&Year=2023")
    claim("parameters change it", other.status == 200 and other.body != answer.body, other.text)
    posted = reader.ask("POST", "/ReportServer?/Sales/Sales+by+Region", "rs%3AFormat=CSV&Year=2023",
                        {"Content-Type": "application/x-www-form-urlencoded"})
    claim("a posted form is merged with the query", posted.body == other.body, posted.text)
    answer = reader.get(target + "&Year=2023&rc:NoHeader=true")
    claim("device information reaches the renderer", csv_rows(answer)[0] != csv_rows(other)[0])
    for query, code in [("&Year=1800", "rsInvalidReportParameter"), ("&Year=abc", "rsReportParameterTypeMismatch"),
                        ("&year=2023", "rsUnknownReportParameter"), ("&rs:Snapshot=2024-01-01T00:00:00",
                                                                     "rsReportHistoryNotFound")]:
        answer = reader.get(target + query)
        claim(f"{query} is {code}", answer.status >= 400 and f"({code})" in answer.text, answer.text)
    answer = reader.get("/ReportServer?/Sales/Sales+by+Region&rs:Format=PAPYRUS")
    claim("a format that is not there is named", "(rsRenderingExtensionNotFound)" in answer.text and
          "PAPYRUS" in answer.text, answer.text)
    answer = reader.get("/ReportServer?/Sales/Sales+by+Region&rs:Command=GetReportDefinition")
    claim("a reader does not get the definition", answer.status == 403 and "(rsAccessDenied)" in answer.text)
    answer = admin.get("/Reports/download/Sales/Sales%20by%20Region")
    claim("an administrator gets the original bytes",
          answer.body == (samples / "Sales by Region.rdl").read_bytes(), answer.headers)


ASKS = b"""<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition">
<ReportParameters><ReportParameter Name="Who"><DataType>String</DataType><Prompt>Who?</Prompt></ReportParameter>
</ReportParameters><ReportSections><ReportSection><Body><ReportItems><Textbox Name="Greeting"><Paragraphs><Paragraph>
<TextRuns><TextRun><Value>="Hello, " &amp; Parameters!Who.Value</Value></TextRun></TextRuns></Paragraph></Paragraphs>
<Height>1in</Height><Width>3in</Width></Textbox></ReportItems><Height>1in</Height></Body><Width>3in</Width><Page/>
</ReportSection></ReportSections></Report>"""


def viewer():
    admin, reader = Client("admin"), Client("reader")
    admin.get("/Reports/browse/")
    answer = admin.upload("/Sales", [("Asks.rdl", ASKS)])
    claim("a report without data is published", answer.status == 303, answer.text)
    target = "/ReportServer?/Sales/Sales+by+Region"
    answer = reader.get(target)
    pages = re.search(r"</label> of (\d+)</form>", answer.text)
    claim("the viewer shows a page of several", answer.status == 200 and pages and int(pages[1]) > 1 and
          "Sales by region" in answer.text, answer.text[:3000])
    claim("and says so in its links", "rc:Section=2" in answer.text and "rc:Section=0" not in answer.text)
    second = reader.get(target + "&rc:Section=2&rs:Format=HTML4.0")
    claim("rc:Section is another page", second.status == 200 and 'value="2"' in second.text and
          second.text.count("<tr") > 5 and second.text != answer.text)
    last = reader.get(target + "&rc:Section=999")
    claim("beyond the last page is the last page", f'value="{pages[1]}"' in last.text, last.text[:3000])
    alone = reader.get(target + "&rc:Toolbar=false")
    claim("without a toolbar the report stands alone, whole", "bv-bar" not in alone.text and "<html" in alone.text and
          alone.text.count("<tr") > answer.text.count("<tr"), alone.text[:3000])
    same = reader.get("/ReportServer/Pages/ReportViewer.aspx?%2fSales%2fSales+by+Region")
    claim("the original's address of the viewer works", same.status == 200 and "bv-bar" in same.text)
    for asset in re.findall(r'(?:href|src)="(/ReportServer/Styles/[^"]+)"', answer.text):
        claim(f"{asset.split('?')[0]} is there", reader.get(asset).status == 200)
    asks = reader.get("/ReportServer?/Sales/Asks")
    claim("missing values are asked for", asks.status == 200 and 'name="Who"' in asks.text and
          "bv-bar" not in asks.text, asks.text)
    answer = reader.get("/ReportServer?/Sales/Asks&rs:Format=CSV")
    claim("a file cannot ask", "(rsReportParameterValueNotSet)" in answer.text, answer.text)
    answer = reader.get("/ReportServer?%2FSales%2FAsks=&rs%3AParameterLanguage=en-US&Who=%3Cyou%3E+%26+me")
    claim("and runs with what the form sends, escaped", "Hello, &lt;you&gt; &amp; me" in answer.text, answer.text)
    only = reader.get(target + "&rv:PromptsOnly=true")
    claim("the parameters can be asked for alone", 'name="Year"' in only.text and "bv-bar" not in only.text)
    portal = reader.get("/Reports/report/Sales/Sales%20by%20Region?Year=2023")
    claim("the portal shows the same in its frame", 'class="crumbs"' in portal.text and "bv-bar" in portal.text and
          "Year=2023" in portal.text, portal.text[:3000])
    for link in re.findall(r'<li><a href="([^"]+)" download>', portal.text):
        link = "/Reports/report/Sales/Sales%20by%20Region" + html.unescape(link)
        answer = reader.get(link)
        claim(f"export by {link.split('rs:Format=')[1]}", answer.status == 200 and len(answer.body) > 500 and
              answer.headers["Content-Disposition"].startswith("attachment"), answer.text[:2000])
    embedded = reader.get("/Reports/report/Sales/Sales%20by%20Region?rs:embed=true")
    claim("embedded, the portal is not around it", "crumbs" not in embedded.text and "bv-bar" in embedded.text)


def finding():
    reader = Client("reader")
    target = "/ReportServer?/Sales/Customer+List"
    page = reader.get(target)
    form = page.text.split('<form class="bv-find"')[1].split("</form>")[0]
    fields = {html.unescape(name): html.unescape(value) for name, value in re.findall(r'name="([^"]*)"[^>]* value="([^"]*)"', form)}
    fields |= {name: "" for name in re.findall(r'value="" name="([^"]*)"', form)}
    pages = int(re.search(r"</label> of (\d+)</form>", page.text)[1])
    claim("the search of the first page goes through all of them", fields["rc:StartFind"] == "1" and
          fields["rc:EndFind"] == str(pages), form)
    fields["rc:FindString"] = "fischer"
    seen, answer = [], reader.get("/ReportServer?" + urllib.parse.urlencode(fields))
    for _ in range(4):
        number = re.search(r'name="rc:Section" type="number"[^>]* value="(\d+)"', answer.text)[1]
        marks = re.findall(r'<mark class="fi( now)?" id="fi(\d+)"[^>]*>([^<]*)</mark>', answer.text)
        seen.append((number, [place for now, place, _ in marks if now], {text.lower() for _, _, text in marks}))
        answer = reader.get("/ReportServer" + html.unescape(re.search(r'data-next href="([^"]*)"', answer.text)[1]))
    claim("each step of a search has one current match, case does not matter", all(
        len(now) == 1 and texts == {"fischer"} for _, now, texts in seen), seen)
    claim("and goes on to other places", len({(number, now[0]) for number, now, _ in seen}) == 4, seen)
    answer = reader.get(target + "&rc:FindString=no+such+text&rc:Section=2")
    claim("what is not there is said to be so, on the same page", "Not found" in answer.text and
          re.search(r'name="rc:Section" type="number"[^>]* value="2"', answer.text) and "<mark" not in answer.text, answer.text[:3000])
    claim("links to other pages do not search again", "FindString" not in answer.text.split('data-print')[0].split('bv-find')[0])
    answer = reader.get(target + "&rc:Zoom=150")
    claim("the zoom is in the page, in its menu and in links", ".rs{zoom:150%}" in answer.text and "150 %</summary>" in answer.text and
          "rc:Zoom=150" in answer.text.replace("%3A", ":"), answer.text[:3000])
    answer = reader.get(target + "&rc:Zoom=Page+Width")
    claim("Page Width is left to the script", 'data-fit="width"' in answer.text)


def box(name, value, more=""):
    return (f'<CellContents><Textbox Name="{name}"><CanGrow>true</CanGrow><Paragraphs><Paragraph><TextRuns><TextRun><Value>{value}'
            f"</Value></TextRun></TextRuns></Paragraph></Paragraphs>{more}</Textbox></CellContents>")


def sorts(expression):
    return f"<UserSort><SortExpression>{expression}</SortExpression><SortTarget>List</SortTarget></UserSort>"


MAPPED = f"""<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition"><DataSources>
<DataSource Name="Sales"><DataSourceReference>Sales</DataSourceReference></DataSource></DataSources><DataSets><DataSet Name="D">
<Query><DataSourceName>Sales</DataSourceName><CommandText>SELECT r.name AS region, c.name AS country FROM country c
JOIN region r ON r.id = c.region_id ORDER BY r.name</CommandText></Query><Fields><Field Name="region"><DataField>region</DataField>
</Field><Field Name="country"><DataField>country</DataField></Field></Fields></DataSet></DataSets><ReportSections><ReportSection>
<Body><ReportItems><Tablix Name="List"><TablixBody><TablixColumns><TablixColumn><Width>2in</Width></TablixColumn></TablixColumns>
<TablixRows><TablixRow><Height>0.25in</Height><TablixCells><TablixCell>{box("Head", "Country", sorts("=Fields!country.Value"))}
</TablixCell></TablixCells></TablixRow><TablixRow><Height>0.25in</Height><TablixCells><TablixCell>
{box("Region", "=Fields!region.Value")}</TablixCell></TablixCells></TablixRow><TablixRow><Height>0.25in</Height><TablixCells>
<TablixCell>{box("Country", "=Fields!country.Value")}</TablixCell></TablixCells></TablixRow></TablixRows></TablixBody>
<TablixColumnHierarchy><TablixMembers><TablixMember/></TablixMembers></TablixColumnHierarchy><TablixRowHierarchy><TablixMembers>
<TablixMember><KeepWithGroup>After</KeepWithGroup><RepeatOnNewPage>true</RepeatOnNewPage></TablixMember><TablixMember>
<Group Name="ByRegion"><DocumentMapLabel>=Fields!region.Value &amp; " &lt;R&gt;"</DocumentMapLabel><GroupExpressions>
<GroupExpression>=Fields!region.Value</GroupExpression></GroupExpressions><PageBreak><BreakLocation>Between</BreakLocation>
</PageBreak></Group><TablixMembers><TablixMember/><TablixMember><Group Name="Countries"/></TablixMember></TablixMembers>
</TablixMember></TablixMembers></TablixRowHierarchy><DataSetName>D</DataSetName></Tablix></ReportItems><Height>1in</Height></Body>
<Width>3in</Width><Page><InteractiveHeight>11in</InteractiveHeight></Page></ReportSection></ReportSections></Report>"""


def interaction():
    admin = Client("admin")
    admin.get("/Reports/browse/")
    answer = admin.upload("/Sales", [("Mapped.rdl", MAPPED.encode())])
    claim("a report with labels and sorts is published", answer.status == 303, answer.text)
    regions = [name for name, in sqlite3.connect(folder / "sales.db").execute(
        "SELECT DISTINCT r.name FROM country c JOIN region r ON r.id = c.region_id ORDER BY 1")]
    page = admin.get("/ReportServer?/Sales/Mapped")
    entries = re.findall(r'<li><a href="([^"]*)"[^>]*>([^<]*)</a>', page.text.split('<nav class="dm"')[-1].split("</nav>")[0])
    claim("the document map names every group, escaped", [html.unescape(label) for _, label in entries] ==
          [f"{region} <R>" for region in regions], page.text[:3000])
    claim("its first entry is on this page", entries[0][0].startswith("#") and f'id="{entries[0][0][1:]}"' in page.text)
    link, anchor = html.unescape(entries[-1][0]).split("#")
    answer = admin.get("/ReportServer" + link)
    claim("its last entry is on the page that the link names", f'id="{anchor}"' in answer.text and
          f'id="{anchor}"' not in page.text, answer.text[:3000])
    jump = admin.get("/ReportServer?/Sales/Mapped&rc:DocMapID=" + anchor[3:])
    claim("rc:DocMapID shows that page, and the place", f' tabindex="-1" autofocus id="{anchor}"' in jump.text, jump.text[:3000])
    claim("it can be left out", 'class="dm"' not in admin.get("/ReportServer?/Sales/Mapped&rc:DocMap=false").text)

    def countries(answer):
        body = answer.text.split("</nav>")[-1]
        return re.findall(r'<td class="b\d+">([^<]*)</td>', body)[1:]

    order = countries(page)
    for step, expected in [("ascending", sorted(order)), ("descending", sorted(order, reverse=True))]:
        link = html.unescape(re.search(r'class="so"[^>]* href="([^"]+)"', page.text)[1])
        page = admin.get("/ReportServer" + link)
        claim(f"a link in the header sorts in {step} order", countries(page) == expected and len(expected) > 2,
              (link, countries(page), expected))
    export = html.unescape(re.search(r'href="([^"]*rs:Format=CSV)"', page.text)[1])
    rows = [row[-1] for row in csv_rows(admin.get("/ReportServer" + export))]
    claim("exports keep the sort", [row for row in rows if row in order] == sorted(order, reverse=True), rows)
    answer = admin.get("/ReportServer?/Sales/Mapped&rv:Sort=nowhere:Sideways")
    claim("a sort that cannot be read is refused", answer.status == 400 and "rv:Sort" in answer.shown, answer.text)


def limits():
    admin = Client("admin")
    answer = admin.ask("POST", "/Reports/do/upload", b"", {"Content-Length": str(5 * 1024 * 1024)})
    claim("a body over the limit is refused", answer.status == 413, answer.text)
    admin = Client("admin")
    admin.get("/Reports/browse/")
    answer = admin.upload("/", [("bomb.rdl", b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><Report>&c;</Report>')])
    claim("an entity bomb is refused", answer.status == 409 and "was stored" not in answer.text, answer.text)
    for raw in [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00" * 50, b"GET /ReportServer HTTP/1.1\r\nHost: h\r\n"]:
        with socket.socket(socket.AF_UNIX) as bad:
            bad.connect(str(socket_path))
            bad.sendall(raw)
            bad.shutdown(socket.SHUT_WR)
            bad.settimeout(20)
            while bad.recv(4096):
                pass
    claim("what is no request does not end the worker", Client("admin").get("/ReportServer").status == 200)
    clients = [Client("admin") for _ in range(8)]
    claim("many connections are served by one worker", all(
        client.get("/ReportServer").status == 200 for _ in range(3) for client in clients))


def main():
    start()
    try:
        items()
        url_access()
        reports()
        viewer()
        finding()
        interaction()
        limits()
        log = (folder / "log").read_text()
        claim("the worker stops when told", stop() == 0, log)
        claim("no sanitizer spoke", "ERROR: " not in log and "runtime error" not in log, log)
    except (OSError, http.client.HTTPException) as error:
        claim(f"the worker answers ({error!r})", False, (folder / "log").read_text()[-6000:])
    finally:
        if process.poll() is None:
            process.kill()
        shutil.rmtree(folder)
    print(f"1..{len(claims)}")


main()
