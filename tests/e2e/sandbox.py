#!/usr/bin/env python3
"""What the processes of a running server may do, as the kernel sees it; and that they still do their work."""
import os
import pathlib
import pwd
import subprocess

from harness import BINDERY, ROOT, Instance, Skip, run, test, wait_until


def status_of(process):
    return dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines() if ":\t" in line)


def is_sanitized(process):
    return int(pathlib.Path(f"/proc/{process}/statm").read_text().split()[0]) > 1 << 28


def is_enclosed(process):
    status = status_of(process)
    filtered = status["Seccomp"] == "2" or is_sanitized(process)
    return filtered and status["NoNewPrivs"] == "1" and int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0


def look_at(instance):
    """It is the last thing a process does before it begins to work: one that has just been started needs a moment."""
    for role in ("front", "keys", "worker"):
        for process in instance.children(role):
            wait_until(lambda: is_enclosed(process), what=f"the sandbox of {role}: {status_of(process)}")


@test
def every_process_has_no_capabilities_no_new_privileges_and_a_filter():
    with Instance(samples=True) as instance:
        look_at(instance)
        pdf = instance.render("/Samples/" + min(path.stem for path in (ROOT / "samples").glob("*.rdl")), "PDF")
        assert pdf.status == 200 and pdf.body.startswith(b"%PDF"), pdf
        assert "sandbox refuses" not in instance.server_log()


@test
def front_and_keys_run_as_an_account_without_rights():
    if os.getuid() != 0:
        raise Skip("only root can become somebody else")
    with Instance(RunAs="nobody") as instance:
        look_at(instance)
        nobody = str(pwd.getpwnam("nobody").pw_uid)
        for role in ("front", "keys"):
            for process in instance.children(role):
                assert status_of(process)["Uid"].split() == [nobody] * 4, (role, status_of(process)["Uid"])
        assert instance.get("/ReportServer").status == 200
        # a body that does not fit into memory, through a temporary file that the account may make
        before = instance.json("status")["front"]["body_files"]
        big = b"x" * (4 << 20)
        answer = instance.get("/ReportServer", method="POST", body=big,
                              headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status in (200, 400, 413), answer.status
        assert instance.json("status")["front"]["body_files"] > before
        # a log that was moved away is made anew
        log = instance.path / "log" / "access.log"
        wait_until(lambda: "POST" in log.read_text(), what="a line in the log")
        log.rename(instance.path / "log" / "access.log.1")
        instance.get("/ReportServer")
        wait_until(lambda: log.exists() and "GET" in log.read_text(), what="a line in the new log")
        assert "sandbox refuses" not in instance.server_log()


@test
def an_account_that_is_not_there_is_named():
    if os.getuid() != 0:
        raise Skip("only root can become somebody else")
    with Instance(serve=False, RunAs="nobody-has-this-name") as instance:
        done = subprocess.run([BINDERY, "serve"], capture_output=True, text=True, timeout=60,
                              env=instance.environment())
        assert done.returncode != 0 and "RunAs" in done.stderr and "nobody-has-this-name" in done.stderr, done


run()
