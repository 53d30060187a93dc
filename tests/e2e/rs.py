#!/usr/bin/env python3
"""Reports of a server from a script: `bindery report render, list, get, publish, remove --server`, https first. Real servers. TAP."""
import json
import os
import pathlib
import pty
import re
import socket
import subprocess
import threading

from harness import BINDERY, PASSWORD, ROOT, Instance, basic, free_port, run, test, wait_until
from kdc import Realm
from negotiate_server import Server

REPORT = "/Samples/Sales by Region"


def command(instance, *words, server=None, user="admin", cacert=True, path=REPORT, secret=None):
    """The words of the command; a `server` without a scheme unless it has one."""
    words = ["report", "render", path, "--server", server or f"localhost:{instance.port}/ReportServer", *map(str, words)]
    if user:
        words += ["--user", user, "--password-file", str(secret or instance.folder / f"password-{user}")]
    return [BINDERY, *words, *(["--cacert", instance.authority] if cacert else [])]


def items(instance, action, *words, server=None, user="admin", cacert=True, check=True):
    """`bindery report ACTION` on the server of an instance, from nowhere near it."""
    words = ["report", action, *map(str, words), "--server", server or f"https://localhost:{instance.port}/ReportServer"]
    if user:
        words += ["--user", user, "--password-file", str(instance.folder / f"password-{user}")]
    done = subprocess.run([BINDERY, *words, *(["--cacert", instance.authority] if cacert else [])], capture_output=True, timeout=120,
                          env={**os.environ, "BINDERY_INSTANCE": "/nonexistent"})
    assert not check or done.returncode == 0, done
    return done


def render(instance, *words, input=None, variables={}, **options):
    return subprocess.run(command(instance, *words, **options), capture_output=True, input=input, timeout=120,
                          env={**os.environ, "BINDERY_INSTANCE": "/nonexistent", **variables})


def leftovers(instance):
    return sorted(path.name for path in instance.folder.glob("out*"))


def without_moments(pdf):
    return re.sub(rb"D:\d{14}[^)]*|/ID *\[[^]]*\]|<xmp:\w+Date>[^<]*|uuid:[0-9a-f-]+", b"", pdf)


class Listener:
    """Takes connections at a port and gives each to a function, with what came first; all that came is kept."""

    def __init__(self, answer):
        self.answer, self.came = answer, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                first = connection.recv(65536)
                self.came.append(first)
                if not first.startswith(b"\x16\x03"):  # TLS is not understood: the connection ends
                    self.answer(connection)

    def __enter__(self):
        return self

    def __exit__(self, *rest):
        self.socket.close()


@test
def row_43_the_file_is_what_a_browser_gets():
    with Instance(samples=True) as instance:
        out = instance.folder / "out.pdf"
        done = render(instance, "-o", out)
        assert done.returncode == 0 and done.stdout == b"", done
        assert f"https://localhost:{instance.port}/ReportServer answered" in done.stderr.decode(), done
        browser = instance.render(REPORT, "PDF").body
        assert browser.startswith(b"%PDF-") and without_moments(out.read_bytes()) == without_moments(browser)
        assert leftovers(instance) == ["out.pdf"]
        csv = render(instance, "--format", "CSV", "-p", "Year=2024", "--device-info", "NoHeader=true")
        wanted = instance.get("/ReportServer?%2fSamples%2fSales%20by%20Region&rs:Command=Render&rs:Format=CSV&Year=2024"
                              "&rc:NoHeader=true").body
        assert csv.returncode == 0 and csv.stdout == wanted and len(wanted) > 100, csv
        assert csv.stdout != render(instance, "--format", "CSV", "-p", "Year=2023").stdout
        picture = instance.folder / "out.png"
        assert render(instance, "-o", picture).returncode == 0 and picture.read_bytes().startswith(b"\x89PNG")


@test
def row_43_https_is_asked_first_and_http_only_where_it_is_allowed():
    with Instance(samples=True, AllowPasswordsOverHttp="True") as instance:
        plain = free_port()
        instance.reserve(plain, "http")
        at = f"localhost:{plain}/ReportServer"
        first = render(instance, "--allow-http", "--format", "CSV")
        assert first.returncode == 0 and b"https://localhost" in first.stderr and b"encrypted" not in first.stderr, first
        refused = render(instance, server=at)
        assert refused.returncode == 1 and refused.stdout == b"" and b"--allow-http" in refused.stderr, refused
        named = render(instance, server="http://" + at)
        assert named.returncode == 2 and b"--allow-http" in named.stderr, named
        for server in at, "http://" + at:
            done = render(instance, "--allow-http", "--format", "CSV", server=server)
            assert done.returncode == 0 and done.stdout == first.stdout, done
            assert f"http://{at} answered; nothing was encrypted" in done.stderr.decode(), done
        fixed = render(instance, "--allow-http", server="https://" + at)
        assert fixed.returncode == 1 and fixed.stdout == b"", fixed


@test
def row_43_no_word_goes_over_http_unless_it_is_allowed():
    def answer(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

    with Instance(serve=False, bind=False) as instance, Listener(answer) as listener:
        at = f"127.0.0.1:{listener.port}/ReportServer"
        assert render(instance, server=at, cacert=False).returncode == 1
        assert listener.came and all(came.startswith(b"\x16\x03") for came in listener.came), listener.came
        done = render(instance, "--allow-http", server=at, cacert=False)
        assert done.returncode == 0 and done.stdout == b"ok", done
        assert listener.came[-2].startswith(b"\x16\x03"), "https first"
        assert basic("admin")["Authorization"].encode() in listener.came[-1], listener.came[-1]
        assert b"post /reportserver?%2fsamples%2f" in listener.came[-1].lower(), listener.came[-1]


@test
def row_43_a_certificate_that_is_not_good_ends_it():
    with Instance(samples=True, AllowPasswordsOverHttp="True") as instance, Instance(serve=False) as other:
        out = instance.folder / "out.pdf"
        for words in ("--cacert", other.authority), ():
            done = render(instance, "--allow-http", "-o", out, *words, cacert=False)
            assert done.returncode == 1 and b"certificate" in done.stderr and b"http:" not in done.stderr, done
        instance.bind(instance.json("cert", "create", "--host", "reports.example", "--address", "127.0.0.1")["thumbprint"])
        name = render(instance, "--allow-http", "-o", out)
        assert name.returncode == 1 and b"localhost" in name.stderr and b"http:" not in name.stderr, name
        assert leftovers(instance) == []


@test
def row_43_what_the_server_says_is_shown():
    with Instance(samples=True) as instance:
        out, wrong = instance.folder / "out.pdf", instance.folder / "wrong"
        out.write_bytes(b"before")
        wrong.write_text("no password of anybody\n")
        wrong.chmod(0o600)
        rows = [(4, "(rsItemNotFound)", dict(path="/Samples/None"), ()),
                (1, "(rsUnknownReportParameter)", {}, ("-p", "None=1")),
                (1, "HTTP 401", dict(secret=wrong), ()),
                (1, "HTTP 401", dict(user=None), ()),
                (1, "(rsRenderingExtensionNotFound)", {}, ("--format", "NONE")),
                (1, "HTTP 400", dict(server=f"localhost:{instance.port}/None"), ()),
                (2, "slash", dict(path="Samples"), ()),
                (2, "--sample-data", {}, ("--sample-data",)),
                (2, "--negotiate", {}, ("--negotiate",)),
                (2, "HOST", dict(server="admin@localhost/ReportServer"), ()),
                (2, "colon", dict(user=None), ("--user", "admin:secret", "--password-file", wrong))]
        for status, told, options, words in rows:
            done = render(instance, "-o", out, *words, **options)
            assert done.returncode == status and told in done.stderr.decode(), (status, told, done)
            assert out.read_bytes() == b"before" and leftovers(instance) == ["out.pdf"], told
        local = instance.bindery("report", "render", "x.rdl", "--cacert", "x", check=False)
        assert local.returncode == 2 and "goes with --server" in local.stderr, local


@test
def row_43_half_an_answer_leaves_the_file_as_it_was():
    def answer(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n" + b"x" * 5000)

    with Instance(serve=False, bind=False) as instance, Listener(answer) as listener:
        out = instance.folder / "out.pdf"
        out.write_bytes(b"before")
        done = render(instance, "--allow-http", "-o", out, server=f"127.0.0.1:{listener.port}/ReportServer", cacert=False)
        assert done.returncode == 1 and out.read_bytes() == b"before" and leftovers(instance) == ["out.pdf"], done
        full = render(instance, "--allow-http", "-o", "/dev/full/x", server=f"127.0.0.1:{listener.port}/ReportServer",
                      cacert=False)
        assert full.returncode == 1 and b"cannot create" in full.stderr, full


@test
def row_43_a_server_that_says_nothing_is_given_up():
    with Instance(serve=False, bind=False) as instance, Listener(lambda connection: connection.recv(1)) as listener:
        out = instance.folder / "out.pdf"
        done = render(instance, "--allow-http", "--time-limit", "1", "-o", out,
                      server=f"127.0.0.1:{listener.port}/ReportServer", cacert=False)
        assert done.returncode == 1 and leftovers(instance) == [], done
        assert b"took longer" in done.stderr, done


@test
def row_43_the_password_is_nowhere_to_be_seen():
    waiting = threading.Event()

    def answer(connection):
        waiting.wait(60)
        connection.sendall(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with Instance(samples=True) as instance, Listener(answer) as listener:
        words = command(instance, "--allow-http", server=f"127.0.0.1:{listener.port}/ReportServer", cacert=False)
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                wait_until(lambda: len(listener.came) == 2, what="the request")
                folder = pathlib.Path(f"/proc/{process.pid}")
                line = (folder / "cmdline").read_bytes()
                assert b"--password-file" in line and PASSWORD.encode() not in line, line
                cores = re.search(r"Max core file size +(\S+) +(\S+)", (folder / "limits").read_text())
                assert cores.groups() == ("0", "0"), "nor in a core file"
            finally:
                waiting.set()
            told = b"".join(process.communicate(timeout=60))
        assert process.returncode == 1 and PASSWORD.encode() not in told, told
        good = render(instance, "-p", "Year=2024", "--format", "CSV")
        assert good.returncode == 0 and PASSWORD.encode() not in good.stderr
        logs = instance.server_log() + "".join(path.read_text(errors="replace") for path in instance.path.rglob("*.log"))
        assert PASSWORD not in logs and basic("admin")["Authorization"].split()[1] not in logs


@test
def row_43_the_password_is_asked_for_at_the_terminal():
    with Instance(samples=True) as instance:
        out = instance.folder / "out.csv"
        words = command(instance, "-o", out, user=None) + ["--user", "admin"]
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(words[0], words)
        shown = b""
        while b"Password: " not in shown:
            shown += os.read(terminal, 4096)
        os.write(terminal, PASSWORD.encode() + b"\n")
        while True:
            try:
                piece = os.read(terminal, 4096)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(terminal)
        assert status == 0 and PASSWORD.encode() not in shown, (status, shown)
        assert out.read_bytes() == instance.render(REPORT, "CSV").body


@test
def row_43_a_ticket_of_kerberos_logs_on():
    with Realm() as realm, Server(realm, samples=True) as server:
        none = render(server, "--negotiate", "--format", "CSV", user=None, variables=realm.variables)
        assert none.returncode == 1 and none.stdout == b"", none
        done = render(server, "--negotiate", "--format", "CSV", user=None, variables=realm.log_on("alice"))
        assert done.returncode == 0 and done.stdout == server.render(REPORT, "CSV").body, done


@test
def row_43_items_are_published_listed_read_and_removed():
    with Instance() as instance:
        sample = ROOT / "samples" / "Sales by Region.rdl"
        (instance.folder / "logo.png").write_bytes(bytes(range(256)))
        files = [sample, instance.folder / "logo.png"]
        done = items(instance, "publish", "--folder", "/Deep/Er", *files)
        assert done.stderr == b"" and done.stdout.decode().splitlines() == [
            "/Deep/Er/Sales by Region",
            "  note: the shared data source of \"Sales\" is not on this server yet; it was looked for at '/Deep/Er/Sales'",
            "/Deep/Er/logo.png"], done
        again = json.loads(items(instance, "publish", "--json", "--folder", "/Deep/Er/", *files, ROOT / "samples" / "Sales.rds").stdout)
        assert [(item["path"], item["replaced"], [w["code"] for w in item["warnings"]]) for item in again["items"]] == [
            ("/Deep/Er/Sales by Region", True, ["rsDataSourceReferenceNotPublished"]), ("/Deep/Er/logo.png", True, []),
            ("/Deep/Er/Sales", False, [])], again
        for words in ([], ["--deep"], ["--json"], ["/Deep/Er", "--json"]):
            assert items(instance, "list", *words).stdout.decode() == instance.bindery("report", "list", *words).stdout, words
        out = instance.folder / "out.rdl"
        assert items(instance, "get", "/Deep/Er/Sales by Region").stdout == sample.read_bytes()
        assert items(instance, "get", "/Deep/Er/logo.png", "-o", out).stdout == b"" and out.read_bytes() == bytes(range(256))
        for path in "/Deep/Er/Sales", "/Deep/Er/Sales by Region":
            assert items(instance, "get", path).stdout.decode() == instance.bindery("report", "get", path).stdout, path
        properties = json.loads(instance.bindery("report", "list", "/Deep/Er", "--json").stdout)["items"]
        assert [item["kind"] for item in properties] == ["Resource", "DataSource", "Report"], properties
        kept = items(instance, "publish", "--keep", "--folder", "/Deep/Er", sample, check=False)
        assert kept.returncode == 3 and b"already exists" in kept.stderr and b"(rsItemAlreadyExists)" in kept.stderr, kept
        assert items(instance, "remove", "/Deep/Er/logo.png").stdout == b"/Deep/Er/logo.png is removed\n"
        assert json.loads(items(instance, "remove", "/Deep", "--json").stdout) == {"removed": "/Deep"}
        assert items(instance, "list").stdout == b"the folder is empty\n"


@test
def row_43_items_of_a_server_have_the_exit_statuses_of_ones_own():
    with Instance() as instance:
        bad = instance.folder / "bad.rdl"
        bad.write_text("<Report/>")
        instance.bindery("report", "publish", ROOT / "samples" / "Sales.rds")
        rows = [(4, "(rsItemNotFound)", "get", ["/None"], "admin"), (4, "(rsItemNotFound)", "remove", ["/None"], "admin"),
                (4, "(rsItemNotFound)", "list", ["/None"], "admin"), (4, "(rsItemNotFound)", "get", ["/Sales"], "reader"),
                (1, "(rsWrongItemType)", "get", ["/"], "admin"), (3, "(rsReservedItem)", "remove", ["/"], "admin"),
                (1, "(rsInvalidItemPath)", "list", ["Samples"], "admin"), (1, "(rsAccessDenied)", "publish", [bad], "reader"),
                (1, "(rsInvalidReportDefinition)", "publish", [bad], "admin"), (1, "bad.rdl", "publish", [bad], "admin"),
                (1, "HTTP 401", "list", [], None), (2, "number", "list", ["--time-limit", "x"], "admin")]
        for status, told, action, words, user in rows:
            done = items(instance, action, *words, user=user, check=False)
            assert done.returncode == status and told in done.stderr.decode() and done.stdout == b"", (told, done)
        for words in (["list", "--user", "x"], ["get", "/Sales", "--cacert", "x"], ["remove", "/Sales", "--password-file", "x"],
                      ["publish", bad, "--password-file", "x"], ["publish", bad, "--data-user", "a", "--user", "b"],
                      ["publish", bad, "--data-password-file", "x"], ["list", "--allow-http"]):
            assert instance.bindery("report", *words, check=False).returncode == 2, words
        assert items(instance, "list", user="reader").stdout == b"the folder is empty\n"


@test
def row_43_items_go_over_https_first_and_over_http_only_where_it_is_allowed():
    with Instance(AllowPasswordsOverHttp="True") as instance:
        plain = free_port()
        instance.reserve(plain, "http")
        at = f"localhost:{plain}/ReportServer"
        refused = items(instance, "list", server=at, check=False)
        assert refused.returncode == 1 and b"--allow-http" in refused.stderr, refused
        assert items(instance, "list", server="http://" + at, check=False).returncode == 2
        first = items(instance, "list", "--allow-http", server=f"localhost:{instance.port}/ReportServer")
        assert first.stderr.decode() == f"bindery: https://localhost:{instance.port}/ReportServer answered\n", first
        done = items(instance, "publish", "--allow-http", "--folder", "/A/B", ROOT / "samples" / "Invoice.rdl", server=at)
        assert done.stderr.decode() == f"bindery: http://{at} answered; nothing was encrypted\n", "told once"
        assert b"/A/B/Invoice" in items(instance, "list", "--deep", "--allow-http", server=at).stdout


@test
def row_43_passwords_of_a_database_are_stored_by_the_server():
    with Instance() as instance:
        secret = instance.folder / "secret"
        secret.write_text("hunter2 of the database\n")
        secret.chmod(0o600)
        done = items(instance, "publish", "--data-user", "sa", "--data-password-file", secret, ROOT / "samples" / "Sales.rds")
        assert b"hunter2" not in done.stdout + done.stderr
        got = items(instance, "get", "/Sales").stdout
        assert b"<UserName>sa<" in got and b"<CredentialRetrieval>Store<" in got and b"hunter2" not in got, got
        content = (instance.path / "catalog.db").read_bytes() + (instance.path / "catalog.db-wal").read_bytes()
        assert b"SealedPassword" in content and b"hunter2" not in content
        assert "hunter2" not in instance.server_log()


ENVELOPE = """<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Header><ServerInfoHeader
 xmlns="http://schemas.microsoft.com/sqlserver/reporting/2010/03/01/ReportServer"><ReportServerVersionNumber>12.0.5000.0
</ReportServerVersionNumber></ServerInfoHeader></soap:Header><soap:Body>%s</soap:Body></soap:Envelope>"""


@test
def row_43_answers_of_the_original_are_read():
    answers = {
        "ListChildren": (200, """<ListChildrenResponse xmlns="http://schemas.microsoft.com/sqlserver/reporting/2010/03/01/ReportServer">
            <CatalogItems><CatalogItem><ID>x</ID><Name>Orders</Name><Path>/Orders</Path><TypeName>Report</TypeName><Size>12</Size>
            <ModifiedDate>2014-05-03T12:00:00.1234567+02:00</ModifiedDate><ModifiedBy>CONTOSO\\ann</ModifiedBy></CatalogItem>
            <CatalogItem><Path>/F</Path><TypeName>Folder</TypeName><ModifiedDate>2014-05-03T12:00:00-07:00</ModifiedDate></CatalogItem>
            </CatalogItems></ListChildrenResponse>"""),
        "DeleteItem": (500, """<soap:Fault><soap:Code><soap:Value>soap:Sender</soap:Value></soap:Code><soap:Reason><soap:Text
            xml:lang="en-US">System.Web.Services.Protocols.SoapException: The item '/x' cannot be found.</soap:Text></soap:Reason>
            <detail><ErrorCode xmlns="http://www.microsoft.com/sql/reportingservices">rsItemNotFound</ErrorCode><HttpStatus
            xmlns="http://www.microsoft.com/sql/reportingservices">400</HttpStatus><Message
            xmlns="http://www.microsoft.com/sql/reportingservices">The item '/x' cannot be found.</Message></detail></soap:Fault>"""),
        "GetItemDefinition": (500, """<soap:Fault><soap:Code><soap:Value>soap:Receiver</soap:Value></soap:Code><soap:Reason><soap:Text
            xml:lang="en-US">Server was unable to process request.</soap:Text></soap:Reason></soap:Fault>"""),
    }

    def answer(connection):
        asked = listener.came[-1]
        while b"</soap:Envelope>" not in asked:
            asked += connection.recv(65536)
        name, = [name for name in answers if name.encode() in asked]
        status, body = answers[name]
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/soap+xml; charset=utf-8\r\nConnection: close\r\n\r\n"
        connection.sendall((head + ENVELOPE % body).encode())

    with Instance(serve=False, bind=False) as instance, Listener(answer) as listener:
        def ask(*words):
            return items(instance, *words, "--allow-http", server=f"http://127.0.0.1:{listener.port}/ReportServer", cacert=False,
                         check=False)

        done = ask("list", "--json")
        assert json.loads(done.stdout)["items"] == [
            {"path": "/Orders", "kind": "Report", "size": 12, "modified": "2014-05-03T10:00:00.123Z", "modified_by": "CONTOSO\\ann"},
            {"path": "/F", "kind": "Folder", "size": 0, "modified": "2014-05-03T19:00:00.000Z", "modified_by": ""}], done
        assert b'action="http://schemas.microsoft.com/sqlserver/reporting/2010/03/01/ReportServer/ListChildren"' in listener.came[-1]
        gone = ask("remove", "/x")
        assert gone.returncode == 4 and b"The item '/x' cannot be found. (rsItemNotFound)" in gone.stderr, gone
        failed = ask("get", "/x")
        assert failed.returncode == 1 and b"Server was unable to process request." in failed.stderr, failed


run()
