#!/usr/bin/env python3
"""Where the report server database is: another file, live; made, looked at, brought up to date, as a script. TAP."""
import json
import shutil
import sqlite3
import subprocess

from harness import Instance, run, test, wait_until


def call(instance, operation, **arguments):
    done = subprocess.run(["curl", "-sS", "--max-time", "30", "--unix-socket", instance.path / "run" / "api.sock", "-d",
                           json.dumps(arguments), f"http://localhost/v1/{operation}"], capture_output=True, check=True)
    return json.loads(done.stdout)


def copy_of(instance, name):
    """The database with everything in it, elsewhere."""
    folder = instance.folder / "elsewhere"
    folder.mkdir(exist_ok=True)
    with sqlite3.connect(instance.path / "catalog.db") as source, sqlite3.connect(folder / name) as copy:
        source.backup(copy)
    source.close()
    copy.close()
    return folder / name


@test
def row_35_another_database_is_used_at_once_and_without_a_failed_request():
    with Instance(samples=True) as instance:
        other = copy_of(instance, "other.db")
        instance.bindery("report", "remove", "/Samples")
        assert instance.get("/Reports/browse/Samples").status == 404
        planned = instance.json("db", "use", other, "--dry-run")
        assert planned["steps"] == [f"set Bindery/Database to {other}"] and not planned["changed"], planned
        assert instance.json("db", "status")["DatabaseName"] == str(instance.path / "catalog.db")
        assert [instance.json("db", "use", other)["changed"] for _ in range(2)] == [True, False]
        wait_until(lambda: instance.get("/Reports/browse/Samples").status == 200, what="the items of the other database")
        assert instance.render("/Samples/Sales by Region", "CSV").status == 200
        assert instance.json("db", "status")["DatabaseName"] == str(other)
        # Written there too, by the sandboxed workers and by the command.
        instance.bindery("report", "remove", "/Samples/Invoice")
        assert instance.get("/Reports/browse/Samples").text.count("Invoice") == 0
        instance.add_user("third", "reader")
        assert instance.get("/ReportServer", user="third").status == 200
        event = instance.json("tls", "history")["events"][0]
        assert event["what"].startswith("set Bindery/Database to ") and event["tool"] == "bindery db use", event
        instance.stop()
        instance.start()
        assert instance.get("/Reports/browse/Samples").status == 200
        instance.bindery("db", "use", instance.path / "catalog.db")
        assert "<Database/>" in (instance.path / "rsreportserver.config").read_text()
        wait_until(lambda: instance.get("/Reports/browse/Samples").status == 404, what="the first database again")


@test
def row_35_what_is_no_database_is_refused_and_nothing_changes():
    with Instance() as instance:
        text, empty, newer, damaged = (instance.folder / name for name in ("text.db", "empty.db", "newer.db", "damaged.db"))
        text.write_text("this is no database, but long enough to be taken for one " * 20)
        empty.write_bytes(b"")
        shutil.copy(copy_of(instance, "copy.db"), newer)
        with sqlite3.connect(newer) as db:
            db.execute("PRAGMA user_version = 1000")
        db.close()
        whole = copy_of(instance, "copy.db").read_bytes()
        damaged.write_bytes(whole[:3 * 4096] + b"\xff" * (len(whole) - 3 * 4096))
        before = (instance.path / "rsreportserver.config").read_text()
        for path, status, words in ((text, 1, "not a report server database"), (empty, 1, "not a report server database"),
                                    (newer, 1, "schema 1000"), (damaged, 1, "damaged"), (instance.folder, 1, "not a file"),
                                    (instance.folder / "nobody.db", 4, "db create"),
                                    ("postgresql://db/reports", 2, "PostgreSQL"), ("Data Source=x;Initial Catalog=y", 2, "PostgreSQL")):
            refused = instance.bindery("db", "use", path, check=False)
            assert refused.returncode == status and words in refused.stderr, (path, refused)
        assert (instance.path / "rsreportserver.config").read_text() == before
        assert instance.get("/ReportServer").status == 200


@test
def row_35_databases_are_made_and_brought_up_to_date():
    with Instance(serve=False) as instance:
        made = instance.folder / "made.db"
        assert instance.json("db", "create", made, "--dry-run")["changed"] is False and not made.exists()
        assert instance.json("db", "create", made)["changed"] and made.stat().st_mode & 0o777 == 0o600
        assert instance.bindery("db", "create", made, check=False).returncode == 3
        assert "no accounts" in instance.json("db", "use", made)["warnings"][0]
        instance.add_user("first", "administrator")
        assert instance.json("db", "status")["accounts"] == 1
        script = instance.bindery("db", "script").stdout
        again = instance.folder / "script.db"
        with sqlite3.connect(again) as db:
            db.executescript(script)
        db.close()
        assert instance.json("db", "use", again)["changed"]
        state = instance.json("db", "status")
        assert state["ok"] and state["schema"] == state["newest_schema"] and state["items"] == 0, state

        def shape(path):
            with sqlite3.connect(path) as opened:
                rows = opened.execute("SELECT type, name, replace(sql, '\n', '') FROM sqlite_master ORDER BY 1, 2").fetchall()
            opened.close()
            return rows

        assert shape(again) == shape(made), "the script and the program make the same"
        # One of an earlier version: its tables are those of the first step.
        first = script.split("CREATE TABLE seal")[0]
        old = instance.folder / "old.db"
        with sqlite3.connect(old) as db:
            db.executescript(first + "PRAGMA user_version = 1; COMMIT;")
        db.close()
        assert instance.json("db", "upgrade", old, "--dry-run")["steps"] == [f"bring {old} from schema 1 to 2"]
        by_script = instance.folder / "by-script.db"
        shutil.copy(old, by_script)
        assert [instance.json("db", "upgrade", old)["changed"] for _ in range(2)] == [True, False]
        with sqlite3.connect(by_script) as db:
            db.executescript(instance.bindery("db", "script", "--from", "1").stdout)
        db.close()
        assert shape(by_script) == shape(old) == shape(made)
        assert instance.bindery("db", "script", "--from", "77", check=False).returncode == 1


@test
def row_35_the_originals_operations_answer():
    with Instance() as instance:
        other = copy_of(instance, "other.db")
        done = call(instance, "SetDatabaseConnection", Server="", DatabaseName=str(other), CredentialsType=2, UserName="", Password="")
        assert done["changed"] and call(instance, "GetDatabaseState")["DatabaseName"] == str(other)
        for arguments in ({"Server": "sql1"}, {"CredentialsType": 1, "UserName": "sa", "Password": "x"}):
            error = call(instance, "SetDatabaseConnection", DatabaseName=str(other), **arguments)["error"]
            assert error["hresult"] == -2147467263, error
        assert "CREATE TABLE item" in call(instance, "GenerateDatabaseCreationScript", DatabaseName="x", IsSharePointMode=False)["Script"]
        assert "CREATE TABLE" not in call(instance, "GenerateDatabaseUpgradeScript", DatabaseName=str(other))["Script"]
        assert call(instance, "GetDatabaseVersionDisplayName", Version="2")["DisplayName"] == "Bindery, schema 2 (of this version)"
        assert call(instance, "GetDatabaseVersionDisplayName", Version="C.0.8.54")["error"]["hresult"] == -2147024809
        assert call(instance, "SetDatabaseQueryTimeout", QueryTimeout=3)["changed"]
        assert '<Add Key="DatabaseQueryTimeout" Value="3"/>' in (instance.path / "rsreportserver.config").read_text()
        assert call(instance, "SetDatabaseQueryTimeout", QueryTimeout=-1)["error"]["hresult"] == -2147024809


run()
