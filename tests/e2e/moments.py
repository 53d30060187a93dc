#!/usr/bin/env python3
"""kill -9 at every moment of a change: what is found afterwards is the state before it or the state after it. TAP."""
import os
import shutil
import signal
import subprocess
import time

from harness import APPLICATIONS, BINDERY, Instance, Skip, run, test, wait_until

WRITES = ("write", "pwrite64", "fdatasync", "fsync", "rename", "ftruncate", "unlink")


def state(instance):
    """The rows, and whether the configuration file shows them."""
    rows = [(row["row"], row["certificates"], sorted(row["applications"]))
            for row in instance.json("tls", "list")["bindings"]]
    return sorted(rows)


def file_shows(instance, rows):
    text = (instance.path / "rsreportserver.config").read_text()
    assert text.rstrip().endswith("</Configuration>"), "the file is cut off"
    return all(f"<CertificateHash>{one.lower()}</CertificateHash>" in text for _, certificates, _ in rows
               for one in certificates)


def change(instance, thumbprint):
    both = [word for app in APPLICATIONS for word in ("--app", app)]
    return [BINDERY, "tls", "bind", *both, "--cert", thumbprint, "--address", "127.0.0.1", "--port", str(instance.port)]


def killed_at(instance, call, moment, thumbprint):
    """Run the change; it is killed when it makes this system call for the so-manieth time. True: it came through."""
    environment = {**instance.environment(), "ASAN_OPTIONS": "detect_leaks=0"} # leaks cannot be looked for under strace
    return subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                           f"inject={call}:signal=SIGKILL:when={moment}", *change(instance, thumbprint)],
                          env=environment, capture_output=True, timeout=120).returncode == 0


@test
def a_command_killed_at_any_write_leaves_the_state_before_or_after():
    """For each system call that writes: killed at the first of them, at the second, and so on, until it comes through."""
    if not shutil.which("strace"):
        raise Skip("strace is not installed")
    with Instance(serve=False) as instance:
        thumbprints = [instance.thumbprint, instance.create_certificate("--name", "other")]
        seen, kills = set(), 0
        for call in WRITES:
            for moment in range(1, 200):
                before = state(instance)
                wanted = thumbprints[0] if before[0][1] == [thumbprints[1]] else thumbprints[1]
                after = [(row[0], [wanted], row[2]) for row in before]
                through = killed_at(instance, call, moment, wanted)
                now = state(instance)
                assert now in (before, after) and (not through or now == after), (call, moment, before, now)
                if through:
                    break
                seen.add("after" if now == after else "before")
                kills += 1
            else:
                raise AssertionError(f"{call}: it never came through")
        assert seen == {"before", "after"} and kills > 10, (seen, kills)
        instance.start()
        assert file_shows(instance, state(instance)), "the file does not show the tables after a start"
        assert instance.get("/ReportServer").status == 200


@test
def a_server_killed_at_any_moment_of_a_change_serves_the_state_before_or_after():
    with Instance() as instance:
        other = instance.create_certificate("--name", "other")
        thumbprints = [instance.thumbprint, other]
        for round in range(12):
            before = state(instance)
            wanted = thumbprints[0] if before[0][1] == [thumbprints[1]] else thumbprints[1]
            after = [(row[0], [wanted], row[2]) for row in before]
            asking = subprocess.Popen(change(instance, wanted), env=instance.environment(), stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL)
            time.sleep(0.004 * round)
            instance.server.kill()
            instance.server.wait(30)
            asking.wait(60)
            instance.server = None
            instance.log.close()
            instance.start()
            now = state(instance)
            assert now in (before, after), (round, before, now)
            assert file_shows(instance, now), f"round {round}: the file shows something else"
            assert instance.get("/ReportServer").status == 200, round


@test
def a_server_killed_while_callers_change_rows_together_made_each_change_or_did_not():
    """Whoever was answered finds his change; of the others each row is as before or as asked."""
    with Instance() as instance:
        names = [f"n{i}.rows.example" for i in range(16)]
        made = [instance.create_certificate("--host", "*.rows.example", "--name", name) for name in ("one", "two")]

        def rows():
            found = {row["host"]: row["thumbprint"] for row in instance.json("tls", "list")["bindings"]}
            return [found.get(name) for name in names]

        def ask(name, certificate):
            where = dict(Application=APPLICATIONS[0], IPAddress="0.0.0.0", Port=instance.port, Host=name)
            if certificate:
                return "CreateSSLCertificateBinding", dict(CertificateHash=certificate, Replace=True, **where)
            return "RemoveSSLCertificateBindings", where

        before, answered, changed = rows(), 0, 0
        for round in range(12):
            wanted = [(made[0], made[1], None)[(round + i) % 3] for i in range(len(names))]
            clients = instance.at_once([ask(name, certificate) for name, certificate in zip(names, wanted)])
            time.sleep(0.005 * round)
            instance.server.kill()
            instance.server.wait(30)
            answers = instance.answers(clients)
            instance.server = None
            instance.log.close()
            instance.start()
            now = rows()
            for name, was, asked, found, answer in zip(names, before, wanted, now, answers):
                assert found in (was, asked), (round, name, was, asked, found)
                assert not answer or (answer[0] == 200 and found == asked), (round, name, answer, found)
            answered += sum(1 for answer in answers if answer)
            changed += now != before
            revisions = [event["revision"] for event in instance.json("tls", "history")["events"]]
            assert revisions == sorted(set(revisions), reverse=True), revisions
            before = now
        assert answered > 0 and changed > 0, (answered, changed)


@test
def other_processes_killed_during_changes_come_back_and_the_change_stands_or_not():
    with Instance() as instance:
        other = instance.create_certificate("--name", "other")
        thumbprints = [instance.thumbprint, other]
        for role in ("front", "keys", "worker"):
            for round in range(4):
                before = state(instance)
                wanted = thumbprints[0] if before[0][1] == [thumbprints[1]] else thumbprints[1]
                after = [(row[0], [wanted], row[2]) for row in before]
                asking = subprocess.Popen(change(instance, wanted), env=instance.environment(), stdout=subprocess.DEVNULL,
                                          stderr=subprocess.DEVNULL)
                time.sleep(0.008 * round)
                for process in instance.children(role):
                    os.kill(process, signal.SIGKILL)
                done = asking.wait(60)
                now = state(instance)
                assert now == (after if done == 0 else before), (role, round, done, before, now)
                wait_until(lambda: answers(instance), what=f"the server without its {role}")


def answers(instance):
    try:
        return instance.get("/ReportServer").status == 200
    except OSError:
        return False


run()
