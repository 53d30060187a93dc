#!/usr/bin/env python3
"""rsreportserver.config edited by hand, and killed processes: the file is noticed, adopted, discarded, whole. TAP."""
import fcntl
import json
import os
import random
import re
import signal
import subprocess
import time
import xml.etree.ElementTree as ElementTree

from harness import APPLICATIONS, BINDERY, Instance, free_port, run, test, wait_until

SERVICE, PORTAL = APPLICATIONS


def config(instance):
    return instance.path / "rsreportserver.config"


def edit(instance, old, new, count=0):
    """As an editor does it: written beside, renamed over."""
    text = config(instance).read_text()
    assert old in text, f"{old} is not in the file"
    beside = config(instance).with_suffix(".swp")
    beside.write_text(text.replace(old, new) if not count else text.replace(old, new, count))
    os.replace(beside, config(instance))


def server_log(instance):
    return (instance.folder / "server.log").read_text()


def urls(instance):
    return sorted(row["url"] for row in instance.json("url", "list")["reservations"])


@test
def row_15_a_hand_edit_is_shown_by_log_and_status_and_refuses_changes():
    with Instance() as instance:
        port = free_port()
        edit(instance, f"<UrlString>https://+:{instance.port}", f"<UrlString>https://+:{port}", 1)
        line = next(n for n, text in enumerate(config(instance).read_text().splitlines(), 1) if f":{port}<" in text)
        wait_until(lambda: f"+ line {line}: URL https://+:{port} of {SERVICE}" in server_log(instance), what="the log")
        assert f"- URL https://+:{instance.port} of {SERVICE}" in server_log(instance)
        drift = instance.json("status")["drift"]
        assert drift["state"] == "edited" and len(drift["rows"]) == 2, drift
        assert "DRIFT" in instance.bindery("status").stdout
        before = config(instance).read_bytes()
        refused = instance.bindery("url", "reserve", "--app", SERVICE, f"http://+:{free_port()}", check=False)
        assert refused.returncode == 3 and "--from-config" in refused.stderr and "--discard" in refused.stderr, refused
        assert config(instance).read_bytes() == before, "the hand edit was written over"
        # asking for what is so already is no change, and not refused
        instance.bindery("url", "reserve", "--app", SERVICE, f"https://+:{instance.port}")
        instance.bindery("url", "apply", "--discard")
        wait_until(lambda: "as they are again" in server_log(instance), what="the log")


@test
def row_55_what_the_file_says_is_adopted_live_as_one_change():
    with Instance() as instance:
        fresh = instance.create_certificate("--name", "second")
        port = free_port()
        text = config(instance).read_text().replace(instance.thumbprint.lower(), fresh.upper())
        text = text.replace(f"<Port>{instance.port}</Port>", f"<Port>{port}</Port>")
        text = text.replace(f"https://+:{instance.port}", f"https://+:{port}")
        text = text.replace("<VirtualDirectory>Reports<", "<VirtualDirectory>Berichte<")
        text = text.replace("<Configuration>", "<Configuration>\n  <!-- by hand -->\n  <Unknown a='1'>x</Unknown>")
        config(instance).write_text(text)
        plan = instance.json("url", "apply", "--from-config", "--dry-run")
        assert plan["steps"] and plan["dry_run"] and not plan["changed"], plan
        revision = instance.json("url", "list")["revision"]
        done = instance.json("url", "apply", "--from-config")
        assert done["changed"] and done["revision"] == revision + 1, done
        assert urls(instance) == [f"https://+:{port}/Berichte/", f"https://+:{port}/ReportServer/"]
        row, = instance.json("tls", "list")["bindings"]
        assert row["thumbprint"] == fresh and row["port"] == port and len(row["applications"]) == 2, row
        instance.port = port
        assert instance.get("/Berichte").status in (200, 302, 303)
        assert instance.json("status")["drift"]["state"] == "in step"
        after = config(instance).read_text()
        assert "<!-- by hand -->" in after and 'Unknown a="1">x<' in after, after
        assert fresh.lower() in after
        event = instance.json("tls", "history")["events"][0]
        assert event["what"] == "adopt rsreportserver.config" and event["tool"] == "bindery url apply", event


@test
def row_55_what_is_wrong_in_the_file_is_told_with_lines_and_nothing_changes():
    with Instance() as instance:
        before = urls(instance)
        edit(instance, f"<UrlString>https://+:{instance.port}</UrlString>", "<UrlString>htp://+:1</UrlString>", 1)
        edit(instance, f"<Port>{instance.port}</Port>", "<Port>70000</Port>", 1)
        edit(instance, f"<Port>{instance.port}</Port>", f"<Port>{free_port()}</Port>", 1)
        edit(instance, f"<CertificateHash>{instance.thumbprint.lower()}</CertificateHash>",
             f"<CertificateHash>{'ab' * 20}</CertificateHash>")
        lines = config(instance).read_text().splitlines()
        failed = instance.bindery("url", "apply", "--from-config", check=False)
        assert failed.returncode == 1, failed
        for mark in ("htp://", "<Port>70000"):
            number = next(n for n, text in enumerate(lines, 1) if mark in text)
            near = [int(n) for n in re.findall(r"line (\d+):", failed.stderr)]
            assert any(abs(n - number) <= 5 for n in near), (mark, number, failed.stderr)
        assert "AB" * 20 in failed.stderr, failed.stderr
        assert urls(instance) == before
        assert instance.get("/ReportServer").status == 200


@test
def a_file_that_cannot_be_read_is_told_beside_everything_else():
    with Instance() as instance:
        config(instance).write_text("<Configuration>")
        wait_until(lambda: "no change is made until it can" in server_log(instance), what="the log")
        told = instance.json("status")
        assert told["drift"]["state"] == "unreadable" and told["bindings"] and told["settings"] is None, told["drift"]
        assert "DRIFT: rsreportserver.config cannot be read: line 1" in instance.bindery("status").stdout
        refused = instance.bindery("url", "root", check=False)
        assert refused.returncode == 1 and "rsreportserver.config cannot be read: line 1" in refused.stderr, refused
        assert instance.get("/ReportServer").status == 200


@test
def row_55_a_conflict_names_the_line_that_asks_for_it():
    with Instance() as instance:
        edit(instance, f"<UrlString>https://+:{instance.port}</UrlString>",
             f"<UrlString>http://+:{instance.port}</UrlString>", 1)
        failed = instance.bindery("url", "apply", "--from-config", check=False)
        number = next(n for n, text in enumerate(config(instance).read_text().splitlines(), 1) if "http://+" in text)
        assert failed.returncode == 3 and f"line {number}" in failed.stderr, failed.stderr


@test
def row_25_discarding_writes_the_truth_back():
    with Instance() as instance:
        good = config(instance).read_text()
        config(instance).write_text(re.sub(r"(?s)<Bindings>.*</Bindings>", "<Bindings/>", good))
        assert instance.json("status")["drift"]["state"] == "edited"
        instance.bindery("url", "apply", "--discard")
        assert config(instance).read_text() == good
        assert instance.json("status")["drift"]["state"] == "in step"
        config(instance).write_text(good[:-20])
        broken = instance.bindery("url", "apply", "--discard", check=False)
        assert broken.returncode == 1 and "cannot be read" in broken.stderr, broken.stderr
        refused = instance.bindery("url", "directory", "--app", PORTAL, "Other", check=False)
        assert refused.returncode == 3, refused


@test
def row_55_adopting_without_a_server():
    with Instance(serve=False) as instance:
        port = free_port()
        config(instance).write_text(config(instance).read_text().replace(str(instance.port), str(port)))
        instance.bindery("url", "apply", "--from-config")
        assert urls(instance) == [f"https://+:{port}/ReportServer/", f"https://+:{port}/Reports/"]
        assert instance.json("tls", "list")["bindings"][0]["port"] == port


def at_once(instance, action, hosts, beside=lambda: None):
    """The command for each host in a process of its own, all at the same time; `beside` in their midst."""
    running = []
    for number, host in enumerate(hosts):
        running.append(subprocess.Popen([BINDERY, "url", action, "--app", SERVICE, f"https://{host}:{instance.port}"],
                                        env=instance.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        if number == len(hosts) // 2:
            beside()
    for one in running:
        told, _ = one.communicate(timeout=120)
        assert one.returncode == 0, told


@test
def commands_without_a_server_take_turns():
    hosts = [f"h{n}.example" for n in range(16)]
    with Instance(serve=False) as instance:
        for _ in range(4):
            for action in ("reserve", "remove"):
                at_once(instance, action, hosts)
                assert instance.json("status")["drift"]["state"] == "in step"
        fcntl.flock(turn := os.open(instance.path, os.O_RDONLY), fcntl.LOCK_EX)
        waiting = subprocess.Popen([BINDERY, "url", "list"], env=instance.environment(), stdout=subprocess.PIPE, text=True)
        instance.log = open(instance.folder / "server.log", "ab")
        instance.server = subprocess.Popen([BINDERY, "serve"], stdout=instance.log, stderr=instance.log, env=instance.environment())
        wait_until(lambda: (instance.path / "run" / "lock").exists(), what="a server that starts")
        assert waiting.poll() is None and not (instance.path / "run" / "api.sock").exists()
        os.close(turn)
        assert "ReportServer" in waiting.communicate(timeout=60)[0]
        instance.bindery("status", "--wait", "30")


@test
def a_server_that_starts_serves_what_commands_change_meanwhile():
    hosts = [f"h{n}.example" for n in range(16)]
    with Instance(serve=False) as instance:
        instance.bindery("url", "remove", "--app", SERVICE, f"https://+:{instance.port}")
        at_once(instance, "reserve", hosts, beside=instance.start)
        for host in hosts:
            assert instance.get("/ReportServer", user=None, headers={"Host": host}).status == 401, host
        assert instance.json("status")["drift"]["state"] == "in step"


def rows_of(text):
    """What the file says, by meaning; fails where it is no XML."""
    root = ElementTree.fromstring(text)
    return [(element.tag, (element.text or "").strip()) for element in root.iter()
            if element.tag in ("UrlString", "VirtualDirectory", "CertificateHash", "Port", "Application")]


@test
def row_25_the_file_is_whole_whenever_a_process_is_killed():
    with Instance(serve=False) as instance:
        shapes = []
        for name in ("A", "B"):
            instance.bindery("url", "directory", "--app", PORTAL, name)
            shapes.append(rows_of(config(instance).read_text()))
        now, pause = "B", random.Random(7)
        for round in range(40):
            other = "A" if now == "B" else "B"
            child = subprocess.Popen([BINDERY, "url", "directory", "--app", PORTAL, other], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL, env=instance.environment())
            time.sleep(pause.uniform(0, 0.06))
            child.send_signal(signal.SIGKILL)
            child.wait()
            assert rows_of(config(instance).read_text()) in shapes, "neither before nor after"
            state = instance.json("status")["drift"]["state"]
            assert state in ("in step", "behind"), state
            now = next(row["directory"] for row in instance.json("url", "list")["applications"]
                       if row["application"] == PORTAL)
            assert now in ("A", "B")
        # A server that starts writes what a kill kept from being written.
        instance.start()
        wait_until(lambda: instance.json("status")["drift"]["state"] == "in step", what="the file in step")
        assert f"<VirtualDirectory>{now}</VirtualDirectory>" in config(instance).read_text()


@test
def many_changes_are_shown_when_they_are_over():
    with Instance() as instance:
        for number in range(12):
            instance.bindery("url", "directory", "--app", PORTAL, f"D{number}")
        wait_until(lambda: "<VirtualDirectory>D11<" in config(instance).read_text(), what="the last change in the file")
        instance.bindery("url", "directory", "--app", PORTAL, "Last")
        instance.stop()
        assert "<VirtualDirectory>Last<" in config(instance).read_text()


run()
