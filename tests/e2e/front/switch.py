#!/usr/bin/env python3
"""Connections that are switched to another protocol (WebSocket), and responses that go on and on. TAP."""
import base64
import hashlib
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import Skip, run, test  # noqa: E402
from http2_client import RST_STREAM, Http2, frame  # noqa: E402
from scene import (WORK, Application, Client, Front, answer, certificate, free_port, plain, secure)  # noqa: E402

UPGRADE = (b"GET /a/ws HTTP/1.1\r\nHost: one.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
ACCEPTED = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" # RFC 6455 section 1.3
PAGE = b"""<!DOCTYPE html><title>waiting</title><body><script>
const all = [], socket = new WebSocket("wss://" + location.host + "/a/ws");
socket.onopen = () => { for (let n = 0; n < 50; n++) socket.send("message " + n); socket.send("x".repeat(200000)); };
socket.onmessage = e => { all.push(e.data); if (all.length == 51) socket.close(); };
socket.onclose = e => fetch("/a/told?" + all.length + "," + (all[50] || "").length);
</script>"""


def accept(request):
    key = request.fields["sec-websocket-key"].encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    token = base64.b64encode(hashlib.sha1(key).digest()).decode()
    return (f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {token}\r\n\r\n").encode()


def echo(request, connection):
    """What comes goes back, and its end as well."""
    connection.sendall(accept(request))
    while True:
        data = connection.recv(65536)
        if not data:
            return None
        connection.sendall(data)


class WebSocket:
    """The server's end of RFC 6455, as far as messages in whole frames go."""

    def __init__(self, connection):
        self.file = connection.makefile("rwb")

    def receive(self):
        first, second = self.file.read(2)
        size = second & 127 # a long message may come in several frames: each goes back as it came
        if size > 125:
            size, = struct.unpack(">H" if size == 126 else ">Q", self.file.read(2 if size == 126 else 8))
        mask = self.file.read(4)
        data = bytearray(self.file.read(size))
        for n in range(size):
            data[n] ^= mask[n % 4]
        return first, bytes(data)

    def send(self, first, data):
        size = len(data)
        head = bytes([first, size]) if size < 126 else \
            bytes([first, 126]) + struct.pack(">H", size) if size < 65536 else \
            bytes([first, 127]) + struct.pack(">Q", size)
        self.file.write(head + data)
        self.file.flush()


def websocket(request, connection):
    if "/ws" not in request.line:
        return answer(PAGE, "200 OK", "Content-Type: text/html")
    connection.sendall(accept(request))
    peer = WebSocket(connection)
    while True:
        first, data = peer.receive()
        peer.send(first, data)
        if first & 15 == 8:
            connection.shutdown(socket.SHUT_RDWR)
            return None


def read_all(client, size):
    while len(client.buffer) < size:
        assert client.more(), "the connection ended"
    data, client.buffer = bytes(client.buffer[:size]), client.buffer[size:]
    return data


# ---- HTTP/1.1 ------------------------------------------------------------------------------------------------

@test
def a_connection_is_switched_and_carries_bytes_both_ways():
    with secure(echo) as front, Client(front.port, tls=True) as client:
        client.send(UPGRADE + b"sent ahead")
        head = b""
        while b"\r\n\r\n" not in client.buffer:
            assert client.more()
        head, _, client.buffer = client.buffer.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        assert lines[0] == "HTTP/1.1 101 Switching Protocols", lines
        assert f"Sec-WebSocket-Accept: {ACCEPTED}" in lines and "Upgrade: websocket" in lines, lines
        assert "Connection: Upgrade" in lines and not any("Content-Length" in line or "Transfer" in line for line in lines)
        assert read_all(client, 10) == b"sent ahead"
        seen = front.app.requests[0]
        assert seen.fields["connection"] == "Upgrade" and seen.fields["upgrade"] == "websocket", seen.fields
        assert "content-length" not in seen.fields
        payload = os.urandom(3000000)
        for at in range(0, len(payload), 200000): # in one thread: two may not use one TLS connection
            piece = payload[at:at + 200000]
            client.send(piece)
            assert read_all(client, len(piece)) == piece
        client.close()
        front.wait_for(lambda: front.access)
        line = front.access[0]
        assert (line["status"], line["body_bytes"], line["request_bytes"]) == (101, 3000010, 3000010), line
        front.wait_for(lambda: front.statistics()["upstream_now"] == 0 and front.statistics()["connections_now"] == 0)


def switched(client, data=UPGRADE):
    client.send(data)
    while b"\r\n\r\n" not in client.buffer:
        assert client.more(), client.buffer
    head, _, client.buffer = client.buffer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101"), head
    return client


@test
def each_end_may_stop_first_and_still_listen():
    def late(request, connection):
        connection.sendall(accept(request))
        data = b""
        while more := connection.recv(65536):
            data += more
        connection.sendall(b"after all: " + data)
        return None

    def early(request, connection):
        connection.sendall(accept(request) + b"that was all")
        connection.shutdown(socket.SHUT_WR)
        heard.append(connection.recv(100))
        return None

    heard = []
    with plain(late) as front, Client(front.port) as client:
        switched(client).send(b"question")
        client.socket.shutdown(socket.SHUT_WR)
        assert read_all(client, 19) == b"after all: question"
        assert not client.more()
    with plain(early) as front, Client(front.port) as client:
        switched(client)
        assert read_all(client, 12) == b"that was all" and not client.more()
        client.send(b"a last word")
        client.socket.shutdown(socket.SHUT_WR)
        front.wait_for(lambda: heard)
        assert heard == [b"a last word"]
        front.wait_for(lambda: front.access)


@test
def a_switch_that_the_application_does_not_make_is_an_ordinary_answer():
    with plain(lambda request, _: answer(b"no", "403 Forbidden")) as front, Client(front.port) as client:
        assert client.send(UPGRADE).response().status == 403
        assert client.send(UPGRADE).response().body == b"no"


@test
def what_nobody_asked_for_is_no_switch():
    def switch(request, connection):
        return b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n"

    with plain(switch) as front:
        for data in (UPGRADE, b"GET /a/ HTTP/1.1\r\nHost: x\r\n\r\n"):
            with Client(front.port) as client:
                assert client.send(data).response().status == 502


@test
def a_switch_to_http_itself_is_never_passed_on():
    with plain() as front:
        for name in (b"h2c", b"HTTP/2.0", b"TLS/1.0", b"h2", b"websocket, h2c"):
            with Client(front.port) as client:
                client.send(b"GET /a/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: " + name +
                            b"\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n")
                assert client.response().status == 200
        for data in (UPGRADE.replace(b"GET", b"POST"), UPGRADE.replace(b"keep-alive, Upgrade", b"keep-alive"),
                     UPGRADE.replace(b"1.1\r\n", b"1.0\r\n")):
            with Client(front.port) as client:
                assert client.send(data).response().status == 200
        for seen in front.app.requests:
            assert "upgrade" not in seen.fields and "http2-settings" not in seen.fields, seen.fields
            assert "connection" not in seen.fields


@test
def an_end_that_takes_nothing_stops_the_other():
    """Both directions are bounded: the other end is made to wait, and nothing is lost."""
    go_on, sent = threading.Event(), []

    def serve(request, connection):
        connection.sendall(accept(request))
        go_on.wait(20)
        data = 0
        while more := connection.recv(1 << 20):
            data += len(more)
        sent.append(data)
        return None

    with plain(serve) as front, Client(front.port) as client:
        switched(client)
        client.socket.settimeout(1)
        written = 0
        try:
            while written < 100 << 20:
                written += client.socket.send(b"x" * 65536)
        except TimeoutError:
            pass
        assert written < 32 << 20, written # what the system's buffers hold, and no more
        client.socket.settimeout(20)
        go_on.set()
        client.socket.shutdown(socket.SHUT_WR)
        assert not client.more()
        assert sent == [written], (sent, written)


@test
def a_tunnel_in_which_nothing_moves_is_cut():
    with plain(echo, "tunnel_ms=300") as front, Client(front.port) as client:
        switched(client).send(b"hello")
        assert read_all(client, 5) == b"hello"
        assert client.is_closed()
        front.wait_for(lambda: "Timer_ConnectionIdle" in front.reasons())
        front.wait_for(lambda: front.statistics()["upstream_now"] == 0)


@test
def tunnels_take_no_place_of_requests_and_have_a_number_of_their_own():
    def serve(request, connection):
        return answer(b"still served") if "/ws" not in request.line else echo(request, connection)

    with plain(serve, "tunnels_max=3", connections=1) as front:
        clients = [switched(Client(front.port)) for _ in range(3)]
        with Client(front.port) as client:
            assert client.send(b"GET /a/ HTTP/1.1\r\nHost: x\r\n\r\n").response().body == b"still served"
        with Client(front.port) as client:
            assert client.send(UPGRADE).response().status == 503
        front.wait_for(lambda: "ConnLimit" in front.reasons())
        clients.pop().close()
        front.wait_for(lambda: front.statistics()["connections_now"] == 2)
        switched(Client(front.port)).close()
        for client in clients:
            client.send(b"alive")
            assert read_all(client, 5) == b"alive"
            client.close()


@test
def a_tunnel_survives_another_certificate_and_ends_with_its_binding_or_the_service():
    with secure(echo, "drain_ms=300") as front:
        with Client(front.port, tls=True) as client:
            switched(client)
            front.apply(*front.lines, f"bind 0.0.0.0 {front.port} - 3 {certificate('three')}", front.second)
            client.send(b"goes on")
            assert read_all(client, 7) == b"goes on"
            front.apply(*front.lines[:1], front.lines[2], front.second)
            assert client.is_closed()
        with Client(front.other, tls=True) as client:
            switched(client)
            front.tell("drain")
            assert client.is_closed()
        assert front.answer() == "drained"


# ---- HTTP/2 --------------------------------------------------------------------------------------------------

def connect(*fields, protocol="websocket"):
    return [(":method", "CONNECT"), (":protocol", protocol), (":scheme", "https"), (":authority", "one.example"),
            (":path", "/a/ws"), ("sec-websocket-version", "13"), *fields]


@test
def a_stream_is_switched_and_carries_bytes_both_ways():
    with secure(echo) as front, Http2(front.port) as client:
        client.ping()
        assert any(kind == 4 and b"\0\x08\0\0\0\1" in payload for kind, _, _, payload in client.seen) # may CONNECT
        stream = client.head(connect(), end=False)
        client.data(stream, b"ahead ", end=False)
        response = client.responses[stream]
        while len(response.body) < 6:
            assert client.step()
        assert response.status == 200 and response.body == b"ahead ", vars(response)
        assert "upgrade" not in response.fields and "connection" not in response.fields, response.fields
        seen = front.app.requests[0]
        assert seen.line == "GET /a/ws HTTP/1.1" and seen.fields["upgrade"] == "websocket", seen.line
        assert len(base64.b64decode(seen.fields["sec-websocket-key"])) == 16
        payload, left = os.urandom(500000), 500000
        while left or len(response.body) < 500006:
            size = min(left, client.window, response.window, 16384)
            if size:
                client.data(stream, payload[500000 - left:500000 - left + size], end=False)
                left -= size
            else:
                assert client.step() and response.reset is None
        assert response.body == b"ahead " + payload
        client.raw(frame(0, 1, stream)) # the end of what the client sends
        assert client.response(stream).ended
        front.wait_for(lambda: front.access and front.access[0]["complete"])
        front.wait_for(lambda: front.statistics()["upstream_now"] == 0)


@test
def a_stream_is_never_switched_to_http_itself():
    with secure(echo) as front, Http2(front.port) as client:
        for name in ("h2c", "H2C", "h2", "TLS", "HTTP"):
            response = client.response(client.head(connect(("http2-settings", "AAMAAABkAAQAAP__"), protocol=name), end=False))
            assert response.status == 501, (name, vars(response))
        client.head(connect(("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")), end=False)
        front.wait_for(lambda: front.app.requests)
        seen, = front.app.requests
        assert seen.fields["upgrade"] == "websocket"
        assert [name.lower() for name in seen.names].count("sec-websocket-key") == 1, seen.names


@test
def a_switched_stream_that_is_reset_leaves_its_application():
    with secure(echo) as front, Http2(front.port) as client:
        stream = client.head(connect(), end=False)
        front.wait_for(lambda: len(front.app.requests) == 1)
        client.raw(frame(RST_STREAM, 0, stream, struct.pack(">I", 8)))
        front.wait_for(lambda: front.statistics()["upstream_now"] == 0)
        with secure(lambda request, _: answer(b"no", "403 Forbidden")) as other, Http2(other.port) as refused:
            stream = refused.head(connect(), end=False)
            assert refused.response(stream).status == 403
            while refused.responses[stream].reset is None:
                assert refused.step()
            assert refused.ping()


# ---- real peers ----------------------------------------------------------------------------------------------

@test
def a_browser_talks_to_a_websocket_behind_nginx_behind_the_service():
    chromium = shutil.which("chromium")
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if not chromium or not os.path.exists(nginx):
        raise Skip("there is no chromium or no nginx")
    folder = pathlib.Path(WORK.name) / "nginx"
    folder.mkdir(exist_ok=True)
    app, port = Application(websocket), free_port()
    (folder / "conf").write_text(f"""
daemon off; {"user root;" if os.geteuid() == 0 else ""} pid {folder}/pid; error_log {folder}/error.log; events {{}}
http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen unix:{folder}/socket;
    location / {{ proxy_pass http://unix:{app.path}; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $http_connection; proxy_set_header Host $host; }} }} }}
""")
    server = subprocess.Popen([nginx, "-c", folder / "conf", "-p", folder], stderr=subprocess.DEVNULL)
    try:
        with Front() as front:
            front.wait_for(lambda: (folder / "socket").exists())
            front.apply(f"app one {folder}/socket 0 online", f"reserve one https://+:{port}/a/",
                        f"bind 127.0.0.1 {port} - 1 {certificate('one.example')}")
            browser = subprocess.Popen([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--ignore-certificate-errors",
                                        f"--user-data-dir={folder}/profile", "--remote-debugging-port=0",
                                        f"https://127.0.0.1:{port}/a/page"], stderr=subprocess.DEVNULL)
            try:
                front.wait_for(lambda: any("/a/told" in seen.line for seen in app.requests), 60)
            finally:
                browser.terminate()
                browser.wait()
            assert any("/a/told?51,200000" in seen.line for seen in app.requests), [r.line for r in app.requests]
            front.wait_for(lambda: any(line["method"] == "CONNECT" for line in front.access)) # over HTTP/2
    finally:
        server.terminate()
        server.wait()
        app.stop()


@test
def events_arrive_one_by_one_while_the_response_goes_on():
    """Server-sent events: each is with the client before the application makes the next."""
    for chunked in (True, False):
        taken = threading.Semaphore(0)

        def serve(request, connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" +
                               (b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"\r\n"))
            for n in range(5):
                event = b"data: %d\n\n" % n
                connection.sendall(b"%x\r\n%s\r\n" % (len(event), event) if chunked else event)
                assert taken.acquire(timeout=10), "the client did not get the event"
            if chunked:
                connection.sendall(b"0\r\n\r\n")
            return None

        with secure(serve) as front:
            with Http2(front.port) as client:
                stream = client.head()
                for n in range(5):
                    while not client.responses[stream].body.endswith(b"data: %d\n\n" % n):
                        assert client.step()
                    taken.release()
                assert client.response(stream).ended
            curl = subprocess.Popen(["timeout", "20", "curl", "-sNk", "--http1.1", f"https://127.0.0.1:{front.port}/a/"],
                                    stdout=subprocess.PIPE)
            for n in range(5):
                assert curl.stdout.readline() == b"data: %d\n" % n and curl.stdout.readline() == b"\n"
                taken.release()
            assert curl.wait(timeout=20) == 0


run()
WORK.cleanup()
