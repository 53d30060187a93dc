#!/usr/bin/env python3
"""The key of stored passwords: backup, restore, change, removal; killed in the middle of a change; workers that go on. TAP."""
import json
import shutil
import sqlite3
import subprocess
import threading

from documents import Numbers
from harness import BINDERY, Instance, Skip, run, test

PASSPHRASE = "a passphrase for backups"
WRITES = ("write", "pwrite64", "fdatasync", "fsync", "rename", "unlink", "link")


def passphrase(instance, text=PASSPHRASE):
    path = instance.folder / "passphrase"
    path.write_text(text + "\n")
    path.chmod(0o600)
    return "--password-file", path


def key(instance):
    return instance.path / "catalog.key"


def nodes(instance):
    return instance.json("key", "nodes")


def sealed(instance):
    """The sealed password as the database has it."""
    with sqlite3.connect(instance.path / "catalog.db") as db:
        texts = [row[0].decode() for row in db.execute("SELECT bytes FROM content")]
    db.close()
    found = [text.split("<SealedPassword>")[1].split("<")[0] for text in texts if "<SealedPassword>" in text]
    return found[0] if found else None


@test
def row_36_a_backup_brings_back_what_a_lost_key_had_sealed():
    with Numbers() as numbers, Instance(DataHosts="*") as instance:
        numbers.publish(instance)
        assert numbers.reads(instance)
        backup = instance.folder / "key.json"
        instance.bindery("key", "backup", backup, *passphrase(instance))
        text = backup.read_text()
        told = json.loads(text)
        assert backup.stat().st_mode & 0o777 == 0o600 and told["kdf"] == "argon2id13" and told["version"] == 1, told
        assert nodes(instance)["key"] in told["about"] and key(instance).read_bytes() not in backup.read_bytes()
        before = key(instance).read_bytes()
        key(instance).unlink()
        state = nodes(instance)
        assert state["IsInitialized"] == [False] and "key restore" in state["problem"] and not key(instance).exists(), state
        finding, = [f for f in instance.json("doctor", check=False)["findings"] if f["code"] == "encryption-key"]
        assert finding["severity"] == "error" and "key restore" in finding["mend"], finding
        refused = instance.bindery("key", "backup", backup, *passphrase(instance), check=False)
        assert refused.returncode == 1 and "key restore" in refused.stderr and backup.read_text() == text
        wrong = instance.bindery("key", "restore", backup, "--password-file", instance.folder / "password-admin", check=False)
        assert wrong.returncode == 1 and "does not open" in wrong.stderr, wrong
        planned = instance.json("key", "restore", backup, *passphrase(instance), "--dry-run")
        assert planned["steps"] and not planned["changed"] and not key(instance).exists()
        assert [instance.json("key", "restore", backup, *passphrase(instance))["changed"] for _ in range(2)] == [True, False]
        assert key(instance).read_bytes() == before and key(instance).stat().st_mode & 0o777 == 0o600
        instance.stop()
        instance.start()
        assert numbers.reads(instance)
        events = [event["what"] for event in instance.json("tls", "history")["events"]]
        assert any(event.startswith("put the key ") for event in events), events
        assert not [word for word in (numbers.password, PASSPHRASE) if word in instance.server_log()]


@test
def row_36_a_backup_of_another_key_or_a_changed_one_is_refused():
    with Numbers() as numbers, Instance(serve=False) as instance, Instance(serve=False) as other:
        numbers.publish(instance)
        foreign = instance.folder / "foreign.json"
        other.bindery("key", "backup", foreign, *passphrase(other))
        before = key(instance).read_bytes()
        refused = instance.bindery("key", "restore", foreign, *passphrase(instance), check=False)
        assert refused.returncode == 3 and "'/Source'" in refused.stderr, refused
        good = json.loads(foreign.read_text())
        for name, value in (("about", "another"), ("box", good["box"][:-8] + "AAAAAAA="), ("salt", ""), ("memory", 1 << 40),
                            ("operations", 0), ("version", 2), ("format", "cake"), ("nonce", 5), ("memory", -1)):
            foreign.write_text(json.dumps({**good, name: value}))
            refused = instance.bindery("key", "restore", foreign, *passphrase(instance), check=False)
            assert refused.returncode in (1, 3) and refused.stderr, (name, refused)
        foreign.write_text("[" * 100000)
        assert instance.bindery("key", "restore", foreign, *passphrase(instance), check=False).returncode == 1
        assert key(instance).read_bytes() == before and not list(instance.path.glob("catalog.key.*"))
        short = instance.bindery("key", "backup", foreign, *passphrase(instance, "short"), check=False)
        assert short.returncode == 1 and "8 to" in short.stderr, short


@test
def row_36_a_new_key_seals_everything_anew_and_no_request_fails():
    with Numbers() as numbers, Instance(DataHosts="*") as instance:
        numbers.publish(instance)
        assert numbers.reads(instance)
        workers, failed, stop = instance.children("worker"), [], threading.Event()

        def read():
            while not stop.is_set():
                if not numbers.reads(instance):
                    failed.append(instance.render("/Numbers", "CSV").text[:300])

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        states = []
        for _ in range(10):
            states.append((key(instance).read_bytes(), sealed(instance), nodes(instance)["key"]))
            assert instance.json("key", "rotate")["changed"]
        stop.set()
        for reader in readers:
            reader.join()
        assert not failed, failed[:2]
        assert instance.children("worker") == workers, "no worker was replaced"
        for column in zip(*states):
            assert len(set(column)) == 10, "the key, what it sealed and its name are new each time"
        planned = instance.json("key", "rotate", "--dry-run")
        assert planned["steps"] == ["make a new key and seal 1 passwords with it"] and not planned["changed"], planned
        assert "backups of the old key" in planned["warnings"][0]
        assert not list(instance.path.glob("catalog.key.*")) and numbers.reads(instance)


@test
def row_36_killed_at_any_write_of_a_change_of_the_key_everything_still_opens():
    if not shutil.which("strace"):
        raise Skip("strace is not installed")
    with Numbers() as numbers, Instance(DataHosts="*", serve=False) as instance:
        numbers.publish(instance)
        environment = {**instance.environment(), "ASAN_OPTIONS": "detect_leaks=0"}
        kills, changed = 0, set()
        for call in WRITES:
            for moment in range(1, 100):
                before = nodes(instance)
                through = subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                                          f"inject={call}:signal=SIGKILL:when={moment}", BINDERY, "key", "rotate"],
                                         env=environment, capture_output=True, timeout=120).returncode == 0
                after = nodes(instance)
                assert after["IsInitialized"] == [True] and after["sealed"] == 1 and after["problem"] == "", (call, moment, after)
                assert instance.json("key", "rotate", "--dry-run")["steps"], "it does not open any more"
                changed.add(before["key"] != after["key"])
                if through:
                    break
                kills += 1
            else:
                raise AssertionError(f"{call}: it never came through")
        assert kills > 8 and changed == {True, False}, (kills, changed)
        instance.start()
        assert numbers.reads(instance)


@test
def row_36_the_key_and_what_it_sealed_are_removed_only_when_that_is_meant():
    with Numbers() as numbers, Instance(DataHosts="*") as instance:
        numbers.publish(instance)
        assert numbers.reads(instance)
        assert instance.bindery("key", "delete", check=False).returncode == 2, "nobody is there to be asked"
        refused = instance.bindery("key", "delete", "--yes", check=False)
        assert refused.returncode == 3 and "1 passwords" in refused.stderr and key(instance).exists(), refused
        planned = instance.json("key", "delete", "--contents", "--dry-run")
        assert planned["steps"] == ["remove 1 stored passwords and their key"] and not planned["changed"]
        assert numbers.reads(instance)
        before = key(instance).read_bytes()
        instance.bindery("key", "delete", "--contents", "--yes")
        assert sealed(instance) is None and nodes(instance)["sealed"] == 0 and not key(instance).exists()
        assert not numbers.reads(instance), "the password is gone"
        numbers.publish(instance)
        assert numbers.reads(instance) and key(instance).read_bytes() != before
        instance.bindery("key", "delete", "--yes", "--force")
        assert not key(instance).exists() and nodes(instance)["IsInitialized"] == [False]


def call(instance, operation, **arguments):
    done = subprocess.run(["curl", "-sS", "--max-time", "30", "--unix-socket", instance.path / "run" / "api.sock", "-d",
                           json.dumps(arguments), f"http://localhost/v1/{operation}"], capture_output=True, check=True)
    return json.loads(done.stdout)


@test
def row_36_the_originals_operations_answer_as_documented():
    with Instance(bind=False) as instance:
        servers = call(instance, "ListReportServersInDatabase")
        own, = servers["InstallationIDs"]
        assert own in (instance.path / "rsreportserver.config").read_text() and servers["Length"] == 1
        assert servers["InstanceNames"] == ["BINDERY"] and servers["IsInitialized"] == [True]
        stranger = "{00000000-0000-4000-8000-000000000000}"
        for operation in ("InitializeReportServer", "DeleteEncryptionKey"):
            error = call(instance, operation, InstallationID=stranger)["error"]
            assert error["hresult"] == -2147023728 and own in error["message"], error
        first = call(instance, "InitializeReportServer", InstallationID=own)
        assert first["changed"] and key(instance).exists()
        assert call(instance, "InitializeReportServer", InstallationID=own)["changed"] is False, "it is so already"
        backup = call(instance, "BackupEncryptionKey", Password=PASSPHRASE)
        assert call(instance, "DeleteEncryptionKey", InstallationID=own)["changed"] and not key(instance).exists()
        assert call(instance, "DeleteEncryptionKey", InstallationID=own)["changed"] is False
        restored = call(instance, "RestoreEncryptionKey", KeyFile=backup["KeyFile"], Length=backup["Length"], Password=PASSPHRASE)
        assert restored["changed"] and key(instance).exists()
        assert call(instance, "ReencryptSecureInformation")["changed"]
        assert call(instance, "DeleteEncryptedInformation")["changed"] and not key(instance).exists()


run()
