#!/usr/bin/env python3
"""Changes of rows under load: each is effective when it was answered, and nobody else notices. A real server, real clients, more
rows than are sent whole with each change. TAP."""
import functools
import http.client
import json
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import time

from harness import APPLICATIONS, Instance, Skip, Threads, run, shown, test, wait_until

ROWS = 300
CHANGES = 150


class Api(http.client.HTTPConnection):
    """The configuration API's socket."""

    def __init__(self, instance):
        super().__init__("localhost", timeout=60)
        self.path = str(instance.path / "run" / "api.sock")

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def call(instance, operation, **arguments):
    api = Api(instance)
    api.request("POST", "/v1/" + operation, json.dumps(arguments))
    answer = json.loads(api.getresponse().read())
    api.close()
    assert "error" not in answer, answer
    return answer


def change(instance, name, certificate):
    """The row of a name shows this certificate from now on; None: it is removed."""
    where = dict(Application=APPLICATIONS[0], IPAddress="0.0.0.0", Port=instance.port, Host=name)
    if certificate:
        return call(instance, "CreateSSLCertificateBinding", CertificateHash=certificate, **where)
    return call(instance, "RemoveSSLCertificateBindings", **where)


def many_rows(instance):
    """Two certificates for names below rows.example; rows h0 to h299 show the first."""
    made = [instance.json("cert", "create", "--host", "*.rows.example", "--name", name)["thumbprint"] for name in ("one", "two")]
    rows = instance.folder / "rows"
    rows.write_text("".join(f"h{i}.rows.example {made[0]}\n" for i in range(ROWS)))
    instance.bindery("url", "reserve", "--app", APPLICATIONS[0], f"https://+:{instance.port}/ReportServer")
    instance.bindery("tls", "bind", "--app", APPLICATIONS[0], "--port", instance.port, "--from", rows)
    return made


class Load(Threads):
    """Kept-alive connections on names that do not change, and new ones on random names; a thread for each connection."""

    def __init__(self, instance, kept=6):
        self.instance, self.failures, self.closed, self.requests, self.handshakes = instance, [], 0, 0, 0
        super().__init__(self.shake, *(functools.partial(self.keep, f"h{ROWS - 1 - i}.rows.example") for i in range(kept)))

    def keep(self, name):
        context = self.instance.context()
        connection = http.client.HTTPSConnection("localhost", self.instance.port, timeout=30)
        try:
            connection.sock = self.instance.connect(context=context, name=name)
            while not self.stop.is_set():
                connection.request("GET", "/ReportServer")
                response = connection.getresponse()
                response.read()
                self.requests += 1
                if response.status != 401:
                    self.failures.append((name, response.status))
                if response.will_close:
                    self.closed += 1
                    return
                time.sleep(0.01)
        except Exception as error:
            self.failures.append((name, repr(error)))

    def shake(self):
        while not self.stop.is_set():
            name = f"h{random.randrange(ROWS // 2, ROWS)}.rows.example"
            if shown(self.instance, name) is None:
                self.failures.append((name, "no handshake"))
            self.handshakes += 1


@test
def changes_under_load_are_effective_at_once_and_disturb_nobody():
    with Instance(bind=False, serve=False) as instance:
        one, two = many_rows(instance)
        instance.start()
        with Load(instance) as load:
            for i in range(CHANGES):
                name, certificate = (f"n{i}.rows.example", one) if i % 3 == 0 else (f"h{i}.rows.example", (two, None)[i % 3 - 1])
                change(instance, name, certificate)
                assert shown(instance, name) == certificate, (i, name)
        assert not load.failures, load.failures[:5]
        assert load.closed == 0, load.closed
        assert load.requests > 20 and load.handshakes > 5, (load.requests, load.handshakes)
        config = (instance.path / "rsreportserver.config").read_text
        wait_until(lambda: config().count("<Binding>") == ROWS, what="the last change in the file") # one came for each that went
        assert instance.bindery("doctor", check=False).stdout.find("config-behind") < 0
        instance.stop(9)
        instance.start()
        assert [shown(instance, f"{name}.rows.example") for name in ("n0", "h1", "h2", f"h{ROWS - 1}")] == [one, two, None, one]


def binding(instance, name, certificate, **more):
    where = dict(Application=APPLICATIONS[0], IPAddress="0.0.0.0", Port=instance.port, Host=name, **more)
    if certificate:
        return "CreateSSLCertificateBinding", dict(CertificateHash=certificate, **where)
    return "RemoveSSLCertificateBindings", where


def events(instance):
    return call(instance, "ListHistory", Limit=1000)["events"]


@test
def callers_at_once_have_an_answer_a_line_of_the_history_and_an_error_of_their_own():
    with Instance(bind=False, serve=False) as instance:
        one, two = many_rows(instance)
        instance.start()
        change(instance, "taken.rows.example", one)
        rsa = instance.json("cert", "create", "--host", "*.rows.example", "--name", "three", "--key", "rsa-2048")["thumbprint"]
        change(instance, "rsa.rows.example", rsa)
        instance.bindery("tls", "set", f"rsa.rows.example:{instance.port}", "ciphers=ECDHE-RSA-AES256-GCM-SHA384")
        instance.bindery("app", "add", "shop", "--to", "http://127.0.0.1:9")
        other = dict(Application="shop", CertificateHash=two, IPAddress="0.0.0.0", Port=instance.port, Host="taken.rows.example")
        good = [(f"n{i}.rows.example", one) for i in range(8)] + [(f"h{i}.rows.example", two) for i in range(8)] + \
               [(f"h{i}.rows.example", None) for i in range(8, 16)]
        bad = [(binding(instance, "n8.rows.example", "00" * 20), 404, "no certificate"),
               (binding(instance, "n9.elsewhere.example", one), 422, "does not cover"),
               (("CreateSSLCertificateBinding", other), 409, "taken.rows.example"),
               (binding(instance, "not a name", one), 400, "not a name"),
               (binding(instance, "rsa.rows.example", one), 500, "taken back"),  # its handshake fails
               (("CreateSSLCertificateBinding", dict(Nonsense=1)), 400, "Nonsense")]
        calls = [(binding(instance, *row), 200, None) for row in good]
        for at, each in enumerate(bad):  # among the others
            calls.insert(4 * at + 2, each)
        before = events(instance)
        with Load(instance) as load:
            answers = instance.answers(instance.at_once([asked for asked, _, _ in calls]))
        assert not load.failures and load.closed == 0, (load.failures[:5], load.closed)
        for (asked, status, word), answer in zip(calls, answers):
            assert answer and answer[0] == status, (asked, answer)
            assert word is None or word in answer[1]["error"]["message"], (asked, answer)
        made = [answer[1] for (_, status, _), answer in zip(calls, answers) if status == 200]
        new = events(instance)[:-len(before)]
        assert len(new) == len(good), (len(new), new[:2])
        assert {one["revision"]: one["what"] for one in new} == {one["revision"]: one["what"] for one in made}, (new[:2], made[:2])
        for name, certificate in good:
            assert shown(instance, name) == certificate, name
        assert shown(instance, "n8.rows.example") is None
        assert shown(instance, "rsa.rows.example") == rsa
        for event in new[::5]:  # each can be taken back without the others
            call(instance, "UndoChange", Revision=event["revision"])
        undone = {row for row, answer in zip(good, made) if answer["revision"] in {event["revision"] for event in new[::5]}}
        instance.stop(9)
        instance.start()
        rows = {row["host"]: row["thumbprint"] for row in call(instance, "ListSSLCertificateBindings")["bindings"]}
        for name, certificate in good:
            was = one if name.startswith("h") else None
            assert rows.get(name) == (was if (name, certificate) in undone else certificate), (name, rows.get(name), undone)


def syncs(instance, clients):
    """How often the server waited for the disk while it answered."""
    log = instance.folder / "syncs"
    trace = subprocess.Popen(["strace", "-f", "-qq", "-o", str(log), "-e", "trace=fsync,fdatasync", "-p", str(instance.server.pid)],
                             stderr=subprocess.PIPE)
    wait_until(lambda: "TracerPid:\t0" not in pathlib.Path(f"/proc/{instance.server.pid}/status").read_text(), what="strace")
    answers = instance.answers(clients())
    trace.send_signal(signal.SIGINT)
    trace.wait(30)
    return len(log.read_text().splitlines()), answers


@test
def callers_at_once_wait_for_the_disk_together():
    if not shutil.which("strace"):
        raise Skip("strace is not installed")
    with Instance(bind=False, serve=False) as instance:
        one, two = many_rows(instance)
        instance.start()
        change(instance, "h0.rows.example", two)
        wait_until(lambda: call(instance, "ListDrift")["state"] == "in step", what="the file")
        calls = [binding(instance, f"n{i}.rows.example", one) for i in range(40)]
        count, answers = syncs(instance, lambda: instance.at_once(calls))
        assert all(answer and answer[0] == 200 for answer in answers), answers
        assert count < len(calls) // 2, count  # the file that shows them is written meanwhile, too


@test
def the_file_that_is_read_after_a_change_shows_it():
    with Instance(bind=False, serve=False) as instance:
        one, two = many_rows(instance)
        instance.start()
        for i in range(10):
            change(instance, f"h{i}.rows.example", two)
            assert call(instance, "ListDrift")["state"] == "in step"
            codes = {finding["code"] for finding in call(instance, "Doctor")["findings"]}
            assert "config-behind" not in codes, codes


@test
def a_certificate_that_comes_back_is_shown_again():
    """The front is given what was missing as soon as it is in the store, however many rows there are."""
    with Instance(bind=False, serve=False) as instance:
        one, two = many_rows(instance)
        change_file = instance.path / "certs" / "two.crt"
        kept = change_file.read_bytes()
        instance.bindery("tls", "bind", "--app", APPLICATIONS[0], "--cert", two, "--host", "h0.rows.example", "--address", "0.0.0.0",
                         "--port", instance.port)
        change_file.unlink()
        instance.start()
        assert shown(instance, "h0.rows.example") is None
        assert shown(instance, "h1.rows.example") == one
        change_file.write_bytes(kept)
        wait_until(lambda: shown(instance, "h0.rows.example") == two, what="the certificate that is back")


run()
