#!/usr/bin/env python3
"""What clients do to hurt the HTTPS service: floods, bombs, slowness, requests hidden in others. Limits hold, memory is
bounded, and honest clients are served meanwhile. TAP."""
import contextlib
import pathlib
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import run, test  # noqa: E402
from http2_client import (CALM, CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, NO_ERROR, PING, PREFACE, PRIORITY,  # noqa: E402
                          PROTOCOL_ERROR, RST_STREAM, SETTINGS, WINDOW_UPDATE, Http2, frame, integer, literal, request,
                          settings, text)
from scene import PROGRAM, WORK, Client, answer, plain, secure, tls_context  # noqa: E402

SANITIZED = "asan" in subprocess.run(["ldd", PROGRAM], capture_output=True, text=True).stdout
GROWTH_MAX = 40 << 10 # KB that the service may grow by, whatever comes
BLOCK = b"".join(literal(*pair) for pair in request())


def resident(front):
    with open(f"/proc/{front.process.pid}/smaps_rollup") as file:
        return int(next(line for line in file if line.startswith("Pss:")).split()[1])


@contextlib.contextmanager
def while_others_are_served(front, port=None):
    """Honest clients, of both protocols, ask all the time and are answered all the time."""
    stop, trouble, served = threading.Event(), [], [0, 0]

    def honest(number, ask):
        try:
            while not stop.is_set():
                assert ask() == 200
                served[number] += 1
                time.sleep(0.002)
        except BaseException as error: # whatever it is, the test tells
            trouble.append(repr(error))

    old, new = Client(port or front.port, tls=True), Http2(port or front.port)
    before = resident(front)
    threads = [threading.Thread(target=honest, args=(0, lambda: old.send(
        b"GET /a/honest HTTP/1.1\r\nHost: h\r\n\r\n").response().status)),
               threading.Thread(target=honest, args=(1, lambda: new.ask("/a/honest").status))]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        grown = resident(front) - before
        stop.set()
        for thread in threads:
            thread.join(timeout=30)
        old.close()
        new.close()
    assert not trouble and min(served) > 0, (trouble, served)
    assert SANITIZED or grown < GROWTH_MAX, f"{grown} KB more"
    print(f"# {sum(served)} honest requests, {grown} KB more")


def send_until_closed(client, piece, most):
    """How many times `piece` was taken before the service had enough; what it says is not read meanwhile."""
    for number in range(most):
        try:
            client.socket.sendall(piece)
        except (ConnectionError, ssl.SSLError, TimeoutError):
            return number
    return most


def flood(client, piece, most=10000):
    """Sent without end: the service ends the connection. What it said last."""
    client.socket.settimeout(20)
    taken = send_until_closed(client, piece, most)
    code = client.rest()
    assert taken < most or code not in (None, NO_ERROR), "all of the flood was taken"
    return code


# ---- floods of frames ------------------------------------------------------------------------------------------

@test
def rapid_reset_ends_the_connection_and_few_requests_reach_the_application():
    with secure() as front, while_others_are_served(front):
        for _ in range(3):
            with Http2(front.port) as client:
                pieces = []
                for stream in range(1, 20001, 2):
                    pieces.append(frame(HEADERS, END_STREAM | END_HEADERS, stream, BLOCK) +
                                  frame(RST_STREAM, 0, stream, struct.pack(">I", 8)))
                with contextlib.suppress(ConnectionError, ssl.SSLError):
                    for n in range(0, len(pieces), 50):
                        client.raw(b"".join(pieces[n:n + 50]))
                assert client.rest() in (CALM, None)
        front.wait_for(lambda: "BadRequest" in front.reasons())
        reset = [seen for seen in front.app.requests if "honest" not in seen.line]
        assert len(reset) < 3 * 600, len(reset)


@test
def streams_that_make_us_reset_them_end_the_connection():
    """A window update of nothing is an error of the stream: the service resets it, as often as the client likes."""
    with secure() as front, while_others_are_served(front), Http2(front.port) as client:
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            for stream in range(1, 20001, 2):
                client.raw(frame(HEADERS, END_STREAM | END_HEADERS, stream, BLOCK) +
                           frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", 0)))
        client.rest()
        front.wait_for(lambda: front.statistics()["connections_now"] == 2)
        assert len(front.app.requests) < 4000


@test
def floods_of_frames_that_ask_for_nothing_end_the_connection():
    floods = {
        "settings": frame(SETTINGS),
        "settings with values": settings(window=1, table=0),
        "ping": frame(PING, 0, 0, b"12345678"),
        "priority": frame(PRIORITY, 0, 5, b"\0\0\0\0\1"),
        "window updates": frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1)),
        "unknown frames": frame(0x42, 0, 0, b""),
        "resets of nothing": None,
        "empty data": None,
    }
    for name, piece in floods.items():
        with secure() as front, while_others_are_served(front), Http2(front.port) as client:
            if name == "empty data":
                client.head(request("/a/", "POST"), end=False)
                piece = frame(DATA, 0, 1)
            elif name == "resets of nothing":
                client.ask()
                piece = frame(RST_STREAM, 0, 1, struct.pack(">I", 8))
            code = flood(client, piece * 100)
            print(f"# {name}: {code}")
            front.wait_for(lambda: front.statistics()["connections_now"] == 2)


@test
def an_honest_client_that_pings_cancels_and_opens_windows_is_not_taken_for_a_flood():
    big = b"x" * 1000000
    with secure(lambda seen, _: answer(big)) as front, Http2(front.port) as client:
        for _ in range(30):
            assert len(client.ask().body) == len(big)
            client.ping()
        for _ in range(150): # a page is left, and another
            client.raw(frame(RST_STREAM, 0, client.head(), struct.pack(">I", 8)))
        assert len(client.ask().body) == len(big)


# ---- heads -------------------------------------------------------------------------------------------------------

@test
def continuation_floods_end_the_connection():
    with secure() as front, while_others_are_served(front):
        for payload in (b"", b"\0\1x\1y", literal("x-long", "v" * 16000)):
            with Http2(front.port) as client:
                client.raw(frame(HEADERS, END_STREAM, client.open(), BLOCK))
                flood(client, frame(CONTINUATION, 0, 1, payload) * (1 if len(payload) > 100 else 100))


@test
def header_bombs_are_refused():
    """A field of 4,000 bytes is put into the table of HPACK, and then named by one byte thousands of times."""
    with secure() as front, while_others_are_served(front):
        with Http2(front.port) as client:
            bomb = BLOCK + b"\x40" + text("x-bomb") + text("v" * 3900) + b"\xbe" * 12000
            client.raw(frame(HEADERS, END_STREAM | END_HEADERS, client.open(), bomb))
            response = client.response(1)
            assert response.status == 431, vars(response)
            small = BLOCK + b"\xbe" * 12000
            for _ in range(20):
                client.raw(frame(HEADERS, END_STREAM | END_HEADERS, client.open(), small))
            assert client.response(client.last).status == 431
            assert client.ask().status == 200
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                for _ in range(1000):
                    client.raw(frame(HEADERS, END_STREAM | END_HEADERS, client.open(), small))
            code = client.rest()
            assert code in (CALM, None), code
        with Http2(front.port) as client: # a table of any size is not made for a client
            client.raw(frame(HEADERS, END_STREAM | END_HEADERS, client.open(), integer(1 << 30, 5, 0x20) + BLOCK))
            assert client.rest() is not None
        assert not [seen for seen in front.app.requests if "x-bomb" in seen.fields]


@test
def oversized_everything_is_refused():
    with secure() as front, while_others_are_served(front):
        with Http2(front.port) as client:
            for fields, status in ((request("/a/" + "p" * 20000), 414), (request("/a/", "M" * 40), 400),
                                   (request("/a/", "GET", "h" * 300), 400),
                                   (request("/a/", "GET", "h", "https", ("n" * 300, "v")), 431),
                                   (request("/a/", "GET", "h", "https", *[("cookie", "c" * 1000)] * 70), 431),
                                   (request("/a/", "GET", "h", "https", *[("x", "y")] * 101), 431)):
                assert client.response(client.head(fields)).status == status, fields[:4]
            assert client.ask().status == 200
        for piece in (frame(DATA, 0, 1, b"x" * 16385), frame(PING, 0, 0, b"x" * 9), frame(WINDOW_UPDATE, 0, 0, b"x" * 5),
                      frame(HEADERS, 5, 1, b"x" * 20000), frame(SETTINGS, 0, 0, b"x" * 6 * 40)):
            with Http2(front.port) as client:
                client.raw(piece)
                assert client.rest() not in (None, NO_ERROR), piece[:9]


# ---- requests hidden in requests ---------------------------------------------------------------------------------

SMUGGLED = "GET /a/smuggled HTTP/1.1\r\nHost: h\r\n\r\n"


@test
def nothing_in_a_head_becomes_a_second_request_behind_us():
    heads = [
        request("/a/", "POST", "h", "https", ("transfer-encoding", "chunked")),
        request("/a/", "POST", "h", "https", ("Transfer-Encoding", "chunked")),
        request("/a/", "POST", "h", "https", ("transfer-encoding ", "chunked")),
        request("/a/", "POST", "h", "https", ("content-length", "0"), ("transfer-encoding", "chunked")),
        request("/a/", "POST", "h", "https", ("content-length", "3"), ("content-length", "40")),
        request("/a/", "POST", "h", "https", ("content-length", "3, 40")),
        request("/a/", "POST", "h", "https", ("content-length", "+3")),
        request("/a/", "POST", "h", "https", ("content-length", " 3 4")),
        request("/a/", "POST", "h", "https", ("content-length", "99999999999999999999")),
        request("/a/", "GET", "h", "https", ("x", f"y\r\n\r\n{SMUGGLED}")),
        request("/a/", "GET", "h", "https", ("x", "y\r\nTransfer-Encoding: chunked")),
        request("/a/", "GET", "h", "https", ("x", "y\nz: 1")),
        request("/a/", "GET", "h", "https", ("x", "y\0z")),
        request("/a/", "GET", "h", "https", (f"x: y\r\n\r\n{SMUGGLED}", "z")),
        request("/a/", "GET", "h", "https", ("x:y", "z")),
        request("/a/", "GET", "h", "https", ("x y", "z")),
        request("/a/", "GET", "h", "https", ("", "z")),
        request("/a/", "GET", "h", "https", ("connection", "close")),
        request("/a/", "GET", "h", "https", ("upgrade", "h2c")),
        request("/a/", "GET", "h", "https", ("te", "chunked")),
        request("/a/", "GET", "h", "https", ("host", "other")),
        request(f"/a/ HTTP/1.1\r\nHost: h\r\n\r\n{SMUGGLED}"),
        request("/a/x HTTP/1.1"),
        request("/a/\tx"),
        request("http://h/a/"),
        request("a/"),
        request(""),
        request("/a/", f"GET /a/smuggled HTTP/1.1\r\nX: y\r\n\r\nGET"),
        request("/a/", "GET /a/smuggled"),
        request("/a/", ""),
        request("/a/", "GET", f"h\r\n\r\n{SMUGGLED}"),
        request("/a/", "GET", "h/../x"),
        request("/a/", "GET", "user@h"),
        request("/a/", "GET", "h", f"https://h/a/smuggled HTTP/1.1\r\nX: "),
        request("/a/", "GET", "h", "ftp"),
        request(None),
        request("/a/", None),
        request("/a/", "GET", "h", None),
        request("/a/", "GET", None),
        request("/a/", "GET", "h", "https", (":path", "/a/smuggled")),
        request() + [(":path", "/a/smuggled")],
        [("x", "y")] + request(),
        request("/a/", "GET", "h", "https", (":status", "200")),
        request("/a/", "GET", "h", "https", (":protocol", "websocket")),
        request("/a/", "GET", "h", "https", (":unknown", "x")),
        request("/a/", "CONNECT"),
    ]
    with secure() as front, Http2(front.port) as client:
        for number, fields in enumerate(heads):
            before = len(front.app.requests)
            stream = client.head(fields)
            response = client.response(stream)
            refused = response.reset is not None or 400 <= response.status < 600
            assert refused and len(front.app.requests) == before, (fields, vars(response))
            assert client.ask(f"/a/marker{number}").status == 200
            assert front.app.requests[-1].line == f"GET /a/marker{number} HTTP/1.1", front.app.requests[-1].line
        assert len(front.app.requests) == len(heads), [seen.line for seen in front.app.requests]


@test
def a_body_is_as_long_as_it_says_or_its_stream_is_reset():
    with secure(lambda seen, _: answer(str(len(seen.body)).encode())) as front, Http2(front.port) as client:
        for told, pieces in ((3, [b"abcd"]), (3, [b"ab", b"cd"]), (10, [b"abc"]), (0, [b"x"]), (5, [])):
            before = len(front.app.requests)
            stream = client.head(request("/a/", "POST", "h", "https", ("content-length", str(told))), end=False)
            for piece in pieces:
                client.data(stream, piece, end=piece is pieces[-1])
            if not pieces:
                client.raw(frame(DATA, END_STREAM, stream))
            response = client.response(stream)
            assert response.reset == PROTOCOL_ERROR and len(front.app.requests) == before, (told, pieces, vars(response))
        hidden = SMUGGLED.encode()
        stream = client.head(request("/a/", "POST"), end=False)
        client.data(stream, b"0\r\n\r\n" + hidden)
        assert client.response(stream).body == str(5 + len(hidden)).encode() # a body, and nothing but a body
        assert client.ask("/a/marker").status == 200
        assert [seen.line for seen in front.app.requests] == ["POST /a/ HTTP/1.1", "GET /a/marker HTTP/1.1"]


@test
def what_an_application_says_cannot_become_a_second_response():
    answers = {
        "/a/both": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "/a/twice": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        "/a/bare": b"HTTP/1.1 200 OK\r\nX: a\nY: b\r\nContent-Length: 0\r\n\r\n",
        "/a/more": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
    }
    with secure(lambda seen, _: answers.get(seen.line.split()[1]) or answer(b"clean")) as front, Http2(front.port) as client:
        for path in answers:
            response = client.ask(path)
            assert response.status == (200 if path == "/a/more" else 502), (path, response.status)
            assert client.ask("/a/next").body == b"clean", path


# ---- slowness -------------------------------------------------------------------------------------------------------

@test
def windows_that_stay_shut_hold_little_and_not_for_ever():
    big = b"x" * 20000000
    with secure(lambda seen, _: answer(big if "big" in seen.line else b"small"), "min_send_window_ms=1000",
                "response_memory=65536") as front, while_others_are_served(front):
        clients = [Http2(front.port, window=0, greedy=False) for _ in range(2)]
        clients.append(Http2(front.port, window=0x7fffffff, greedy=False)) # the connection's window is shut instead
        for client in clients:
            for _ in range(40):
                client.head(request("/a/big"))
        for client in clients[:2]:
            for stream in list(client.responses):
                assert client.response(stream).reset is not None
            assert client.ask("/a/none", "HEAD").status == 200
        clients[2].rest()
        front.wait_for(lambda: front.reasons().count("Timer_MinBytesPerSecond") >= 81)
        for client in clients:
            client.close()


@test
def heads_and_bodies_that_do_not_end_are_given_up():
    with secure(None, "header_ms=500", "body_ms=500", "idle_ms=1500") as front, while_others_are_served(front):
        with Client(front.port, tls=True) as client:
            assert client.send(b"GET /a/ HTTP/1.1\r\nHo").response().status == 408
        with Client(front.port, tls=True) as client:
            assert client.send(b"POST /a/ HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab").response().status == 408
        with Http2(front.port) as client: # a part of a head
            client.ping() # nothing else is to be said any more
            client.raw(frame(HEADERS, END_STREAM, client.open(), BLOCK[:10]))
            code = client.rest()
            assert code == NO_ERROR, (code, front.trouble)
        with Http2(front.port) as client: # bodies: each stream by itself
            slow = client.head(request("/a/", "POST"), end=False)
            assert client.ask().status == 200
            assert client.response(slow).status == 408
            assert client.ask().status == 200
        with Http2(front.port) as client: # PING does not keep a connection
            end = time.monotonic() + 10
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                while time.monotonic() < end and not client.goaways:
                    client.pong()
                    time.sleep(0.05)
            assert client.goaways
        assert {"Timer_HeaderWait", "Timer_EntityBody"} <= set(front.reasons()), front.reasons()


@test
def a_client_that_reads_nothing_is_cut_off_over_http2():
    with secure(lambda seen, _: answer(b"x" * 3000000), "min_send_window_ms=500") as front, while_others_are_served(front), \
            Http2(front.port, window=0x7fffffff) as client:
        client.raw(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 0x7fff0000)))
        for _ in range(30):
            client.head()
        front.wait_for(lambda: "Timer_MinBytesPerSecond" in front.reasons(), 20)


@test
def what_a_refused_client_still_sends_is_read_away_up_to_a_limit():
    piece = b"x" * (1 << 20)
    with plain(None, "body_max=1000", "linger_ms=60000", "linger_bytes=4000000") as front:
        with Client(front.port) as client:
            response = client.send(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n").response()
            assert response.status == 413
            sent = send_until_closed(client, piece, 200)
            assert sent < 200, sent # a megabyte each; what sockets hold comes on top


@test
def half_open_and_idle_floods_are_swept_away():
    with secure(None, "handshake_ms=700", "idle_ms=700") as front, while_others_are_served(front):
        raw = [socket.create_connection(("127.0.0.1", front.port)) for _ in range(200)]
        for n, half in enumerate(raw): # nothing, a part of a hello
            if n % 2:
                half.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        context = tls_context()
        idle = [Client(front.port, tls=True, context=context) for _ in range(50)]
        fresh = [Http2(front.port) for _ in range(20)]
        front.wait_for(lambda: front.statistics()["connections_now"] == 2, 20)
        for connection in raw + idle + fresh:
            connection.close()
        assert {"Timer_Handshake", "Timer_ConnectionIdle"} <= set(front.reasons())


# ---- TLS -----------------------------------------------------------------------------------------------------------

class Records:
    """TLS by hand: what is sealed is given out as bytes."""

    def __init__(self, port, version=None):
        context = tls_context(version)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="one.example")
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.socket.sendall(self.outgoing.read())
                self.incoming.write(self.socket.recv(65536))
        self.socket.sendall(self.outgoing.read())

    def seal(self, data):
        self.tls.write(data)
        return self.outgoing.read()

    def end(self):
        """Until the other end closes."""
        with contextlib.suppress(ConnectionError):
            while self.socket.recv(65536):
                pass
        self.socket.close()


@test
def records_that_are_cut_or_changed_end_their_connection_only():
    get = b"GET /a/cut HTTP/1.1\r\nHost: h\r\n\r\n"
    with secure(None, "header_ms=500", "idle_ms=1000") as front, while_others_are_served(front):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for size in (1, 4, 5, 6, 20):
                peer = Records(front.port, version)
                peer.socket.sendall(peer.seal(get)[:size])
                peer.socket.shutdown(socket.SHUT_WR)
                peer.end()
            peer = Records(front.port, version)
            record = bytearray(peer.seal(get))
            record[-1] ^= 1
            peer.socket.sendall(record)
            peer.end()
            peer = Records(front.port, version) # a record larger than there may be
            peer.socket.sendall(b"\x17\x03\x03\xff\xff" + b"x" * 70000)
            peer.end()
            peer = Records(front.port, version) # one that never ends
            peer.socket.sendall(peer.seal(get)[:-1])
            peer.end()
        assert not [seen for seen in front.app.requests if "cut" in seen.line]


@test
def renegotiation_is_refused():
    with secure() as front, while_others_are_served(front):
        client = subprocess.Popen(["timeout", "20", "openssl", "s_client", "-connect", f"127.0.0.1:{front.port}", "-tls1_2"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        while b"Verify return code" not in client.stdout.readline():
            pass
        client.stdin.write(b"R\n")
        client.stdin.flush()
        told = client.communicate(timeout=20)[0]
        assert b"RENEGOTIATING" in told and b"no renegotiation" in told, told


@test
def what_is_no_http2_behind_its_name_is_closed():
    with secure() as front, while_others_are_served(front):
        for data in (b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", PREFACE[:-1] + b"x", PREFACE + frame(HEADERS, 5, 1, BLOCK),
                     PREFACE + settings() + frame(HEADERS, 5, 2, BLOCK), PREFACE + settings() + frame(DATA, 0, 0, b"x"),
                     PREFACE + settings() + frame(CONTINUATION, 4, 1, BLOCK), PREFACE + settings() + frame(5, 4, 1, BLOCK)):
            context = tls_context()
            context.set_alpn_protocols(["h2"])
            with context.wrap_socket(socket.create_connection(("127.0.0.1", front.port), timeout=20),
                                     server_hostname="one.example") as peer:
                peer.sendall(data)
                with contextlib.suppress(ConnectionError, ssl.SSLError):
                    while peer.recv(65536):
                        pass
        front.wait_for(lambda: front.statistics()["connections_now"] == 2)


run()
WORK.cleanup()
