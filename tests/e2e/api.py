#!/usr/bin/env python3
"""The configuration API: the original's operations over the Unix socket, many clients, and its manual. TAP."""
import http.client
import json
import pathlib
import socket
import subprocess
import threading

from harness import APPLICATIONS, BINDERY, Instance, free_port, run, test, wait_until

SERVICE, PORTAL = APPLICATIONS


class Connection(http.client.HTTPConnection):
    def __init__(self, instance, timeout=60):
        super().__init__("localhost", timeout=timeout)
        self.path = str(instance.path / "run" / "api.sock")

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def call(instance, operation, **arguments):
    connection = Connection(instance)
    connection.request("POST", "/v1/" + operation, json.dumps(arguments), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def plain(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/ReportServer")
    return connection.getresponse().status


def refused(instance, hresult, operation, **arguments):
    status, body = call(instance, operation, **arguments)
    assert status >= 400 and body["error"]["hresult"] == hresult, (status, body)
    return body["error"]


@test
def row_44_the_page_says_what_the_program_does():
    root = pathlib.Path(__file__).resolve().parents[2]
    done = subprocess.run([root / "tools" / "configuration-api.py", BINDERY, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@test
def row_44_the_originals_operations_with_its_arguments_and_errors():
    with Instance(bind=False) as instance:
        port = free_port()
        assert call(instance, "SetVirtualDirectory", Application=SERVICE, VirtualDirectory="RS", Lcid=1033)[0] == 200
        assert call(instance, "ReserveURL", Application=SERVICE, UrlString=f"http://+:{port}", Lcid=1033)[0] == 200
        status, again = call(instance, "reserveurl", Application=SERVICE, UrlString=f"http://+:{port}")
        assert status == 200 and again["changed"] is False
        refused(instance, -2147024809, "ReserveURL", Application=SERVICE, UrlString="htp://+:80")
        refused(instance, -2147220932, "ReserveURL", Application=SERVICE, UrlString=f"https://+:{port}")
        refused(instance, -2146885628, "CreateSSLCertificateBinding", Application=SERVICE, CertificateHash="00" * 20,
                IPAddress="0.0.0.0", Port=443)
        refused(instance, -2147467263, "GetAdminSiteUrl")
        refused(instance, -2147023728, "NoSuchOperation")
        rows = call(instance, "ListReservedUrls")[1]["reservations"]
        assert [row["url"] for row in rows] == [f"http://+:{port}/RS/"]


@test
def row_22_urls_that_answer_are_told_from_those_that_do_not():
    with Instance() as instance:
        lonely = free_port()
        instance.bindery("url", "reserve", "--app", SERVICE, f"https://+:{lonely}")
        status, told = call(instance, "GetReportServerUrls")
        assert status == 200 and told["Length"] == 2, told
        assert sorted(told["ApplicationName"]) == sorted(APPLICATIONS)
        assert all(url.startswith(f"https://{socket.gethostname()}:{instance.port}/") for url in told["URLs"]), told
        silent, = [row for row in told["urls"] if not row["registered"]]
        assert silent["reason"] == f"no certificate is bound to port {lonely}", silent
        instance.stop()
        told = json.loads(instance.bindery("status", "--json").stdout)
        assert told["running"] is False


@test
def row_19_the_secure_level_needs_https_and_is_kept_in_the_file():
    with Instance(bind=False, AllowPasswordsOverHttp="True", UrlRoot="http://reports.example/ReportServer") as instance:
        config = instance.path / "rsreportserver.config"
        error = refused(instance, -2147022492, "SetSecureConnectionLevel", Level=1)
        assert "no https URL has a certificate" in error["message"]
        refused(instance, -2147024809, "SetSecureConnectionLevel", Level=4)
        instance.reserve()
        instance.bind(instance.create_certificate())
        status, plan = call(instance, "SetSecureConnectionLevel", Level=1, DryRun=True)
        assert status == 200 and len(plan["steps"]) == 2 and "SecureConnectionLevel" not in config.read_text(), plan
        port = free_port()
        instance.bindery("url", "reserve", "--app", SERVICE, f"http://+:{port}")
        assert plain(port) == 401
        assert call(instance, "SetSecureConnectionLevel", Level=1)[0] == 200
        wait_until(lambda: plain(port) == 403, what="http refused")
        assert '<Add Key="SecureConnectionLevel" Value="1"/>' in config.read_text()
        assert "<UrlRoot>https://reports.example/ReportServer</UrlRoot>" in config.read_text()
        assert call(instance, "GetConfigurationSetting")[1]["SecureConnectionLevel"] == 1
        assert call(instance, "SetSecureConnectionLevel", Level=1)[1]["changed"] is False
        assert call(instance, "SetSecureConnectionLevel", Level=0)[0] == 200
        assert "<UrlRoot>http://reports.example/ReportServer</UrlRoot>" in config.read_text()
        wait_until(lambda: plain(port) == 401, what="http served again")


@test
def row_16_addresses_of_this_machine_are_listed_with_what_may_change():
    with Instance(bind=False) as instance:
        rows = call(instance, "ListIPAddresses")[1]["addresses"]
        loopback, = [row for row in rows if row["address"] == "127.0.0.1"]
        assert loopback["version"] == "V4" and loopback["dynamic"] is False and loopback["interface"] == "lo", rows
        assert all(row["version"] in ("V4", "V6") and isinstance(row["dynamic"], bool) for row in rows), rows


@test
def row_57_every_change_is_remembered_with_who_and_with_what():
    with Instance() as instance:
        user = subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
        call(instance, "SetVirtualDirectory", Application=PORTAL, VirtualDirectory="R2")
        instance.bindery("url", "directory", "--app", PORTAL, "R3")
        events = instance.json("tls", "history")["events"]
        assert [event["tool"] for event in events[:2]] == ["bindery url directory", "configuration API"], events[:2]
        assert all(event["who"] == user and event["at"].endswith("Z") for event in events), events
        assert events[0]["before"]["directory"] == "R2" and events[0]["after"]["directory"] == "R3", events[0]
        assert instance.json("status")["last_change"]["revision"] == events[0]["revision"]


@test
def row_45_each_step_of_a_change_is_told():
    with Instance(bind=False) as instance:
        instance.reserve()
        thumbprint = instance.create_certificate()
        done = call(instance, "CreateSSLCertificateBinding", Application=list(APPLICATIONS), CertificateHash=thumbprint,
                    IPAddress="127.0.0.1", Port=instance.port)[1]
        stages = [check["stage"] for check in done["checks"]]
        assert {"key", "validity", "usage", "names", "address", "port", "connect", "handshake", "certificate"} <= set(stages), stages
        assert all(check["ok"] or check["severity"] == "warning" for check in done["checks"]), done["checks"]
        assert len(done["steps"]) == 3 and done["changed"] and done["revision"], done


@test
def row_33_applications_are_switched_off_and_on():
    with Instance() as instance:
        assert call(instance, "SetServiceState", EnableWebService=True, EnableReportManager=False)[0] == 200
        wait_until(lambda: instance.get("/Reports").status == 503, what="the portal off")
        assert instance.get("/ReportServer").status == 200
        state = call(instance, "GetReportServerUrls")[1]
        assert [row["application"] for row in state["urls"] if row["registered"]] == [SERVICE], state
        assert call(instance, "SetServiceState", EnableReportManager=True)[0] == 200
        wait_until(lambda: instance.get("/Reports").status != 503, what="the portal on")
        refused(instance, -2147467263, "SetServiceState", EnableWindowsService=False)


@test
def row_44_a_client_that_dribbles_holds_up_nobody():
    with Instance() as instance:
        slow = []
        for number in range(20):
            client = socket.socket(socket.AF_UNIX)
            client.connect(str(instance.path / "run" / "api.sock"))
            client.sendall(b"POST /v1/ListReservedUrls HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{" if number % 2
                           else b"POST /v1/List")
            slow.append(client)
        for _ in range(20): # one after the other behind the slow ones they would run into their time limit
            assert call(instance, "ListReservedUrls")[0] == 200
        assert instance.json("status")["running"]
        errors = []

        def ask():
            try:
                assert call(instance, "ListSSLCertificateBindings")[0] == 200
            except Exception as error:
                errors.append(repr(error))

        threads = [threading.Thread(target=ask) for _ in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not errors, errors[:3]
        for client in slow:
            client.settimeout(30)
            assert client.recv(10) == b"", "a slow client was not closed"


@test
def row_44_requests_that_are_wrong_are_refused_and_the_server_goes_on():
    with Instance(bind=False) as instance:
        for bytes_, status in ((b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 404), (b"nonsense\r\n\r\n", 400),
                               (b"POST /v1/ListHistory HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n{{{", 400),
                               (b"POST /v1/ListHistory HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", 413),
                               (b"POST /v1/ListHistory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                                b"2\r\n{}\r\n0\r\n\r\n", 200),
                               (b"POST /v1/ListHistory HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400)):
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(20)
            client.connect(str(instance.path / "run" / "api.sock"))
            client.sendall(bytes_)
            head = client.recv(100)
            assert head.startswith(f"HTTP/1.1 {status} ".encode()), (bytes_, head)
        assert call(instance, "ListHistory")[0] == 200


run()
