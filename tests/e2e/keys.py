"""Private keys live in a process of their own: what the others know of them, and what happens when it dies."""
import ctypes
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import threading
import time

from harness import Instance, Skip, basic, run, shown, test, wait_until


# ---- the numbers of a key, in every form in which they could lie in memory --------------------------------


def numbers_of(key_file):
    """Private numbers of a key by name, out of what openssl prints of it."""
    text = subprocess.run(["openssl", "pkey", "-in", key_file, "-noout", "-text"], capture_output=True, text=True,
                          check=True).stdout
    found = {}
    for name, hexadecimal in re.findall(r"^(priv|privateExponent|prime1|prime2|exponent1|exponent2|coefficient):\n((?: +[0-9a-f:]+\n)+)",
                                        text, re.M):
        found[name] = bytes.fromhex(re.sub(r"[^0-9a-f]", "", hexadecimal)).lstrip(b"\0")
    assert found, text
    return found


def forms_of(key_file):
    forms = {}
    for name, number in numbers_of(key_file).items():
        forms[f"{name}, big endian"] = number
        forms[f"{name}, little endian"] = number[::-1]
        forms[f"{name}, hexadecimal"] = number.hex().encode()
    pem = [line.strip() for line in pathlib.Path(key_file).read_text().splitlines() if line and not line.startswith("-")]
    private = max(pem, key=len)
    forms["a line of the PEM file"] = private.encode()
    return forms


def core_of(process, folder):
    path = folder / f"core-{process}"
    if int((pathlib.Path("/proc") / str(process) / "statm").read_text().split()[0]) > 1 << 28:
        raise Skip("the address sanitizer's shadow makes cores of terabytes")
    done = subprocess.run(["gcore", "-a", "-o", str(folder / "core"), str(process)], capture_output=True, text=True, timeout=120)
    core = folder / f"core.{process}"
    if not core.exists():
        raise Skip(f"gcore cannot look into a process here: {done.stderr.strip()[-200:]}")
    core.rename(path)
    return path.read_bytes()


def found_in(core, forms):
    return sorted(name for name, form in forms.items() if form in core)


class Load:
    """New connections, as many as go, while it is open; counts answers and failures."""

    def __init__(self, instance, **hosts):
        self.instance, self.answers, self.failures, self.stopping = instance, 0, [], False
        self.threads = [threading.Thread(target=self.work) for _ in range(4)]

    def work(self):
        while not self.stopping:
            try:
                answer = self.instance.get("/ReportServer", user=None)
                assert answer.status == 401, answer.status
                self.answers += 1
            except (OSError, AssertionError) as error:
                self.failures.append(repr(error))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        wait_until(lambda: self.answers > 20, what="load")
        return self

    def __exit__(self, *_):
        self.stopping = True
        for thread in self.threads:
            thread.join()


def key_file_of(instance, thumbprint):
    for entry in instance.json("cert", "list")["certificates"]:
        if thumbprint in (entry["thumbprint"], entry.get("sha256")):
            return entry["key_file"]
    raise AssertionError(thumbprint)


# ---- tests --------------------------------------------------------------------------------------------------


def look_for_keys(instance):
    forms = forms_of(key_file_of(instance, instance.thumbprint))
    front, = instance.children("front")
    keys, = instance.children("keys")
    with Load(instance) as load:
        others = [front, instance.server.pid, *instance.children("worker")]  # the parent reads key files, and keeps nothing
        cores = {process: core_of(process, instance.folder) for process in [keys, *others]}
        assert not load.failures, load.failures[:3]
    assert found_in(cores[keys], forms), "the search finds nothing where the key is: it proves nothing"
    for process in others:
        assert not found_in(cores[process], forms), f"{process}: {found_in(cores[process], forms)}"


@test
def no_process_but_that_of_the_keys_holds_numbers_of_an_ecdsa_key():
    with Instance() as instance:
        look_for_keys(instance)


@test
def no_process_but_that_of_the_keys_holds_numbers_of_an_rsa_key():
    with Instance(bind=False, serve=False) as instance:
        instance.thumbprint = instance.create_certificate("--key", "rsa-2048")
        instance.reserve()
        instance.bind(instance.thumbprint)
        instance.start()
        look_for_keys(instance)


@test
def a_key_that_is_bound_no_more_is_wiped():
    with Instance() as instance:
        forms = forms_of(key_file_of(instance, instance.thumbprint))
        keys, = instance.children("keys")
        assert instance.get("/ReportServer", user=None).status == 401
        assert found_in(core_of(keys, instance.folder), forms)
        instance.bind(instance.create_certificate("--name", "other"))
        assert instance.get("/ReportServer", user=None).status == 401
        left = [form for form in found_in(core_of(keys, instance.folder), forms)]
        assert not left, left


@test
def a_key_that_is_bound_no_more_among_many_rows_is_wiped_soon():
    """Where plans are sent as differences, the others are told a moment later what they may forget."""
    with Instance(bind=False, serve=False) as instance:
        many, one = [instance.json("cert", "create", "--host", "*.rows.example", "--name", name)["thumbprint"] for name in ("many", "one")]
        rows = instance.folder / "rows"
        rows.write_text("".join(f"h{i}.rows.example {many}\n" for i in range(300)))
        both = ["--app", "ReportServerWebService", "--address", "0.0.0.0", "--port", instance.port]
        instance.bindery("tls", "bind", "--app", "ReportServerWebService", "--port", instance.port, "--from", rows)
        instance.start()
        names, forms = ["h7.rows.example", "one.rows.example"], forms_of(key_file_of(instance, one))
        instance.bindery("tls", "bind", *both, "--cert", one, "--host", names[1])
        assert [shown(instance, name) for name in names] == [many, one]
        assert found_in(core_of(instance.children("keys")[0], instance.folder), forms)
        instance.bindery("tls", "unbind", *both, "--host", names[1])
        wait_until(lambda: not found_in(core_of(instance.children("keys")[0], instance.folder), forms), seconds=60, what="the end of the key")
        assert [shown(instance, name) for name in names] == [many, None]
        instance.bindery("tls", "bind", *both, "--cert", one, "--host", names[1])  # it comes back, with its key
        assert [shown(instance, name) for name in names] == [many, one]


@test
def the_process_of_the_keys_opens_nothing():
    with Instance() as instance:
        keys, = instance.children("keys")
        for number in range(5):
            assert instance.get("/ReportServer", user=None).status == 401
        opened = {os.readlink(entry) for entry in pathlib.Path(f"/proc/{keys}/fd").iterdir()}
        inside = [path for path in opened if path.startswith(str(instance.path))]
        assert not inside, inside


@test
def handshakes_wait_while_the_process_of_the_keys_is_started_again():
    with Instance() as instance:
        with Load(instance) as load:
            for _ in range(5):
                keys, = instance.children("keys")
                before = load.answers
                os.kill(keys, signal.SIGKILL)
                wait_until(lambda: load.answers > before + 40, what="answers after the process of the keys was killed")
        assert not load.failures, load.failures[:3]
        states = {one["role"]: one for one in instance.json("status")["processes"]}
        assert states["keys"]["restarts"] >= 5 and states["front"]["restarts"] == 0, states


@test
def nothing_of_a_key_stays_in_the_parent_through_which_it_comes_and_goes():
    with Instance() as instance:
        for kind in ("ecdsa-p256", "rsa-2048"):
            thumbprint = instance.create_certificate("--key", kind, "--name", kind)
            forms = forms_of(key_file_of(instance, thumbprint))
            out = instance.folder / f"{kind}.pem"
            instance.bindery("cert", "export", thumbprint, "--private-key", "--out", out)
            instance.bindery("cert", "remove", thumbprint)
            instance.bindery("cert", "import", out)
            instance.bind(thumbprint)
            assert instance.get("/ReportServer").status == 200
            found = found_in(core_of(instance.server.pid, instance.folder), forms)
            assert not found, (kind, found)


@test
def the_front_is_replaced_and_finds_the_keys():
    with Instance() as instance:
        front, = instance.children("front")
        os.kill(front, signal.SIGKILL)
        wait_until(lambda: instance.children("front") not in ([], [front]), what="another front")
        assert instance.get("/ReportServer", user=None).status == 401
        instance.server.send_signal(signal.SIGHUP)
        assert instance.get("/ReportServer", user=None).status == 401


run()
