#!/usr/bin/env python3
"""Binding rows: names, settings, who claims them, what became of them. A real server, real TLS clients. TAP."""
import ssl

from harness import APPLICATIONS, Instance, run, test


def version(instance, most=None, port=None):
    """The version of TLS of a handshake with a client that speaks at most `most`; None where it fails."""
    context = instance.context()
    if most:
        context.maximum_version = most
    try:
        with instance.connect(port, context) as stream:
            return stream.version()
    except (ssl.SSLError, ConnectionError):
        return None


@test
def a_rows_lowest_version_of_tls_holds_at_once():
    with Instance() as instance:
        row = f"127.0.0.1:{instance.port}"
        assert version(instance, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        instance.bindery("tls", "set", row, "min-version=1.3")
        assert version(instance, ssl.TLSVersion.TLSv1_2) is None
        assert version(instance) == "TLSv1.3"
        assert instance.get("/ReportServer").status == 200
        listed = {s["name"]: s for s in instance.json("tls", "settings", row)["settings"]}
        assert listed["min-version"]["value"] == "1.3" and listed["min-version"]["set"], listed
        refused = instance.bindery("tls", "set", row, "min-version=1.1", check=False)
        assert refused.returncode == 1 and "1.2 or 1.3" in refused.stderr, refused
        instance.stop()
        instance.start()
        assert version(instance, ssl.TLSVersion.TLSv1_2) is None, "the setting was forgotten"
        instance.bindery("tls", "unset", row, "min-version")
        assert version(instance, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        what = [event["what"] for event in instance.json("tls", "history")["events"]]
        assert what[0] == f"set {row}: min-version=" and what[1] == f"set {row}: min-version=1.3", what


@test
def settings_are_planned_and_refused_like_every_change():
    with Instance() as instance:
        row = f"127.0.0.1:{instance.port}"
        plan = instance.json("tls", "set", row, "min-version=1.3", "--dry-run")
        assert not plan["changed"] and "min-version" in plan["steps"][0], plan
        assert version(instance, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        assert instance.bindery("tls", "set", "127.0.0.1:1", "min-version=1.3", check=False).returncode == 4
        assert instance.bindery("tls", "set", row, "min-version", check=False).returncode == 2
        instance.bindery("app", "set", APPLICATIONS[0], "connections=1")
        assert instance.get("/ReportServer").status == 200
        listed = {s["name"]: s["value"] for s in instance.json("app", "settings", APPLICATIONS[0])["settings"]}
        assert listed["connections"] == "1", listed


run()
