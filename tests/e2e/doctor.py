#!/usr/bin/env python3
"""`bindery doctor` compares file, database, listeners and store, names what is wrong, and mends what it may. TAP."""
import os
import pathlib
import shutil
import socket
import sqlite3

from harness import APPLICATIONS, Instance, free_port, run, test

SERVICE, PORTAL = APPLICATIONS


def doctor(instance, *options):
    result = instance.json("doctor", *options, check=False)
    return result, {finding["code"]: finding for finding in result["findings"] if not finding["mended"]}


@test
def row_30_a_healthy_server_has_no_findings():
    with Instance() as instance:
        instance.get("/ReportServer")
        result, found = doctor(instance)
        severe = [row for row in result["findings"] if row["severity"] != "note"]
        assert result["ok"] and not severe and result["running"], severe
        done = instance.bindery("doctor")
        assert done.returncode == 0 and "0 errors, 0 warnings; the server runs" in done.stdout, done.stdout


@test
def row_30_what_was_edited_or_is_unknown_in_the_file_is_named():
    with Instance() as instance:
        config = instance.path / "rsreportserver.config"
        good = config.read_text()
        config.write_text(good.replace("<Bindery>", "<Bindery><WorkerProceses>8</WorkerProceses>")
                          .replace("<UrlString>https://+:", "<UrlString>https://*:").replace("info</Log", "loud</Log"))
        result, found = doctor(instance)
        assert not result["ok"] and {"drift", "setting", "unknown-element"} <= set(found), found
        assert "WorkerProceses" in found["unknown-element"]["message"]
        assert "LogLevel" in found["setting"]["message"] and "line" in found["setting"]["message"]
        assert "--from-config" in found["drift"]["mend"] and not found["drift"]["can_mend"]
        config.write_text("<Configuration>")
        assert "config-unreadable" in doctor(instance)[1]
        config.unlink()
        assert "no-config" in doctor(instance)[1]


@test
def row_30_orphans_and_missing_certificates_are_named_and_claims_dropped():
    with Instance() as instance:
        for app in APPLICATIONS:
            instance.bindery("url", "remove", "--app", app, f"https://+:{instance.port}")
        result, found = doctor(instance)
        assert found["orphan-claim"]["can_mend"] and "no-url" in found, found
        doctor(instance, "--mend")
        assert instance.json("tls", "list")["bindings"] == []
        event = instance.json("tls", "history")["events"][0]
        assert event["tool"] == "bindery doctor", event
        assert found["orphan-claim"]["severity"] == "warning"
        assert "orphan-certificate" in doctor(instance)[1]
    with Instance() as instance:
        lonely = free_port()
        instance.bindery("url", "reserve", "--app", SERVICE, f"https://+:{lonely}")
        assert f"{lonely}" in doctor(instance)[1]["no-binding"]["subject"]
        for file in (instance.path / "certs").glob("*.crt"):
            file.unlink()
        result, found = doctor(instance)
        assert not result["ok"] and instance.thumbprint in found["certificate-missing"]["message"], found


@test
def row_30_certificates_that_expire_soon_are_named():
    with Instance(bind=False) as instance:
        instance.reserve()
        instance.bind(instance.create_certificate("--days", "5"))
        result, found = doctor(instance)
        assert found["expiring"]["severity"] == "error" and not result["ok"], found
        assert instance.bindery("doctor", check=False).returncode == 1


@test
def row_30_files_that_others_can_get_at_are_closed():
    with Instance() as instance:
        key = next((instance.path / "certs").glob("*.key"))
        (instance.path / "https.db").chmod(0o644)
        key.chmod(0o644)
        shutil.rmtree(instance.path / "tmp")
        result, found = doctor(instance)
        assert found["open-to-others"]["can_mend"] and found["missing-folder"]["can_mend"], found
        doctor(instance, "--mend")
        assert (instance.path / "https.db").stat().st_mode & 0o777 == 0o600
        assert key.stat().st_mode & 0o777 == 0o600, oct(key.stat().st_mode)
        assert (instance.path / "tmp").is_dir()
        result, found = doctor(instance)
        assert "open-to-others" not in found and "missing-folder" not in found, found


@test
def row_30_a_port_that_another_program_has_is_named():
    with Instance(serve=False) as instance:
        with socket.socket() as other:
            other.bind(("127.0.0.1", instance.port))
            other.listen()
            result, found = doctor(instance)
            assert str(os.getpid()) in found["port-taken"]["message"], found
        assert "port-taken" not in doctor(instance)[1]


@test
def row_30_an_application_that_is_down_and_a_clock_that_is_late_are_named():
    with Instance() as instance:
        instance.bindery("app", "add", "Neighbour", "--to", f"unix:{instance.folder}/nobody.sock")
        instance.bindery("url", "reserve", "--app", "Neighbour", f"https://+:{instance.port}/neighbour/")
        assert instance.get("/neighbour/").status in (502, 503)
        assert doctor(instance)[1]["application-down"]["subject"] == "Neighbour"
        with sqlite3.connect(instance.path / "https.db") as db:
            db.execute("UPDATE history SET at_ms = at_ms + 3600000 WHERE revision = (SELECT max(revision) FROM history)")
        db.close()
        result, found = doctor(instance)
        assert "clock" in found and not result["ok"], found


@test
def row_30_a_database_that_is_not_ready_is_named():
    with Instance(serve=False) as instance:
        (instance.path / "catalog.db").write_bytes(b"not a database at all" * 100)
        for ending in ("-wal", "-shm"):
            pathlib.Path(str(instance.path / "catalog.db") + ending).unlink(missing_ok=True)
        result, found = doctor(instance)
        assert "database" in found and "backup" in found["database"]["mend"], found


@test
def row_30_a_file_that_is_behind_is_written():
    with Instance(serve=False) as instance:
        config = instance.path / "rsreportserver.config"
        before = config.read_bytes()
        with sqlite3.connect(instance.path / "https.db") as db:
            shown = db.execute("SELECT value FROM meta WHERE name = 'shown'").fetchone()[0]
        db.close()
        instance.bindery("url", "directory", "--app", PORTAL, "Other")
        after = config.read_bytes()
        config.write_bytes(before)  # as if the process had been killed between the commit and the file
        with sqlite3.connect(instance.path / "https.db") as db:
            db.execute("UPDATE meta SET value = ? WHERE name = 'shown'", (shown,))
        db.close()
        assert doctor(instance)[1]["config-behind"]["can_mend"]
        doctor(instance, "--mend")
        assert config.read_bytes() == after


run()
