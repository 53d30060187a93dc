#!/usr/bin/env python3
"""Data sources that ask for a user and a password: in the viewer, in a posted form, never in an address or a log. TAP."""
import base64
import html
import http.client
import http.server
import re
import subprocess
import threading
import urllib.parse

from harness import BINDERY, Instance, basic, run, test

ROWS = '[{"city": "Oslo", "amount": 12}, {"city": "Faro", "amount": 7}]'
RIGHT = ("ann", "s3cret+&ü")


class Guarded(http.server.BaseHTTPRequestHandler):
    """Rows for whoever knows the password."""
    asked = []

    def do_GET(self):
        given = self.headers.get("Authorization", "")
        self.asked.append(given)
        known = given == "Basic " + base64.b64encode(":".join(RIGHT).encode()).decode()
        body = ROWS.encode() if known else b"no"
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Rows:
    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Guarded)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        Guarded.asked.clear()
        return f"127.0.0.1:{self.server.server_port}"

    def __exit__(self, *rest):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


NAMESPACE = "http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition"


def box(name, value):
    return (f'<Textbox Name="{name}"><CanGrow>true</CanGrow><Paragraphs><Paragraph><TextRuns><TextRun><Value>{value}</Value></TextRun>'
            f'</TextRuns></Paragraph></Paragraphs></Textbox>')


def report(source, parameters=""):
    """The cities, one to a page, so that there is a second page to go to."""
    cells = "".join(f"<TablixCell><CellContents>{box(n, f'=Fields!{n}.Value')}</CellContents></TablixCell>" for n in ("city", "amount"))
    return (f'<Report xmlns="{NAMESPACE}"><DataSources><DataSource Name="Main">{source}</DataSource></DataSources>'
            '<DataSets><DataSet Name="D"><Query><DataSourceName>Main</DataSourceName><CommandText>$[*]</CommandText></Query><Fields>'
            '<Field Name="city"><DataField>city</DataField></Field><Field Name="amount"><DataField>amount</DataField></Field></Fields>'
            f'</DataSet></DataSets>{parameters}<ReportSections><ReportSection><Body><ReportItems><Tablix Name="T"><TablixBody><TablixColumns>'
            '<TablixColumn><Width>1in</Width></TablixColumn><TablixColumn><Width>1in</Width></TablixColumn></TablixColumns><TablixRows>'
            f'<TablixRow><Height>0.25in</Height><TablixCells>{cells}</TablixCells></TablixRow></TablixRows></TablixBody>'
            '<TablixColumnHierarchy><TablixMembers><TablixMember/><TablixMember/></TablixMembers></TablixColumnHierarchy>'
            '<TablixRowHierarchy><TablixMembers><TablixMember><Group Name="G"><GroupExpressions><GroupExpression>=Fields!city.Value'
            '</GroupExpression></GroupExpressions><PageBreak><BreakLocation>Between</BreakLocation></PageBreak></Group></TablixMember>'
            '</TablixMembers></TablixRowHierarchy><DataSetName>D</DataSetName></Tablix></ReportItems><Height>1in</Height></Body>'
            '<Width>2in</Width><Page/></ReportSection></ReportSections></Report>')


def embedded(address, prompt="Who reads the sales?"):
    return (f"<ConnectionProperties><DataProvider>JSON</DataProvider><ConnectString>http://{address}/rows.json</ConnectString>"
            f"<Prompt>{prompt}</Prompt></ConnectionProperties>")


CHOICES = ('<ReportParameters><ReportParameter Name="City"><DataType>String</DataType><Prompt>City</Prompt><ValidValues><DataSetReference>'
           '<DataSetName>D</DataSetName><ValueField>city</ValueField></DataSetReference></ValidValues><DefaultValue><Values><Value>Faro'
           '</Value></Values></DefaultValue></ReportParameter></ReportParameters>')


class Browser:
    """Keeps cookies, follows nothing."""

    def __init__(self, instance, user="admin"):
        self.instance, self.user, self.cookies = instance, user, {}

    def ask(self, target, form=None):
        connection = http.client.HTTPSConnection("localhost", self.instance.port, context=self.instance.context(), timeout=60)
        headers = {**basic(self.user), "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("POST" if form is not None else "GET", target, body, headers)
        answer = connection.getresponse()
        answer.text = answer.read().decode("utf-8", "replace")
        self.set = [v for k, v in answer.getheaders() if k.lower() == "set-cookie"]
        for cookie in self.set:
            name, value = cookie.split(";")[0].split("=", 1)
            if "Max-Age=0" in cookie:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        connection.close()
        return answer


def fields(page):
    """Names and values of the form that asks for credentials."""
    form = re.search(r'<form class="bv-form" method="post".*?</form>', page, re.DOTALL).group()
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        found[html.unescape(re.search(r'name="([^"]*)"', tag).group(1))] = html.unescape((re.search(r'value="([^"]*)"', tag) or ["", ""])[1])
    return found


def publish(instance, name, text):
    path = instance.folder / f"{name}.rdl"
    path.write_text(text)
    instance.bindery("report", "publish", path)


def written(instance):
    """Everything that the server wrote where a person or a program may read it."""
    return instance.server_log() + "".join(path.read_text(errors="replace") for path in (instance.path / "log").iterdir())


def answer_form(browser, target, page, user, password, source="Main"):
    form = fields(page)
    form[f"dsu:{source}"], form[f"dsp:{source}"] = user, password
    return browser.ask(target, form)


def in_the_viewer(start, target):
    """Asked, answered wrongly, asked again, answered; pages, exports and other users after that."""
    with Rows() as address, Instance(DataHosts=address) as instance:
        publish(instance, "Cities", report(embedded(address), CHOICES))
        browser = Browser(instance)
        page = browser.ask(start)
        assert page.status == 200 and "Who reads the sales?" in page.text and "Oslo" not in page.text, page.text
        assert not Guarded.asked, "nothing is asked for before somebody answers"
        wrong = answer_form(browser, target, page.text, "ann", "guess")
        assert wrong.status == 303, wrong.text
        again = browser.ask(wrong.getheader("Location"))
        assert again.status == 200 and "status 401" in again.text and "Oslo" not in again.text, again.text
        assert not any(name.startswith("bindery-data-") for name in browser.cookies), "what is of no use is forgotten"
        good = answer_form(browser, target, again.text, *RIGHT)
        place = good.getheader("Location")
        assert good.status == 303 and "s3cret" not in place and "dsp" not in place, place
        assert all("HttpOnly" in c and "SameSite=Strict" in c and "Secure" in c for c in browser.set), browser.set
        assert "s3cret" not in "".join(browser.set)
        shown = browser.ask(place)
        assert shown.status == 200 and ">Oslo<" in shown.text, shown.text
        second = browser.ask(place.replace("rc:Section=1", "rc:Section=2"))
        assert second.status == 200 and ">Faro<" in second.text.split("bv-report")[1] and ">Oslo<" not in second.text.split("bv-report")[1]
        export = browser.ask("/ReportServer?%2fCities&rs:Command=Render&rs:Format=CSV&City=Oslo")
        assert export.status == 200 and "Oslo,12" in export.text and "Faro,7" in export.text, export.text
        other = Browser(instance, "reader")
        other.cookies = dict(browser.cookies)
        stolen = other.ask(start)
        assert "Who reads the sales?" in stolen.text and ">Oslo<" not in stolen.text, "they are one user's"
        assert "s3cret" not in written(instance)


@test
def the_viewer_asks_and_keeps_the_answer_for_pages_and_exports():
    in_the_viewer("/ReportServer?%2fCities&rs:Command=Render", "/ReportServer?")


@test
def the_portal_asks_too():
    in_the_viewer("/Reports/report/Cities", "/Reports/report/Cities?")


@test
def a_program_sends_them_by_post_and_never_in_an_address():
    with Rows() as address, Instance(DataHosts=address) as instance:
        publish(instance, "Cities", report(embedded(address)))
        browser = Browser(instance)
        target = "/ReportServer?%2fCities&rs:Command=Render&rs:Format=CSV"
        none = browser.ask(target)
        assert none.status == 500 and "rsInvalidDataSourceCredentialSetting" in none.text, none.text
        good = browser.ask(target, {"dsu:main": RIGHT[0], "dsp:main": RIGHT[1]})
        assert good.status == 200 and "Oslo,12" in good.text, good.text
        assert not browser.set, "a program keeps its own"
        wrong = browser.ask(target, {"dsu:Main": RIGHT[0], "dsp:Main": "hunter2"})
        assert wrong.status == 500 and "hunter2" not in wrong.text, wrong.text
        refused = browser.ask(target + "&dsu:Main=ann&dsp:Main=hunter2")
        assert refused.status == 400 and "POST" in refused.text and "hunter2" not in refused.text, refused.text
        assert "hunter2" not in written(instance)


@test
def only_who_is_asked_is_listened_to():
    """A data source that does not ask takes no credentials from a request; a shared one asks with its own words."""
    with Rows() as address, Instance(DataHosts=address) as instance:
        publish(instance, "Plain", report(embedded(address).replace("<Prompt>Who reads the sales?</Prompt>", "")))
        plain = Browser(instance).ask("/ReportServer?%2fPlain&rs:Command=Render&rs:Format=CSV", {"dsu:Main": RIGHT[0], "dsp:Main": RIGHT[1]})
        assert plain.status == 500 and Guarded.asked == [""], Guarded.asked
        (instance.folder / "Shared.rds").write_text(
            f'<RptDataSource Name="Shared"><ConnectionProperties><Extension>JSON</Extension><ConnectString>http://{address}/rows.json'
            "</ConnectString><Prompt>Your name at the shop</Prompt></ConnectionProperties></RptDataSource>")
        instance.bindery("report", "publish", instance.folder / "Shared.rds")
        publish(instance, "Cities", report("<DataSourceReference>Shared</DataSourceReference>"))
        browser = Browser(instance)
        page = browser.ask("/ReportServer?%2fCities&rs:Command=Render")
        assert "Your name at the shop" in page.text, page.text
        good = answer_form(browser, "/ReportServer?", page.text, *RIGHT)
        assert ">Oslo<" in browser.ask(good.getheader("Location")).text
        forged = fields(page.text)
        forged.update({"dsu:Main": "x", "dsp:Main": "y", "token": "0" * 32})
        assert browser.ask("/ReportServer?", forged).status == 403


@test
def the_command_line_takes_them_from_its_own_option():
    with Rows() as address, Instance(bind=False, serve=False) as instance:
        path = instance.folder / "Cities.rdl"
        path.write_text(report(embedded(address)))
        done = subprocess.run([BINDERY, "report", "render", path, "--format", "CSV", "-o", "-"], capture_output=True, text=True)
        assert done.returncode != 0 and "status 401" in done.stderr, done.stderr
        done = subprocess.run([BINDERY, "report", "render", path, "--format", "CSV", "-o", "-", "--user", RIGHT[0], "--password-file", "-"],
                              capture_output=True, text=True, input=RIGHT[1] + "\n")
        assert done.returncode == 0 and "Oslo,12" in done.stdout, done.stderr


run()
