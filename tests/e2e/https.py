#!/usr/bin/env python3
"""The HTTPS service end to end: bind, replace, unbind, refuse, survive. A real server, real TLS clients. TAP."""
import hashlib
import http.client
import os
import signal
import socket
import ssl
import subprocess
import threading
import time

from harness import APPLICATIONS, BINDERY, PASSWORD, Instance, Threads, basic, free_port, run, test, wait_until


def served_thumbprint(instance, port=None):
    with instance.connect(port) as stream:
        return hashlib.sha1(stream.getpeercert(binary_form=True)).hexdigest().upper()


class Load(Threads):
    """Clients that ask for the directory page on kept-alive connections, and count what went wrong."""

    def __init__(self, instance, clients=3):
        super().__init__(*[self.client] * clients)
        self.instance, self.done, self.failures = instance, 0, []

    def request(self, connection):
        connection.request("GET", "/ReportServer", headers=basic("admin"))
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            self.failures.append(f"status {response.status}")
        self.done += 1
        return response.getheader("Connection", "").lower() != "close"

    def client(self):
        connection = None
        while not self.stop.is_set():
            fresh = connection is None
            if fresh:
                connection = http.client.HTTPSConnection("localhost", self.instance.port, timeout=30,
                                                         context=self.instance.context())
            try:
                if not self.request(connection):
                    connection.close()
                    connection = None
            except Exception as error:
                # A kept-alive connection that the server closed between two requests is no failed request.
                closed = isinstance(error, (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError))
                if fresh or not closed:
                    self.failures.append(repr(error))
                connection = None


@test
def what_was_bound_is_served_and_listed():
    with Instance() as instance:
        assert served_thumbprint(instance) == instance.thumbprint.upper()
        rows = instance.json("tls", "list")["bindings"]
        assert len(rows) == 1, rows
        assert sorted(rows[0]["applications"]) == sorted(APPLICATIONS), rows
        urls = [row["url"] for row in instance.json("url", "list")["reservations"]]
        for directory in ("ReportServer", "Reports"):
            assert f"https://+:{instance.port}/{directory}/" in urls, urls
        certificates = instance.json("cert", "list")["certificates"]
        assert any(c["thumbprint"] == instance.thumbprint and c["usable"] for c in certificates), certificates
        assert instance.json("tls", "verify")["ok"] is True
        assert instance.get("/ReportServer").status == 200
        assert instance.get("/ReportServer", user=None).status == 401
        assert instance.get("/nobody").status in (400, 404)


@test
def the_configuration_file_shows_the_tables():
    with Instance() as instance:
        text = (instance.path / "rsreportserver.config").read_text()
        assert f"<UrlString>https://+:{instance.port}</UrlString>" in text, text
        assert "<VirtualDirectory>ReportServer</VirtualDirectory>" in text
        assert f"<CertificateHash>{instance.thumbprint.lower()}</CertificateHash>" in text
        assert f"<Port>{instance.port}</Port>" in text


@test
def a_certificate_is_replaced_under_load_without_a_failed_request():
    with Instance() as instance:
        with Load(instance) as load:
            wait_until(lambda: load.done > 20, what="load")
            for number in range(3):
                fresh = instance.create_certificate("--name", f"round{number}")
                instance.bind(fresh)
                assert served_thumbprint(instance) == fresh.upper()
                before = load.done
                wait_until(lambda: load.done > before + 20, what="load after the change")
        assert not load.failures, load.failures[:5]


def resumes(instance, session, context):
    """Whether the server takes the session up again; False also where the handshake fails."""
    try:
        with instance.connect(context=context, session=session) as stream:
            return stream.session_reused
    except (ssl.SSLError, OSError):
        return False


def ticket(instance, context):
    with instance.connect(context=context) as stream:
        return stream.session


@test
def row_27_a_ticket_dies_with_its_binding():
    with Instance() as instance:
        context = instance.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # its ticket comes with the handshake
        session = ticket(instance, context)
        assert resumes(instance, session, context), "a ticket of a living binding should resume"
        instance.bind(instance.create_certificate("--name", "second"))
        assert not resumes(instance, session, context), "the ticket of the replaced certificate resumed"
        session = ticket(instance, context)
        assert resumes(instance, session, context)
        for app in APPLICATIONS:
            instance.bindery("tls", "unbind", "--app", app, "--address", "127.0.0.1", "--port", instance.port)
        assert not resumes(instance, session, context), "the ticket of a removed binding resumed"


@test
def row_29_a_shared_row_goes_with_its_last_claim():
    with Instance() as instance:
        instance.bindery("tls", "unbind", "--app", APPLICATIONS[1], "--address", "127.0.0.1", "--port", instance.port)
        assert instance.get("/ReportServer").status == 200
        rows = instance.json("tls", "list")["bindings"]
        assert rows[0]["applications"] == [APPLICATIONS[0]], rows


@test
def row_29_a_claim_of_another_application_is_not_overruled():
    with Instance() as instance:
        fresh = instance.create_certificate("--name", "second")
        done = instance.bindery("tls", "bind", "--app", APPLICATIONS[0], "--cert", fresh, "--address", "127.0.0.1",
                                "--port", instance.port, check=False)
        assert done.returncode == 3 and APPLICATIONS[1] in done.stderr, (done.returncode, done.stderr)
        assert served_thumbprint(instance) == instance.thumbprint.upper()
        instance.bindery("tls", "bind", "--app", APPLICATIONS[0], "--cert", fresh, "--address", "127.0.0.1", "--port",
                         instance.port, "--replace")
        assert served_thumbprint(instance) == fresh.upper()
        assert len(instance.json("tls", "list")["bindings"][0]["applications"]) == 2


@test
def row_13_a_certificate_that_does_not_fit_is_refused_with_the_reason():
    with Instance() as instance:
        certs = instance.path / "certs"

        def openssl(*arguments):
            subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", certs / "wrong.key", "-out",
                certs / "wrong.crt", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", 30)
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", certs / "wrong.key")
        # `openssl ca` is the one that takes dates of the past.
        work = instance.folder
        (work / "index.txt").touch()
        (work / "ca.cnf").write_text(f"""[ca]\ndefault_ca=c\n[c]\ndatabase={work}/index.txt\nnew_certs_dir={work}\nrand_serial=yes
default_md=sha256\npolicy=p\nx509_extensions=x\n[p]\ncommonName=supplied\n[x]\nsubjectAltName=DNS:localhost\n""")
        openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", certs / "expired.key", "-out", work / "r.csr",
                "-subj", "/CN=localhost")
        openssl("ca", "-batch", "-selfsign", "-config", work / "ca.cnf", "-in", work / "r.csr", "-keyfile",
                certs / "expired.key", "-startdate", "20200101000000Z", "-enddate", "20200201000000Z", "-notext", "-out",
                certs / "expired.crt")
        for key in certs.glob("*.key"):
            key.chmod(0o600)
        for name, word in (("wrong", "key"), ("expired", "expired")):
            entry = next(c for c in instance.json("cert", "list")["certificates"] if c["file"].endswith(f"{name}.crt"))
            assert not entry["usable"] and any(word in reason["code"] for reason in entry["reasons"]), entry
            done = instance.bindery("tls", "bind", "--app", APPLICATIONS[0], "--cert", entry["thumbprint"],
                                    "--address", "127.0.0.1", "--port", free_port(), check=False)
            assert done.returncode == 1 and word in done.stderr.lower(), (done.returncode, done.stderr)
        # All that stands against it is said at once.
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", certs / "many.key", "-out", certs / "many.crt",
                "-subj", "/CN=localhost", "-addext", "extendedKeyUsage=clientAuth", "-days", 30)
        (certs / "many.key").chmod(0o644)
        entry = next(c for c in instance.json("cert", "list")["certificates"] if c["file"].endswith("many.crt"))
        done = instance.bindery("tls", "bind", "--app", APPLICATIONS[0], "--cert", entry["thumbprint"],
                                "--address", "127.0.0.1", "--port", free_port(), check=False)
        for reason in ("chmod 600", "leaves out server authentication", "has no subject alternative name"):
            assert reason in done.stderr, done
        other = instance.json("cert", "create", "--host", "elsewhere.example")["thumbprint"]
        named = free_port()
        instance.bindery("url", "reserve", "--app", APPLICATIONS[0], f"https://localhost:{named}/ReportServer")
        done = instance.bindery("tls", "bind", "--app", APPLICATIONS[0], "--cert", other, "--address", "127.0.0.1",
                                "--port", named, check=False)
        assert done.returncode == 1 and "localhost" in done.stderr, (done.returncode, done.stderr)
        assert instance.get("/ReportServer").status == 200


@test
def row_13_a_port_in_use_is_refused_and_the_rest_keeps_serving():
    with Instance() as instance, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = instance.bindery("tls", "bind", "--app", APPLICATIONS[0], "--cert", instance.thumbprint,
                                "--address", "127.0.0.1", "--port", port, check=False)
        assert done.returncode in (1, 3) and str(port) in done.stderr, done.stderr
        assert instance.get("/ReportServer").status == 200
        assert len(instance.json("tls", "list")["bindings"]) == 1


@test
def random_bytes_get_an_answer_and_harm_nobody():
    with Instance() as instance:
        for payload in (os.urandom(4096), b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + os.urandom(200)):
            with socket.create_connection(("127.0.0.1", instance.port), timeout=30) as plain:
                try:
                    plain.sendall(payload)
                    plain.shutdown(socket.SHUT_WR)
                    while plain.recv(4096):
                        pass
                except ConnectionError:
                    pass
        with instance.connect() as stream:
            stream.sendall(b"\x00\xff" + os.urandom(2048) + b"\r\n\r\n")
            head = stream.recv(100)
            assert head.startswith(b"HTTP/1.1 400"), head
        assert instance.get("/ReportServer").status == 200


@test
def tls_1_1_is_refused():
    with Instance() as instance:
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{instance.port}", "-tls1_1", "-cipher",
                               "ALL:@SECLEVEL=0"], input="", capture_output=True, text=True, timeout=30)
        assert "Cipher is (NONE)" in done.stdout, done.stdout


@test
def a_killed_worker_takes_one_request_and_is_replaced():
    with Instance(samples=True) as instance:
        workers = instance.children("worker")
        assert len(workers) >= 2, workers
        answers = []
        thread = threading.Thread(target=lambda: answers.append(instance.render("/Samples/Sales Matrix", "PDF")))
        thread.start()
        time.sleep(0.2)
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        thread.join()
        assert answers[0].status in (200, 502, 503), answers[0].status
        wait_until(lambda: len(set(instance.children("worker")) - set(workers)) == len(workers), what="new workers")
        assert instance.get("/ReportServer").status == 200


@test
def a_killed_front_comes_back_with_its_bindings():
    with Instance() as instance:
        both = [word for app in APPLICATIONS for word in ("--app", app)]
        for number in range(6): # between the answer of the front and the handshake that verifies it, among other moments
            (front,) = instance.children("front")
            fresh = instance.create_certificate("--name", f"kill{number}")
            binder = subprocess.Popen([BINDERY, "tls", "bind", *both, "--cert", fresh, "--address", "127.0.0.1",
                                       "--port", str(instance.port)], env=instance.environment(),
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.005 * number)
            os.kill(front, signal.SIGKILL)
            binder.wait(60)
            wait_until(lambda: instance.children("front") not in ([], [front]), what="a new front")
            rows = instance.json("tls", "list")["bindings"]
            assert len(rows) == 1, rows
            assert served_thumbprint(instance) == rows[0]["thumbprint"].upper()
            assert instance.get("/ReportServer").status == 200


@test
def a_stopped_instance_takes_the_same_commands():
    with Instance(serve=False) as instance:
        assert len(instance.json("tls", "list")["bindings"]) == 1
        other = free_port()
        instance.reserve(other)
        instance.bind(instance.thumbprint, other)
        instance.start()
        assert instance.get("/ReportServer", port=other).status == 200
        assert instance.get("/ReportServer").status == 200


@test
def sigterm_finishes_and_sighup_reads_settings_again():
    with Instance() as instance:
        instance.setting(WorkerProcesses=2)
        instance.server.send_signal(signal.SIGHUP)
        wait_until(lambda: len(instance.children("worker")) == 2, what="two workers")
        wait_until(lambda: len(instance.children("front")) == 1, what="one front")
        assert instance.get("/ReportServer").status == 200
        assert instance.stop() == 0


@test
def one_process_serves_too():
    with Instance(serve=False) as instance:
        instance.start("--single")
        assert instance.get("/ReportServer").status == 200
        instance.bind(instance.create_certificate("--name", "second"))
        assert instance.get("/ReportServer").status == 200
        assert instance.stop() == 0


@test
def private_keys_are_their_owners_and_in_no_log():
    with Instance() as instance:
        instance.get("/ReportServer")
        for key in (instance.path / "certs").rglob("*.key"):
            assert key.stat().st_mode & 0o077 == 0, key
            body = "".join(line for line in key.read_text().splitlines() if "-----" not in line)
            for log in [instance.folder / "server.log", *(instance.path / "log").iterdir()]:
                assert body[:40] not in log.read_text(errors="replace")
        assert PASSWORD not in instance.server_log()
        time.sleep(1.2)  # lines of the access log wait up to a second
        access = (instance.path / "log" / "access.log").read_text()
        assert "/ReportServer" in access and PASSWORD not in access


@test
def a_plain_http_url_is_served_but_takes_no_password():
    with Instance() as instance:
        port = free_port()
        instance.reserve(port, "http")
        with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
            plain.sendall(b"GET /ReportServer HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b""
            while piece := plain.recv(65536):
                answer += piece
        assert answer.startswith(b"HTTP/1.1 403") and b"WWW-Authenticate" not in answer, answer[:300]


run()
