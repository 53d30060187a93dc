"""What end-to-end tests share: a throw-away instance with a real server, and TAP.

    from harness import Instance, run, test

    @test
    def a_reader_cannot_upload():
        with Instance() as instance: ...

    run()
"""
import base64
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse

ROOT = pathlib.Path(os.environ.get("BINDERY_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("BINDERY_BUILD", ROOT / "build"))
BINDERY = str(BUILD / "bindery")
PASSWORD = "correct horse battery"
APPLICATIONS = ("ReportServerWebService", "ReportServerWebApp")
tests = []


class Skip(Exception):
    """Raised by a test that cannot run here; the text says why."""


def test(function):
    tests.append(function)
    return function


def run():
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    wanted = sys.argv[1:]
    for number, function in enumerate(tests, 1):
        name = function.__name__
        if wanted and name not in wanted:
            print(f"ok {number} - {name} # SKIP not asked for", flush=True)
            continue
        try:
            function()
            print(f"ok {number} - {name}", flush=True)
        except Skip as why:
            print(f"ok {number} - {name} # SKIP {why}", flush=True)
        except BaseException:
            failed += 1
            for line in traceback.format_exc().splitlines():
                print("#", line)
            print(f"not ok {number} - {name}", flush=True)
    sys.exit(1 if failed else 0)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, seconds=20, what="the condition"):
    """Poll until `condition` gives something true; that is returned."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come true in {seconds} s")


def shared(*parts):
    """A path below the reports that lie beside the project; skips the test where they are not there."""
    base = pathlib.Path(os.environ.get("BINDERY_SHARED", ROOT.parent / "shared"))
    path = base.joinpath(*parts)
    if not path.exists():
        raise Skip(f"{'/'.join(parts)} is not beside the project")
    return path


def basic(user):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()}


class Threads:
    """A thread for each piece of `work` until the block ends; each looks at `self.stop` now and then."""

    def __init__(self, *work):
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=piece) for piece in work]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")


def shown(instance, name, port=None, address="127.0.0.1"):
    """SHA-1 thumbprint of the certificate that a client sees who asks for `name`; None where it is refused. Nothing is
    verified: it is compared."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((address, port or instance.port), timeout=30) as raw:
            with context.wrap_socket(raw, server_hostname=name) as stream:
                return hashlib.sha1(stream.getpeercert(binary_form=True)).hexdigest().upper()
    except (ssl.SSLError, ConnectionError):
        return None


class Instance:
    """A folder with an instance; `with` starts and stops its server. Keyword arguments that are not named here are
    elements of rsreportserver.config."""

    def __init__(self, bind=True, samples=False, serve=True, **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bindery-e2e-"))
        self.path = self.folder / "i"
        self.port = free_port()
        self.server = None
        self.options = dict(bind=bind, samples=samples, serve=serve)
        self.settings = settings
        self.variables = {}  # of the environment, for the command and the server

    # ---- the command

    def environment(self):
        return {**os.environ, "BINDERY_INSTANCE": str(self.path), **self.variables}

    def bindery(self, *arguments, check=True, input=None):
        """Run the command on this instance; gives the finished process."""
        done = subprocess.run([BINDERY, *map(str, arguments)], input=input, capture_output=True, text=True,
                              env=self.environment(), timeout=120)
        if check and done.returncode != 0:
            raise AssertionError(f"bindery {' '.join(map(str, arguments))}: status {done.returncode}\n"
                                 f"{done.stderr}{done.stdout}")
        return done

    def json(self, *arguments, check=True):
        return json.loads(self.bindery(*arguments, "--json", check=check).stdout)

    # ---- making and serving it

    def create_certificate(self, *arguments):
        return self.json("cert", "create", "--host", "localhost", "--address", "127.0.0.1", *arguments)["thumbprint"]

    def reserve(self, port=None, scheme="https"):
        for app, directory in zip(APPLICATIONS, ("ReportServer", "Reports")):
            self.bindery("url", "reserve", "--app", app, f"{scheme}://+:{port or self.port}/{directory}")

    def bind(self, thumbprint, port=None, address="127.0.0.1"):
        """For both applications in one change: what stood there is replaced."""
        both = [word for app in APPLICATIONS for word in ("--app", app)]
        return self.bindery("tls", "bind", *both, "--cert", thumbprint, "--address", address,
                            "--port", port or self.port)

    def add_user(self, name, role):
        secret = self.folder / f"password-{name}"
        secret.write_text(PASSWORD + "\n")
        secret.chmod(0o600)
        self.bindery("user", "add", name, "--role", role, "--password-file", secret)

    def setting(self, **values):
        """Change elements of rsreportserver.config by name."""
        config = self.path / "rsreportserver.config"
        text = config.read_text()
        for name, value in values.items():
            text, count = re.subn(f"<{name}>[^<]*</{name}>|<{name}/>", f"<{name}>{value}</{name}>", text)
            assert count == 1, f"{name} is not in the configuration"
        config.write_text(text)

    def add_samples(self):
        (self.path / "data").mkdir(exist_ok=True)
        subprocess.run([str(BUILD / "samples" / "generate"), str(self.path / "data" / "sales.db")], check=True)
        samples = sorted(str(path) for path in (ROOT / "samples").glob("*.rd[ls]"))
        self.bindery("report", "publish", "--folder", "/Samples", *samples)

    def __enter__(self):
        try:
            self.bindery("init")
            if self.settings:
                self.setting(**self.settings)
            self.add_user("admin", "administrator")
            self.add_user("reader", "reader")
            if self.options["bind"]:
                self.thumbprint = self.create_certificate()
                self.reserve()
                self.bind(self.thumbprint)
            if self.options["samples"]:
                self.add_samples()
            if self.options["serve"]:
                self.start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def start(self, *arguments):
        self.log = open(self.folder / "server.log", "ab")
        self.server = subprocess.Popen([BINDERY, "serve", *arguments], stdout=self.log, stderr=self.log,
                                       env=self.environment())
        self.bindery("status", "--wait", "30")

    def stop(self, number=signal.SIGTERM):
        self.server.send_signal(number)
        status = self.server.wait(60)
        self.server = None
        self.log.close()
        return status

    def server_log(self):
        return (self.folder / "server.log").read_text(errors="replace")

    def __exit__(self, kind, *rest):
        if self.server:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
        if kind and kind is not Skip and (self.folder / "server.log").exists():
            for line in self.server_log().splitlines()[-30:]:
                print("# server:", line)
        refused = [] if kind or not (self.folder / "server.log").exists() else re.findall(
            "the sandbox refuses .*", self.server_log())
        shutil.rmtree(self.folder, ignore_errors=True)
        assert not refused, refused

    # ---- being a client

    @property
    def authority(self):
        return str(self.path / "certs" / "ca" / "ca.crt")

    def context(self):
        return ssl.create_default_context(cafile=self.authority)

    def connect(self, port=None, context=None, session=None, name="localhost"):
        raw = socket.create_connection(("127.0.0.1", port or self.port), timeout=30)
        return (context or self.context()).wrap_socket(raw, server_hostname=name, session=session)

    def get(self, target, user="admin", method="GET", body=None, headers=None, port=None):
        """One request over a new connection; `target` as it is to be sent."""
        connection = http.client.HTTPSConnection("localhost", port or self.port, context=self.context(), timeout=120)
        headers = {**(basic(user) if user else {}), **(headers or {})}
        try:
            connection.request(method, target, body=body, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def render(self, path, format, user="admin", **parameters):
        query = urllib.parse.quote(path, safe="") + f"&rs:Command=Render&rs:Format={format}"
        for name, value in parameters.items():
            query += "&" + urllib.parse.quote(name) + "=" + urllib.parse.quote(str(value))
        return self.get("/ReportServer?" + query, user=user)

    def at_once(self, calls):
        """Ask the API [(operation, arguments)] as if all came at the same moment: they wait in the socket of the server, which
        stands still until the last has been sent. Gives what `answers` takes."""
        clients = []
        self.server.send_signal(signal.SIGSTOP)
        try:
            for operation, arguments in calls:
                body = json.dumps(arguments).encode()
                client = socket.socket(socket.AF_UNIX)
                client.settimeout(60)
                client.connect(str(self.path / "run" / "api.sock"))
                client.sendall(f"POST /v1/{operation} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                clients.append(client)
        finally:
            self.server.send_signal(signal.SIGCONT)
        return clients

    @staticmethod
    def answers(clients):
        """What came of at_once: None where the server died before it answered."""
        found = []
        for client in clients:
            response = http.client.HTTPResponse(client)
            try:
                response.begin()
                found.append((response.status, json.loads(response.read())))
            except (OSError, http.client.HTTPException, ValueError):
                found.append(None)
            client.close()
        return found

    def children(self, role):
        """Process ids of the server's processes of one role."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                status = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                line = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            is_child = int(status[1]) == self.server.pid and status[0] != "Z"
            if is_child and b"--role" in line and line[line.index(b"--role") + 1] == role.encode():
                found.append(int(entry.name))
        return sorted(found)
