#!/usr/bin/env python3
"""The HTTPS service between clients and applications that are played here. TAP."""
import contextlib
import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import Skip, run, test  # noqa: E402
from scene import (Application, Client, Front, GET, PROGRAM, WORK, answer, ask, certificate, free_port,  # noqa: E402
                   plain, secure, shown_name, tls_context)


# ---- requests ---------------------------------------------------------------------------------------------

@test
def a_request_reaches_its_application_and_comes_back():
    with plain() as front:
        response = ask(front)
        assert response.status == 200 and response.body == b"hello"
        assert "date" in response.fields
        request = front.app.requests[0]
        assert request.line == "GET /a/x?y HTTP/1.1"
        expected = {"host": "one.example", "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http",
                    "x-forwarded-host": "one.example", "x-forwarded-port": str(front.port),
                    "bindery-application": "one", "bindery-prefix": "/a"}
        for name, value in expected.items():
            assert request.fields[name] == value, (name, request.fields)
        assert request.fields["x-request-id"] == response.fields["x-request-id"]
        front.wait_for(lambda: front.access)
        assert front.access[0] == {"method": "GET", "target": "/a/x?y", "application": "one", "protocol": "HTTP/1.1", "status": 200,
                                   "complete": True, "body_bytes": 5, "request_bytes": 0,
                                   "id": response.fields["x-request-id"]}, front.access[0]


@test
def fields_that_only_we_may_say_and_those_of_one_hop_are_taken_out():
    fields = ["X-Forwarded-For: 1.2.3.4", "x-forwarded-proto: https", "X-Forwarded-Host: evil", "Forwarded: for=x",
              "X-Real-IP: 1.2.3.4", "X-Request-Id: mine", "Bindery-Application: two", "Bindery-Connection: 7",
              "Bindery-State: admin", "Bindery-Channel: 00", "Bindery-Shared: no", "Bindery-Prefix: /", "Bindery_State: admin", "X_Forwarded_For: 1.2.3.4",
              "Connection: keep-alive, X-Mine, X_Other", "X-Mine: 1", "X_Other: 1", "Upgrade: websocket", "TE: trailers",
              "Transfer_Encoding: chunked", "Content_Length: 5", "Proxy_Authorization: x",
              "Proxy-Authorization: x", "Keep-Alive: 5", "X-Kept: yes", "Cookie: a=b", "Under_Score: yes"]
    with plain() as front:
        ask(front, b"GET /a HTTP/1.1\r\nHost: one.example\r\n" + "".join(f + "\r\n" for f in fields).encode() + b"\r\n")
        request = front.app.requests[0]
        names = [name.lower() for name in request.names]
        assert len(names) == len(set(names)), names
        assert request.fields["bindery-shared"] == "yes"  # a proxy that is not trusted may mix its clients all the same
        for name in ("bindery-state", "bindery-channel", "bindery_state", "x_forwarded_for", "x-mine", "upgrade",
                     "proxy-authorization", "keep-alive", "forwarded", "x-real-ip", "x_other", "transfer_encoding", "content_length",
                     "proxy_authorization"):
            assert name not in request.fields, name
        assert request.fields["x-kept"] == "yes" and request.fields["cookie"] == "a=b"
        assert request.fields["under_score"] == "yes"
        assert request.fields["te"] == "trailers" and request.fields["connection"] == "TE", "said anew, for this hop"
        assert request.fields["x-forwarded-for"] == "127.0.0.1"
        assert request.fields["bindery-application"] == "one"


@test
def many_requests_go_over_one_connection_here_and_there():
    with plain() as front:
        with Client(front.port) as client:
            for _ in range(20):
                assert client.send(GET).response().status == 200
        statistics = front.statistics()
        assert statistics["connections"] == 1 and statistics["requests"] == 20
        assert statistics["upstream"] == 1 and statistics["reused"] == 19
        assert len(front.app.connections) == 1


@test
def requests_sent_ahead_are_answered_in_order():
    def serve(request, _):
        if "slow" in request.line:
            time.sleep(0.1)
        return answer(request.line.split()[1].encode())

    with plain(serve) as front, Client(front.port) as client:
        paths = [f"/a/{'slow' if i % 7 == 0 else 'quick'}{i}" for i in range(50)]
        wrong = b"GET /nobody HTTP/1.1\r\nHost: x\r\n\r\n"
        client.send(b"".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() + wrong for path in paths))
        for path in paths:
            assert client.response().body == path.encode()
            assert client.response().status == 400
        client.send(b"POST /a/p HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" + GET)
        assert client.response().body == b"/a/p" and client.response().body == b"/a/x?y"


@test
def more_requests_ahead_than_a_buffer_holds_are_answered_too():
    with plain() as front, Client(front.port) as client:
        request = b"GET /a/" + b"x" * 900 + b" HTTP/1.1\r\nHost: x\r\n\r\n"
        sender = threading.Thread(target=client.send, args=(request * 200,))
        sender.start()
        for _ in range(200):
            assert client.response().status == 200
        sender.join()


@test
def a_request_in_single_bytes_is_served():
    with plain(lambda request, _: answer(request.body)) as front, Client(front.port) as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: x\r\n\r\n":
            client.send(bytes([byte]))
            time.sleep(0.0005)
        assert client.response().body == b"abcde"
        assert front.app.requests[0].trailers == [("T", "x")]
        assert "content-length" not in front.app.requests[0].fields, "one framing, not two"


@test
def a_long_head_is_served_and_a_too_long_one_refused():
    with plain() as front:
        token = b"x" * 40000
        assert ask(front, b"GET /a HTTP/1.1\r\nHost: x\r\nAuthorization: " + token + b"\r\n\r\n").status == 200
        assert front.app.requests[0].fields["authorization"] == token.decode()
        assert ask(front, b"GET /a HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 70000 + b"\r\n\r\n").status == 431
        assert ask(front, b"GET /a" + b"x" * 17000 + b" HTTP/1.1\r\nHost: x\r\n\r\n").status == 414
        assert ask(front, GET).status == 200


@test
def old_http_is_served_and_closed():
    def serve(request, connection):
        if "chunked" in request.line:
            return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        return answer(b"hello")

    with plain(serve) as front:
        with Client(front.port) as client:
            response = client.send(b"GET /a HTTP/1.0\r\n\r\n").response()
            assert response.body == b"hello" and response.fields["connection"] == "close" and client.is_closed()
        assert front.app.requests[0].fields["host"] == f"127.0.0.1:{front.port}"
        with Client(front.port) as client:
            response = client.send(b"GET /a/chunked HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").response()
            assert response.body == b"hello" and "transfer-encoding" not in response.fields
        with Client(front.port) as client:
            client.send(b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert client.response().fields["connection"] == "keep-alive"
            assert client.send(GET).response().status == 200


# ---- refused -----------------------------------------------------------------------------------------------

SMUGGLING = [
    b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nhello",
    b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello",
    b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nhello",
    b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /a HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
    b"GET /a HTTP/1.1\r\n Host: x\r\n\r\n",
    b"GET /a HTTP/1.1\nHost: x\n\n",
    b"GET /a HTTP/1.1\r\nHost: x\nA: b\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: x\r\nA: b\rC: d\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n",
    b"GET /a HTTP/1.1\r\nA: b\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    b"GET http://y/a HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET https://x/a HTTP/1.1\r\nHost: x:443\r\n\r\n",
    b"GET  /a HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;" + b"x" * 300 + b"\r\nhello\r\n0\r\n\r\n",
]


@test
def what_could_be_read_as_two_requests_is_refused_and_the_connection_closed():
    with plain() as front:
        for case in SMUGGLING:
            with Client(front.port) as client:
                response = client.send(case + GET).response()
                assert response.status == 400, (case, response.status)
                assert response.fields["connection"] == "close"
                assert client.is_closed(), case
        assert front.app.requests == []
        front.wait_for(lambda: len(front.trouble) == len(SMUGGLING))
        assert set(front.reasons()) == {"BadRequest", "Hostname", "URL"}, front.reasons()


@test
def what_is_no_http_is_answered_and_closed():
    with plain() as front:
        for case, status in ((b"\x16\x03\x01\x02\x00\x01", 400), (os.urandom(1).replace(b"\r", b"x") + b"\0\0\0", 400),
                             (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505), (b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 501)):
            with Client(front.port) as client:
                assert client.send(case).response().status == status, case
                assert client.is_closed()
        for _ in range(50):
            with Client(front.port) as client:
                with contextlib.suppress(OSError):
                    client.send(os.urandom(5000))
                    client.more()
        assert ask(front).status == 200


@test
def an_address_that_nobody_reserved_is_400_and_keeps_the_connection():
    with plain() as front, Client(front.port) as client:
        for path in ("/", "/b", "/ax"):
            response = client.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()).response()
            assert response.status == 400 and b"No application is registered" in response.body
            assert response.fields["x-request-id"].encode() in response.body
        for path in ("/a/../b", "/a/%2e%2e/b", "/a/%00", "/a/%zz"):
            assert client.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()).response().status == 400
        response = client.send(b"HEAD /b HTTP/1.1\r\nHost: x\r\n\r\n").response("HEAD")
        assert response.status == 400 and int(response.fields["content-length"]) > 100
        assert client.send(GET).response().status == 200
        front.wait_for(lambda: len(front.trouble) == 8)
        assert front.reasons() == ["N/A"] * 3 + ["URL"] * 4 + ["N/A"]


@test
def row_4_an_application_that_is_down_answers_503_and_nobody_answers_for_it():
    catch_all = Application(lambda request, _: answer(b"wrong one"))
    with plain() as front:
        gone = f"{WORK.name}/nobody"
        front.apply(*front.lines, f"app down {gone} 0 online", f"app off {gone} 0 disabled",
                    f"app all {catch_all.path} 0 online", f"reserve all http://+:{front.port}/",
                    f"reserve down http://+:{front.port}/down/", f"reserve off http://+:{front.port}/off/",
                    f"reserve unnamed http://+:{front.port}/unnamed/", f"reserve all http://*:{front.port}/down/")
        for path, reason in (("/down/x", "AppOffline"), ("/off", "Disabled"), ("/unnamed/x", "AppOffline")):
            response = ask(front, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert response.status == 503 and b"application at this address" in response.body, response.body
            front.wait_for(lambda: front.trouble and front.trouble[-1]["target"] == path)
            assert front.trouble[-1]["reason"] == reason
            assert front.trouble[-1]["reservation"].startswith(f"http://+:{front.port}/")
        assert ask(front, b"GET /else HTTP/1.1\r\nHost: x\r\n\r\n").body == b"wrong one"
        front.tell("state one offline")
        assert front.answer() == "set"
        assert ask(front).status == 503
        front.tell("state one online")
        assert front.answer() == "set"
        assert ask(front).status == 200
    catch_all.stop()


# ---- bodies ------------------------------------------------------------------------------------------------

@test
def bodies_of_every_size_arrive_whole_both_ways():
    with plain(lambda request, _: answer(request.body), "body_memory=20000", "response_memory=20000") as front:
        for size in (1, 100, 16384, 16385, 20000, 20001, 100000, 3000000):
            body = os.urandom(size)
            with Client(front.port) as client:
                head = f"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode()
                threading.Thread(target=client.send, args=(head + body,), daemon=True).start()
                assert client.response().body == body, size
        assert front.statistics()["files"] >= 3
    assert os.listdir(f"{WORK.name}/tmp") == []


@test
def chunked_responses_stay_chunked_and_endless_ones_become_so():
    big = os.urandom(500000)

    def serve(request, connection):
        if "chunked" in request.line:
            pieces = [big[i:i + 33333] for i in range(0, len(big), 33333)]
            return (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n"
                    + b"".join(b"%x;e=1\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\nTrailer: x\r\n\r\n")
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + big)
        return None

    with plain(serve) as front, Client(front.port) as client:
        for path in ("chunked", "endless", "chunked"):
            response = client.send(f"GET /a/{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()).response()
            assert response.body == big, path
            assert response.fields["transfer-encoding"] == "chunked"


@test
def a_client_that_waits_for_100_continue_is_told_to_go_on():
    with plain(lambda request, _: answer(request.body)) as front:
        with Client(front.port) as client:
            client.send(b"POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            assert client.response().status == 100
            assert client.send(b"hello").response().body == b"hello"
        assert "expect" not in front.app.requests[0].fields
        with Client(front.port) as client: # nobody there: no body is asked for
            client.send(b"POST /b HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            response = client.response()
            assert response.status == 400 and response.fields["connection"] == "close" and client.is_closed()


@test
def a_body_that_is_too_large_is_refused_at_once():
    with plain(None, "body_max=1000") as front:
        with Client(front.port) as client:
            response = client.send(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n").response()
            assert response.status == 413 and client.is_closed()
        with Client(front.port) as client:
            client.send(b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            client.send(b"200\r\n" + b"x" * 512 + b"\r\n200\r\n" + b"x" * 512 + b"\r\n")
            assert client.response().status == 413 and client.is_closed()
        assert front.app.requests == []
        front.wait_for(lambda: front.reasons() == ["EntityTooLarge"] * 2)


@test
def a_full_disk_is_told_and_the_rest_goes_on():
    full = "/dev/full-is-no-folder"
    with tempfile.TemporaryDirectory() as folder:
        with plain(None, f"tmp_folder={folder}", "body_memory=1000") as front:
            os.rmdir(folder)
            with Client(front.port) as client:
                client.send(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000)
                assert client.response().status in (500, 507)
            front.wait_for(lambda: "TempFile" in front.reasons())
            assert ask(front).status == 200
            os.mkdir(folder)
    assert not os.path.exists(full)


@test
def a_slow_client_holds_no_worker():
    """One worker, one connection: while a slow client sends and another reads slowly, others are served."""
    big = os.urandom(30000000)

    def serve(request, _):
        return answer(big if "big" in request.line else request.body)

    with plain(serve, "response_memory=100000", connections=1) as front:
        with Client(front.port) as sender, Client(front.port) as reader:
            sender.send(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello")
            reader.send(b"GET /a/big HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(0.3)
            start = time.monotonic()
            for _ in range(20):
                assert ask(front).status == 200
            assert time.monotonic() - start < 2
            assert sender.send(b"world").response().body == b"helloworld"
            assert reader.response().body == big
        assert len(front.app.connections) == 1


@test
def an_application_waits_when_a_slow_client_has_more_than_the_file_may_hold():
    sent = []

    def serve(request, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 40000000\r\n\r\n")
        for _ in range(400):
            connection.sendall(b"x" * 100000)
            sent.append(time.monotonic())
        return b""

    with plain(serve, "response_memory=100000", "response_file_max=1000000") as front, Client(front.port) as client:
        client.send(GET)
        time.sleep(1)
        waiting = len(sent)
        assert 10 < waiting < 300, waiting
        assert len(client.response().body) == 40000000
        assert len(sent) == 400


# ---- applications that fail ------------------------------------------------------------------------------------

@test
def an_application_that_dies_is_502_before_its_answer_and_a_cut_transfer_within_it():
    def serve(request, connection):
        if "head" in request.line:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")
        if "body" in request.line:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
        if "chunk" in request.line:
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        if any(word in request.line for word in ("head", "body", "chunk", "none")):
            return None
        return answer(b"fine")

    with plain(serve) as front:
        for path in ("none", "head"):
            response = ask(front, f"GET /a/{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert response.status == 502 and b"ended the connection" in response.body
        for path in ("body", "chunk"):
            with Client(front.port) as client:
                client.send(f"GET /a/{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                try:
                    client.response()
                except AssertionError as error:
                    assert "ended within" in str(error)
                else:
                    raise AssertionError("a response that was cut off looks whole")
        assert ask(front).body == b"fine"
        front.wait_for(lambda: front.reasons() == ["AppDropped"] * 4)


@test
def an_application_may_listen_on_a_port_of_this_machine():
    app = Application(lambda request, _: answer(request.body))
    app.stop()
    app.socket = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=app.accept, daemon=True).start()
    port = app.socket.getsockname()[1]
    with plain() as front:
        front.apply(f"app one {port} 0 online", front.lines[1])
        body = os.urandom(1000000)
        for _ in range(2):
            assert ask(front, b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + body).body == body
        app.stop()
        front.wait_for(lambda: front.statistics()["upstream_now"] == 0)
        assert ask(front).status == 503
        front.wait_for(lambda: "AppOffline" in front.reasons())


@test
def an_application_may_answer_before_it_has_read_all():
    def serve(request, connection):
        connection.sendall(answer(b"enough", "413 Content Too Large", "Connection: close"))
        return None

    class Impatient(Application):
        def talk(self, connection):
            connection.recv(1000)
            serve(None, connection)
            connection.shutdown(socket.SHUT_WR)
            time.sleep(0.1)
            connection.close()

    app = Impatient()
    with plain() as front:
        front.apply(f"app one {app.path} 0 online", front.lines[1])
        for _ in range(3):
            response = ask(front, b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" + bytes(3000000))
            assert response.status == 413 and response.body == b"enough"
    app.stop()


@test
def an_application_that_answers_nonsense_is_502():
    answers = {
        "text": b"hello\r\n\r\n",
        "twice": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "both": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
        "bare": b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        "switch": b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "large": b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70000 + b"\r\n\r\n",
        "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    }
    with plain(lambda request, _: answers[request.line.split()[1][3:]]) as front:
        for name in answers:
            response = ask(front, f"GET /a/{name} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert response.status == 502, name
        front.wait_for(lambda: front.reasons() == ["AppBadResponse"] * len(answers))


@test
def a_stale_connection_is_tried_again_for_safe_requests_only():
    """The application takes each connection's second request and closes without an answer."""
    seen = {}

    def serve(request, connection):
        seen[connection] = seen.get(connection, 0) + 1
        return None if seen[connection] == 2 else answer(b"hello")

    with plain(serve) as front:
        assert ask(front).status == 200
        assert ask(front).status == 200 # on the stale one, then on a fresh one
        assert len(front.app.connections) == 2 and len(front.app.requests) == 3
        response = ask(front, b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
        assert response.status == 502
        assert len(front.app.requests) == 4


@test
def a_connection_that_the_application_closed_while_idle_is_not_used():
    with plain() as front:
        assert ask(front).status == 200
        front.app.connections[0].shutdown(socket.SHUT_RDWR)
        front.wait_for(lambda: front.statistics()["upstream_now"] == 0)
        assert ask(front, b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx").status == 200


@test
def interim_responses_are_dropped_and_early_answers_taken():
    def serve(request, connection):
        return b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + answer(b"hello")

    with plain(serve) as front:
        response = ask(front)
        assert response.status == 200 and response.body == b"hello"


@test
def head_204_and_304_have_no_body():
    def serve(request, _):
        if request.line.startswith("HEAD"):
            return b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"
        return b"HTTP/1.1 " + request.line.split()[1][3:].encode() + b" X\r\nETag: \"1\"\r\n\r\n"

    with plain(serve) as front, Client(front.port) as client:
        response = client.send(b"HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n").response("HEAD")
        assert response.fields["content-length"] == "1234"
        for status in (204, 304):
            response = client.send(f"GET /a/{status} HTTP/1.1\r\nHost: x\r\n\r\n".encode()).response()
            assert response.status == status and response.fields["etag"] == '"1"'
            assert "transfer-encoding" not in response.fields and "content-length" not in response.fields
        assert client.send(b"HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n").response("HEAD").status == 200


@test
def requests_wait_for_a_worker_in_order_and_not_for_ever():
    gate = threading.Event()

    def serve(request, _):
        if "block" in request.line:
            gate.wait(20)
        return answer(request.line.split()[1].encode())

    with plain(serve, "queue_ms=300", "queue_max=2", "response_ms=1500", connections=1) as front:
        clients = [Client(front.port) for _ in range(4)]
        for i, client in enumerate(clients):
            client.send(f"GET /a/{'block' if i == 0 else i} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            time.sleep(0.05)
        assert clients[3].response().status == 503 # the queue is full
        assert clients[1].response().status == 503 and clients[2].response().status == 503 # waited too long
        assert clients[0].response().status == 504
        front.wait_for(lambda: len(front.trouble) == 4)
        assert front.reasons() == ["QueueFull", "Timer_AppPool", "Timer_AppPool", "Timer_Response"]
        gate.set()
        for i, client in enumerate(clients):
            client.send(f"GET /a/{i} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert client.response().body == f"/a/{i}".encode()
            client.close()


@test
def an_application_sees_that_its_client_is_gone():
    gone = threading.Event()

    def serve(request, connection):
        if connection.recv(1) == b"":
            gone.set()
        return None

    with plain(serve) as front:
        with Client(front.port) as client:
            client.send(GET)
            front.wait_for(lambda: front.app.requests)
        assert gone.wait(5)
        front.wait_for(lambda: front.reasons() == ["Connection_Dropped"] and front.access)
        assert front.access[0]["complete"] is False


@test
def a_connection_has_a_number_and_a_place_for_what_the_application_wants_to_remember():
    def serve(request, _):
        return answer(json.dumps([request.fields["bindery-connection"], request.fields.get("bindery-state")]).encode(),
                      "200 OK", "Bindery-State: user=alice" if "login" in request.line else "X: y")

    other = Application(serve)
    with plain(serve) as front:
        front.apply(*front.lines, f"app two {other.path} 0 online", f"reserve two http://+:{front.port}/b/")
        with Client(front.port) as client:
            def get(path):
                response = client.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()).response()
                assert "bindery-state" not in response.fields
                return json.loads(response.body)

            number, state = get("/a/login")
            assert state is None
            assert get("/a") == [number, "user=alice"]
            assert get("/b") == [number, None] # another application's business
            assert get("/a") == [number, "user=alice"]
        with Client(front.port) as client:
            other_number, state = get("/a")
            assert other_number != number and state is None
    other.stop()


# ---- time ----------------------------------------------------------------------------------------------------

@test
def clients_that_take_too_long_are_told_and_closed():
    with plain(None, "idle_ms=200", "header_ms=200", "body_ms=200") as front:
        for data, status in ((b"GET /a HT", 408), (b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab", 408)):
            with Client(front.port) as client:
                assert client.send(data).response().status == status
                assert client.is_closed()
        with Client(front.port) as client:
            assert client.is_closed()
        with Client(front.port) as client: # a head that trickles in
            with contextlib.suppress(OSError):
                for _ in range(20):
                    client.send(b"G")
                    time.sleep(0.05)
            assert client.response().status in (408, 400)
        with Client(front.port) as client:
            assert client.send(GET).response().status == 200
            assert client.is_closed()
        assert front.reasons()[:3] == ["Timer_HeaderWait", "Timer_EntityBody", "Timer_ConnectionIdle"]


@test
def a_client_that_takes_its_response_too_slowly_is_cut_off():
    big = bytes(20000000)
    with plain(lambda *_: answer(big), "min_send_rate=1000000", "min_send_window_ms=300") as front:
        with Client(front.port) as client:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.send(GET)
            front.wait_for(lambda: "Timer_MinBytesPerSecond" in front.reasons())
        assert front.statistics()["connections_now"] == 0


@test
def more_clients_than_allowed_are_turned_away():
    with plain(None, "connections_max=3") as front:
        clients = [Client(front.port) for _ in range(3)]
        for client in clients:
            assert client.send(GET).response().status == 200
        with Client(front.port) as client:
            assert client.is_closed()
        clients.pop().close()
        front.wait_for(lambda: front.statistics()["connections_now"] == 2)
        assert ask(front).status == 200
        assert front.statistics()["refused"] == 1


@test
def a_handshake_that_does_not_end_is_cut_off():
    with secure(None, "handshake_ms=200") as front:
        for start in (b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"):
            with Client(front.port) as client:
                client.send(start)
                assert client.is_closed()
        front.wait_for(lambda: front.reasons() == ["Timer_Handshake"] * 2)


@test
def clients_leave_descriptors_for_applications_and_files():
    app, port = Application(lambda request, _: answer(request.body)), free_port()
    with Front("body_memory=1000", descriptors=40) as front:
        front.apply(f"app one {app.path} 0 online", f"reserve one http://+:{port}/a/")
        clients = [Client(port) for _ in range(60)]
        front.wait_for(lambda: front.statistics()["connections"] + front.statistics()["refused"] == 60)
        for client in clients[:20]:
            client.send(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n" + bytes(2000))
            assert client.response().body == bytes(2000)
        for client in clients[20:]:
            assert client.is_closed()
        for client in clients:
            client.close()
    app.stop()


# ---- TLS -------------------------------------------------------------------------------------------------------


@test
def https_requests_are_served():
    big = os.urandom(5000000)
    with secure(lambda request, _: answer(big if "big" in request.line else b"hello")) as front:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with Client(front.port, tls=True, context=tls_context(version)) as client:
                for _ in range(3):
                    assert client.send(GET).response().body == b"hello"
                response = client.send(b"GET /a/big HTTP/1.1\r\nHost: x\r\n\r\n").response()
                assert response.body == big
                client.send(GET * 20)
                for _ in range(20):
                    assert client.response().body == b"hello"
        assert front.app.requests[0].fields["x-forwarded-proto"] == "https"


@test
def https_requests_over_ipv6_are_served():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError as why:
        raise Skip(f"no IPv6 here: {why.strerror}") from None
    with secure(lambda request, _: answer(b"hello")) as front:
        with Client(front.port, tls=True, host="::1") as client:
            assert client.send(GET).response().body == b"hello"
        assert front.app.requests[-1].fields["x-forwarded-for"] == "::1"


@test
def a_large_body_over_tls_arrives_whole():
    with secure(lambda request, _: answer(request.body), "body_memory=50000", "response_memory=50000") as front:
        body = os.urandom(3000000)
        with Client(front.port, tls=True) as client:
            client.send(f"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            time.sleep(0.2) # the response waits in memory and in a file
            assert client.response().body == body


@test
def each_port_shows_its_certificate():
    with secure() as front:
        for port, name in ((front.port, "one"), (front.other, "two")):
            with Client(port, tls=True) as client:
                assert shown_name(client) == name


@test
def tls_1_1_is_refused():
    with secure() as front:
        result = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{front.port}", "-tls1_1", "-cipher",
                                 "ALL@SECLEVEL=0"], input=b"", capture_output=True, timeout=20)
        assert result.returncode != 0 and b"alert protocol version" in result.stderr, result.stderr
        front.wait_for(lambda: "Handshake" in front.reasons())
        result = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{front.port}", "-tls1_2"], input=b"",
                                capture_output=True, timeout=20)
        assert b"Secure Renegotiation IS supported" in result.stdout and b"Compression: NONE" in result.stdout


@test
def http_without_tls_at_a_tls_port_is_told_so():
    with secure() as front:
        for request in (GET, b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"):
            with Client(front.port) as client:
                response = client.send(request).response()
                assert response.status == 400 and b"Use https://" in response.body
                assert client.is_closed()
        front.wait_for(lambda: front.reasons() == ["PlainOnTls"] * 2)


@test
def a_name_without_certificate_is_refused_and_others_go_on():
    with secure() as front:
        front.apply(*front.lines, front.first, f"bind 0.0.0.0 {front.other} special.example 7 {certificate('two')}")
        try:
            Client(front.other, tls=True)
        except ssl.SSLError as error:
            assert "UNRECOGNIZED_NAME" in str(error), error
        else:
            raise AssertionError("a handshake without a certificate")
        front.wait_for(lambda: "Handshake" in front.reasons())
        assert "no certificate is bound" in front.trouble[-1]["detail"]
        with Client(front.port, tls=True) as client:
            assert client.send(GET).response().status == 200


@test
def names_choose_among_the_certificates_of_a_port():
    with secure() as front:
        front.apply(*front.lines, front.first, front.second,
                    f"bind 0.0.0.0 {front.port} special.example 7 {certificate('special')}")
        for name, shown in (("special.example", "special"), ("Special.Example", "special"), ("else.example", "one")):
            with Client(front.port, tls=True, name=name) as client:
                assert shown_name(client) == shown


def resumes(port, session, context):
    """Was it resumed, and the session that came of it."""
    with Client(port, tls=True, session=session, context=context) as client:
        assert client.send(GET).response().status == 200
        return client.socket.session_reused, client.socket.session


@test
def row_27_a_replaced_binding_takes_no_old_ticket_and_another_still_does():
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with secure() as front:
            first, second = tls_context(version), tls_context(version)
            _, ticket = resumes(front.port, None, first)
            _, other = resumes(front.other, None, second)
            assert resumes(front.port, ticket, first)[0], "a ticket of this binding"
            replaced = f"bind 0.0.0.0 {front.port} - 3 {certificate('three')}"
            front.apply(*front.lines, replaced, front.second)
            assert not resumes(front.port, ticket, first)[0], "the binding was replaced"
            assert resumes(front.other, other, second)[0], "the other binding was not"
            _, ticket = resumes(front.port, None, first)
            front.apply(*front.lines, replaced, front.second) # nothing changed
            assert resumes(front.port, ticket, first)[0]
            same = f"bind 0.0.0.0 {front.port} - 4 {certificate('three')}" # unbound and bound again
            front.apply(*front.lines, same, front.second)
            assert not resumes(front.port, ticket, first)[0]
            statistics = front.statistics()
            assert statistics["resumed"] == 3 and statistics["failed"] == 0


# ---- changes ------------------------------------------------------------------------------------------------------

@test
def requests_in_flight_survive_a_change_and_idle_connections_get_one_more_answer():
    gate = threading.Event()

    def serve(request, _):
        if "wait" in request.line:
            gate.wait(20)
        return answer(b"hello")

    with secure(serve) as front:
        busy, idle, other = Client(front.port, tls=True), Client(front.port, tls=True), Client(front.other, tls=True)
        for client in (busy, idle, other):
            assert client.send(GET).response().status == 200
        busy.send(b"GET /a/wait HTTP/1.1\r\nHost: x\r\n\r\n")
        front.wait_for(lambda: len(front.app.requests) == 4)
        front.apply(*front.lines, f"bind 0.0.0.0 {front.port} - 3 {certificate('three')}", front.second)
        response = idle.send(GET).response()
        assert response.status == 200 and response.fields["connection"] == "close" and idle.is_closed()
        gate.set()
        response = busy.response()
        assert response.status == 200 and response.fields["connection"] == "close" and busy.is_closed()
        for _ in range(2):
            response = other.send(GET).response()
            assert response.status == 200 and "connection" not in response.fields
        with Client(front.port, tls=True) as client:
            assert shown_name(client) == "three"


@test
def a_removed_listener_stops_and_its_request_in_flight_ends():
    gate = threading.Event()
    with secure(lambda *_: gate.wait(20) and answer(b"hello")) as front:
        idle = Client(front.other, tls=True)
        busy = Client(front.other, tls=True)
        busy.send(GET)
        front.wait_for(lambda: front.app.requests)
        front.apply(front.lines[0], front.lines[1], front.first)
        assert idle.is_closed()
        try:
            Client(front.other)
        except ConnectionRefusedError:
            pass
        else:
            raise AssertionError("it still listens")
        gate.set()
        response = busy.response()
        assert response.status == 200 and response.fields["connection"] == "close"


@test
def a_change_that_cannot_be_made_changes_nothing():
    with plain() as front, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        new, used = free_port(), taken.getsockname()[1]
        front.tell("clear", *front.lines, f"reserve one http://+:{new}/a/", f"reserve one http://127.0.0.1:{used}/a/", "apply")
        said = front.answer()
        assert said.startswith("refused: ") and str(used) in said and "another program" in said, said
        assert ask(front).status == 200
        try:
            Client(new)
        except ConnectionRefusedError:
            pass
        else:
            raise AssertionError("half of the change was made")


@test
def a_port_moves_from_one_address_to_all_and_back_without_refusing_anyone():
    with plain() as front:
        one, every = f"reserve one http://127.0.0.1:{front.port}/a/", f"reserve one http://+:{front.port}/a/"
        stop, failures = threading.Event(), []

        def keep_asking():
            while not stop.is_set():
                try:
                    assert ask(front).status == 200
                except Exception as error:
                    failures.append(repr(error))

        front.apply(front.lines[0], one)
        thread = threading.Thread(target=keep_asking)
        thread.start()
        for _ in range(10):
            for line in (every, one):
                front.apply(front.lines[0], line)
                time.sleep(0.02)
        stop.set()
        thread.join()
        # a connection that sat in the queue of the socket that was closed meanwhile is reset by the system
        assert len(failures) <= 1, failures


@test
def an_application_moves_to_another_socket_without_a_lost_request():
    second = Application(lambda *_: answer(b"second"))
    with plain() as front, Client(front.port) as client:
        assert client.send(GET).response().body == b"hello"
        front.apply(f"app one {second.path} 0 online", front.lines[1])
        assert client.send(GET).response().body == b"second"
    second.stop()


@test
def no_request_is_lost_while_certificates_are_replaced_under_load():
    with secure(lambda request, _: answer(request.line.split()[1].encode())) as front:
        stop, failures, counts = threading.Event(), [], []

        def load(port):
            count, context = 0, tls_context()
            while not stop.is_set():
                try:
                    with Client(port, tls=True, context=context) as client:
                        while not stop.is_set():
                            path = f"/a/{count}"
                            response = client.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()).response()
                            assert response.status == 200 and response.body == path.encode()
                            count += 1
                            if "connection" in response.fields or count % 20 == 0:
                                break
                except Exception as error:
                    failures.append(repr(error))
            counts.append(count)

        threads = [threading.Thread(target=load, args=(port,)) for port in (front.port, front.other) for _ in range(3)]
        for thread in threads:
            thread.start()
        for generation in range(10, 50):
            name = ("one", "two", "three")[generation % 3]
            front.apply(*front.lines, f"bind 0.0.0.0 {front.port} - {generation} {certificate(name)}", front.second)
            time.sleep(0.03)
        stop.set()
        for thread in threads:
            thread.join()
        assert failures == [], failures[:5]
        assert sum(counts) > 200, counts
        print(f"# {sum(counts)} requests during 40 changes")


@test
def a_drained_front_finishes_what_it_does_and_ends():
    gate = threading.Event()
    with plain(lambda *_: gate.wait(20) and answer(b"hello")) as front:
        busy, idle = Client(front.port), Client(front.port)
        busy.send(GET)
        front.wait_for(lambda: front.app.requests)
        front.tell("drain")
        assert idle.is_closed()
        gate.set()
        response = busy.response()
        assert response.status == 200 and response.fields["connection"] == "close"
        assert front.answer() == "drained"
        assert front.process.wait(timeout=5) == 0


@test
def idle_connections_hold_little_memory():
    if "asan" in subprocess.run(["ldd", PROGRAM], capture_output=True, text=True).stdout:
        raise Skip("the address sanitizer keeps memory of its own")

    def resident():
        with open(f"/proc/{front.process.pid}/smaps_rollup") as file:
            return int(next(line for line in file if line.startswith("Pss:")).split()[1])

    with secure() as front:
        context = tls_context()
        clients = [Client(front.port, tls=True, context=context) for _ in range(50)]
        before = resident()
        clients += [Client(front.port, tls=True, context=context) for _ in range(500)]
        for client in clients:
            client.send(GET).response()
        per_connection = (resident() - before) / 500
        print(f"# {per_connection:.1f} KB per idle connection")
        assert per_connection < 20, per_connection
        for client in clients:
            client.close()


run()
WORK.cleanup()
