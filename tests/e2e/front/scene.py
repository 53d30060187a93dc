"""What the tests of the front share: the program by itself, an application and clients that are played here."""
import contextlib
import json
import os
import pathlib
import queue
import resource
import socket
import ssl
import subprocess
import tempfile
import threading
import time

PROGRAM = os.environ.get("FRONT_PROGRAM") or str(
    pathlib.Path(__file__).resolve().parents[3] / "build/tests/e2e/front/front_program")
WORK = tempfile.TemporaryDirectory(prefix="front-test-")
GET = b"GET /a/x?y HTTP/1.1\r\nHost: one.example\r\n\r\n"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def certificate(name):
    """A self-signed certificate and its key; made once."""
    folder = pathlib.Path(WORK.name)
    files = folder / f"{name}.crt", folder / f"{name}.key"
    if not files[0].exists():
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", f"/CN={name}", "-days", "2", "-out", files[0], "-keyout", files[1]],
                       check=True, capture_output=True)
    return f"{files[0]} {files[1]}"


class Front:
    """The program, and what it says."""

    def __init__(self, *settings, descriptors=None):
        folder = pathlib.Path(WORK.name) / "tmp"
        folder.mkdir(exist_ok=True)
        self.process = subprocess.Popen([PROGRAM, f"tmp_folder={folder}", *settings], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, encoding="ascii",
                                        preexec_fn=descriptors and (lambda: resource.setrlimit(
                                            resource.RLIMIT_NOFILE, (descriptors, descriptors))))
        self.answers = queue.Queue()
        self.access, self.trouble = [], []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.ended = False

    def read(self):
        for line in self.process.stdout:
            if line.startswith("access "):
                self.access.append(json.loads(line[7:]))
            elif line.startswith("trouble "):
                self.trouble.append(json.loads(line[8:]))
            else:
                self.answers.put(line.strip())

    def tell(self, *lines):
        for line in lines:
            self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def answer(self):
        return self.answers.get(timeout=20)

    def apply(self, *lines):
        self.tell("clear", *lines, "apply")
        answer = self.answer()
        assert answer == "applied", answer

    def statistics(self):
        self.tell("statistics")
        return json.loads(self.answer()[len("statistics "):])

    def wait_for(self, what, seconds=5):
        """Until the condition holds: what is logged comes a little later than what is answered."""
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, f"still not so; trouble: {self.trouble[-3:]}, access: {self.access[-3:]}"
            time.sleep(0.01)

    def reasons(self):
        return [t["reason"] for t in self.trouble]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        code = self.process.wait(timeout=30)
        self.reader.join(timeout=5)
        assert code == 0, f"the program ended with {code}"


class Request:
    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.line = lines[0]
        self.fields = {}
        self.names = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.names.append(name)
            self.fields[name.lower()] = value.strip()
        self.body = body
        self.trailers = []
        self.raw = head


class Chunks:
    """A body in chunks, read to its end with the framing checked: `body`, `trailers` as (name, value), and the `rest` behind it."""

    def __init__(self, more, rest):
        self.more, self.rest, self.body, self.trailers = more, bytes(rest), b"", []
        while True:
            size = int(self.line(), 16)
            if size == 0:
                break
            self.need(size + 2)
            self.body += self.rest[:size]
            assert self.rest[size:size + 2] == b"\r\n"
            self.rest = self.rest[size + 2:]
        while line := self.line():
            name, _, value = line.decode("latin-1").partition(":")
            self.trailers.append((name, value.strip()))

    def need(self, size):
        while len(self.rest) < size:
            data = self.more()
            assert data, "the connection ended within chunks"
            self.rest += data

    def line(self):
        while b"\r\n" not in self.rest:
            self.need(len(self.rest) + 1)
        line, _, self.rest = self.rest.partition(b"\r\n")
        return line


class Application:
    """An application on a Unix socket: `serve(request, connection)` gives the bytes of its answer, or None to
    close; it may also send by itself and give b""."""

    def __init__(self, serve=None, threads=True):
        self.path = f"{WORK.name}/app-{time.monotonic_ns()}"
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(self.path)
        self.socket.listen(128)
        self.serve = serve or (lambda request, connection: answer(b"hello"))
        self.requests = []
        self.connections = []
        self.threads = threads
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections.append(connection)
            if self.threads:
                threading.Thread(target=self.talk, args=(connection,), daemon=True).start()
            else:
                self.talk(connection)

    def talk(self, connection):
        received = b""
        with contextlib.suppress(OSError):
            while True:
                while b"\r\n\r\n" not in received:
                    more = connection.recv(65536)
                    if not more:
                        return
                    received += more
                head, _, received = received.partition(b"\r\n\r\n")
                request = Request(head, b"")
                if request.fields.get("transfer-encoding") == "chunked":
                    reader = Chunks(lambda: connection.recv(1 << 16), received)
                    request.body, request.trailers, received = reader.body, reader.trailers, reader.rest
                length = int(request.fields.get("content-length", 0))
                while len(received) < length:
                    received += connection.recv(1 << 20)
                if length:
                    request.body, received = received[:length], received[length:]
                self.requests.append(request)
                response = self.serve(request, connection)
                if response is None:
                    connection.close()
                    return
                connection.sendall(response)
        connection.close()

    def stop(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR) # wakes who accepts
        self.socket.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def answer(body=b"", status="200 OK", *fields):
    head = "".join(f"{field}\r\n" for field in fields)
    return f"HTTP/1.1 {status}\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Client:
    """A connection; `responses` are read with their framing checked."""

    def __init__(self, port, tls=False, session=None, context=None, name="one.example", host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout=20)
        self.buffer = bytearray()
        if tls:
            self.context = context or tls_context()
            self.socket = self.context.wrap_socket(self.socket, server_hostname=name, session=session)

    def send(self, data):
        self.socket.sendall(data)
        return self

    def more(self):
        data = self.socket.recv(65536)
        self.buffer += data
        return bool(data)

    def response(self, method="GET"):
        while b"\r\n\r\n" not in self.buffer:
            assert self.more(), f"the connection ended: {self.buffer[:200]}"
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        response = Request(head, b"")
        response.status = int(response.line.split()[1])
        if method == "HEAD" or response.status in (100, 204, 304):
            return response
        if response.fields.get("transfer-encoding") == "chunked":
            chunks = Chunks(lambda: self.socket.recv(65536), self.buffer)
            response.body, response.trailers, self.buffer = chunks.body, chunks.trailers, bytearray(chunks.rest)
        elif "content-length" in response.fields:
            length = int(response.fields["content-length"])
            while len(self.buffer) < length:
                assert self.more(), "the connection ended within a body"
            response.body, self.buffer = self.buffer[:length], self.buffer[length:]
        else:
            while self.more():
                pass
            response.body, self.buffer = self.buffer, bytearray()
        return response

    def is_closed(self):
        """The other end closes, and sends nothing more."""
        assert self.buffer == b"", self.buffer
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def tls_context(version=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if version:
        context.minimum_version = context.maximum_version = version
    return context


@contextlib.contextmanager
def plain(serve=None, *settings, connections=0):
    """A front with one application at /a/ on a plain port."""
    app, port = Application(serve), free_port()
    with Front(*settings) as front:
        front.port, front.app = port, app
        front.lines = (f"app one {app.path} {connections} online", f"reserve one http://+:{port}/a/")
        front.apply(*front.lines)
        yield front
    app.stop()


def ask(front, data=GET, method="GET"):
    with Client(front.port) as client:
        return client.send(data).response(method)


@contextlib.contextmanager
def secure(serve=None, *settings):
    """A front with one application at /a/ on two TLS ports, each with a certificate of its own."""
    app, first, second = Application(serve), free_port(), free_port()
    with Front(*settings) as front:
        front.app, front.port, front.other = app, first, second
        front.lines = (f"app one {app.path} 0 online", f"reserve one https://+:{first}/a/",
                       f"reserve one https://+:{second}/a/")
        front.first = f"bind 0.0.0.0 {first} - 1 {certificate('one')}"
        front.second = f"bind 0.0.0.0 {second} - 2 {certificate('two')}"
        front.apply(*front.lines, front.first, front.second)
        yield front
    app.stop()


def shown_name(client):
    text = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-subject"], check=True,
                          input=client.socket.getpeercert(True), capture_output=True).stdout.decode()
    return text.strip().rpartition("=")[2].strip()
