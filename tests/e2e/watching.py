#!/usr/bin/env python3
"""What a running server tells about itself: metrics, error log, status at a glance. TAP."""
import http.client
import json
import os
import re
import signal
import socket
import ssl

from harness import APPLICATIONS, Instance, run, test, wait_until

SERVICE, PORTAL = APPLICATIONS


class Connection(http.client.HTTPConnection):
    def __init__(self, instance):
        super().__init__("localhost", timeout=60)
        self.path = str(instance.path / "run" / "api.sock")

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def metrics(instance):
    text = instance.bindery("metrics").stdout
    values = {}
    for line in text.splitlines():
        if line.startswith("#"):
            assert re.fullmatch(r"# (HELP|TYPE) bindery_[a-z0-9_]+ .+", line), line
            continue
        match = re.fullmatch(r'(bindery_[a-z0-9_]+(?:\{[^}]*\})?) (-?\d+(?:\.\d+)?)', line)
        assert match, line
        assert match[1] not in values, f"{line} stands there twice"
        values[match[1]] = float(match[2])
    return values


@test
def row_56_requests_handshakes_and_certificates_are_counted():
    with Instance() as instance:
        for _ in range(3):
            assert instance.get("/ReportServer").status == 200
        instance.get("/ReportServer", user=None)
        instance.get("/nobody")
        context = instance.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        instance.connect(context=context).close()
        values = wait_until(lambda: (lambda v: v if v.get('bindery_handshakes_by_version_total{version="TLSv1.2"}') else None)
                            (metrics(instance)), what="a handshake of TLS 1.2")
        assert values[f'bindery_requests_total{{application="{SERVICE}",status="200"}}'] >= 3, values
        assert values[f'bindery_requests_total{{application="{SERVICE}",status="401"}}'] >= 1, values
        assert values['bindery_handshakes_by_version_total{version="TLSv1.3"}'] >= 4
        assert values[f'bindery_response_bytes_total{{application="{SERVICE}"}}'] > 100
        assert values['bindery_process_up{role="front",number="1"}'] == 1
        days, = [value for name, value in values.items() if name.startswith("bindery_certificate_days_left")]
        assert 0 < days < 400, days
        assert values["bindery_listeners_missing"] == 0 and values["bindery_bindings"] == 1
        assert values["bindery_changes_total"] == 3
        connection = Connection(instance)
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        assert answer.status == 200 and answer.getheader("Content-Type").startswith("text/plain; version=0.0.4")
        assert b"bindery_requests_total" in answer.read()
        instance.stop()
        assert instance.bindery("metrics", check=False).returncode == 4


@test
def row_56_a_worker_that_was_started_again_is_counted():
    with Instance(WorkerProcesses=1) as instance:
        worker, = [row for row in instance.json("status")["processes"] if row["role"] == "worker"]
        os.kill(worker["process"], signal.SIGKILL)
        wait_until(lambda: metrics(instance)['bindery_process_restarts_total{role="worker",number="1"}'] >= 1, what="the restart")


@test
def the_error_log_has_the_originals_fields_and_reasons():
    with Instance() as instance:
        log = instance.path / "log" / "error.log"
        with socket.create_connection(("127.0.0.1", instance.port)) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            plain.recv(100)
        assert instance.get("/nobody").status in (400, 404)
        with instance.connect() as stream:
            stream.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n")
            stream.recv(100)

        def reasons():
            return [line.split(" ")[11] for line in log.read_text().splitlines() if not line.startswith("#")]

        wait_until(lambda: {"PlainOnTls", "N/A"} <= set(reasons()), what="the reasons")
        lines = log.read_text().splitlines()
        fields = lines[2].removeprefix("#Fields: ").split(" ")
        assert fields[:4] == ["date", "time", "c-ip", "c-port"] and fields[11] == "s-reason", fields
        for line in lines[3:]:
            assert len(line.split(" ")) == len(fields), line
        assert len(reasons()) >= 3
        values = metrics(instance)
        assert values['bindery_troubles_total{reason="PlainOnTls"}'] == 1, values
        # moved away: a new file is begun
        log.rename(log.with_suffix(".1"))
        instance.get("/nobody")
        wait_until(lambda: log.exists() and "N/A" in reasons(), what="a new error log")
        assert (log.stat().st_mode & 0o777) == 0o640


@test
def the_access_log_can_have_json_lines():
    with Instance(AccessLogJson="True") as instance:
        log = instance.path / "log" / "access.log"
        instance.get('/ReportServer?q="quoted"\\%00', user=None)
        instance.get("/nobody")
        wait_until(lambda: log.exists() and len(log.read_text().splitlines()) == 2, what="two lines")
        first, second = map(json.loads, log.read_text().splitlines())
        assert first["status"] == 401 and first["application"] == SERVICE and first["scheme"] == "https", first
        assert first["client"] == "127.0.0.1" and first["complete"] is True and first["ms"] >= 0, first
        assert first["uri"].startswith("/ReportServer?q=") and first["time"].endswith("Z"), first
        assert second["application"] == "" and second["status"] in (400, 404), second


@test
def a_log_that_became_large_is_moved_away():
    with Instance(LogMaxMiB="1") as instance:
        log = instance.path / "log" / "access.log"
        instance.get("/nobody")
        for round in (1, 2):
            wait_until(lambda: log.exists() and log.read_text().startswith("#Software"), what="the log")
            with log.open("a") as more:
                more.write("x" * (1 << 20))
            wait_until(lambda: log.with_suffix(f".log.{round}").exists() and not log.exists(), what="the log moved away")
            instance.get("/nobody")
            wait_until(lambda: log.exists() and "/nobody" in log.read_text(), what="a new log")
        assert "xxx" in log.with_suffix(".log.2").read_text()


@test
def row_56_status_is_one_screen():
    with Instance() as instance:
        said = instance.bindery("status").stdout
        assert "front, keys, 4 workers run; 0 restarts" in said and "days left" in said, said
        assert "last change: " in said and "with bindery tls bind: bind " in said, said
        for number in range(30):
            instance.bindery("url", "reserve", "--app", SERVICE, f"https://host{number}.example:{instance.port}")
        said = instance.bindery("status").stdout
        assert "and 12 more: `bindery url list`" in said and len(said.splitlines()) < 45, said


run()
