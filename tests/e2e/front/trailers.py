#!/usr/bin/env python3
"""Fields behind bodies, through the HTTPS service: both ways, both protocols. TAP."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import run, test  # noqa: E402
from http2_client import Http2, request  # noqa: E402
from scene import Client, answer, ask, plain, secure  # noqa: E402

FORBIDDEN = ["Content-Length: 3", "Transfer-Encoding: chunked", "Host: evil", "Authorization: Basic x", "Cookie: a=b", "Set-Cookie: a=b",
             "X-Forwarded-For: 6.6.6.6", "x_forwarded_for: 6.6.6.6", "Bindery-State: admin", "X-Client-Cert-Verify: SUCCESS",
             "Connection: close", "Trailer: x", "Content-Type: text/evil", "Content-Encoding: gzip", "Cache-Control: no-store",
             "Location: http://evil/", "Expect: 100-continue", "Range: bytes=0-1", "If-Match: x", "TE: trailers", "Upgrade: x",
             "Content-Range: bytes 0-1/2", "Retry-After: 1", "Proxy-Authorization: x", "Max-Forwards: 3"]


def chunked(*pieces, trailers=(), head=b"HTTP/1.1 200 OK\r\nTrailer: grpc-status\r\n"):
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n" + "".join(f"{line}\r\n" for line in trailers).encode() + b"\r\n"


@test
def trailers_of_an_answer_reach_the_client_over_both_protocols():
    lines = ["grpc-status: 0", "Grpc-Message:  all is well ", "x-empty:", "etag: \"1\""]
    wanted = [("grpc-status", "0"), ("grpc-message", "all is well"), ("x-empty", ""), ("etag", "\"1\"")]
    bodies = ((), (b"hello",), (b"x" * 100, b"y" * 30000, b"z" * 200000))
    for pieces in bodies:
        def serve(request, connection, pieces=pieces):
            return chunked(*pieces, trailers=lines)
        with plain(serve) as front, Client(front.port) as client:
            for _ in range(3):  # the connections go on behind it
                response = client.send(b"GET /a/ HTTP/1.1\r\nHost: one.example\r\nTE: trailers\r\n\r\n").response()
                assert response.body == b"".join(pieces), (len(response.body), len(pieces))
                assert [(name.lower(), value) for name, value in response.trailers] == wanted, response.trailers
                assert response.fields["trailer"] == "grpc-status"
            assert front.statistics()["upstream"] == 1
        with secure(serve) as front, Http2(front.port) as client:
            for _ in range(3):
                response = client.ask("/a/x", "GET", "one.example", "https", ("te", "trailers"))
                assert response.body == b"".join(pieces) and response.status == 200
                assert response.trailers == wanted, response.trailers
            assert front.app.requests[0].fields["te"] == "trailers"
            assert client.ping() and not client.goaways


@test
def trailers_come_with_the_last_piece_however_it_is_cut():
    whole = chunked(b"hello", b"world", trailers=["x-sum: 12345", "x-more: yes"])
    begin = whole.index(b"\r\n\r\n") + 4

    def serve(request, connection):
        cut = begin + int(request.line.split()[1].rpartition("/")[2])
        connection.sendall(whole[:cut])
        time.sleep(0.005)
        connection.sendall(whole[cut:])
        return b""

    with plain(serve) as front, Client(front.port) as client:
        for cut in range(0, len(whole) - begin, 3):
            response = client.send(b"GET /a/%d HTTP/1.1\r\nHost: one.example\r\n\r\n" % cut).response()
            assert response.body == b"helloworld", cut
            assert response.trailers == [("x-sum", "12345"), ("x-more", "yes")], (cut, response.trailers)


@test
def trailers_of_a_request_reach_the_application_over_both_protocols():
    for body in (b"", b"some body", b"x" * 300000):
        with plain(lambda request, _: answer(b"ok")) as front, Client(front.port) as client:
            data = chunked(*([body[:7], body[7:]] if body else []), trailers=["X-Sum: 7", "x-other: a: b"],
                           head=b"POST /a/ HTTP/1.1\r\nHost: one.example\r\nTrailer: X-Sum\r\n")
            for _ in range(3):
                assert client.send(data).response().status == 200
            for got in front.app.requests:
                assert got.body == body, (len(got.body), len(body))
                assert got.trailers == [("X-Sum", "7"), ("x-other", "a: b")], got.trailers
                assert got.fields["trailer"] == "X-Sum" and "content-length" not in got.fields
            assert front.statistics()["upstream"] == 1
        with secure(lambda request, _: answer(b"ok")) as front, Http2(front.port) as client:
            stream = client.head(request("/a/", "POST"), end=False)
            for at in range(0, min(len(body), 60000), 16000):
                client.data(stream, body[at:at + 16000][:60000 - at], end=False)
            client.head([("x-sum", "7"), ("cookie", "a=b"), ("x-forwarded-for", "6.6.6.6")], end=True, stream=stream)
            assert client.response(stream).status == 200
            (got,) = front.app.requests
            assert got.body == body[:60000] and got.trailers == [("x-sum", "7")], (len(got.body), got.trailers)


@test
def what_may_not_stand_in_trailers_is_dropped_both_ways():
    with plain(lambda request, _: chunked(b"hello", trailers=[*FORBIDDEN, "x-good: 1"])) as front:
        data = chunked(b"body", trailers=[*FORBIDDEN, "x-good: 1"], head=b"POST /a/ HTTP/1.1\r\nHost: one.example\r\n")
        response = ask(front, data)
        assert response.body == b"hello" and response.trailers == [("x-good", "1")], response.trailers
        (got,) = front.app.requests
        assert got.body == b"body" and got.trailers == [("x-good", "1")], got.trailers
        assert got.fields["x-forwarded-for"] == "127.0.0.1"
    with plain(lambda request, _: answer(request.body)) as front:
        data = chunked(b"body", trailers=FORBIDDEN, head=b"POST /a/ HTTP/1.1\r\nHost: one.example\r\n")
        assert ask(front, data).body == b"body"
        assert front.app.requests[0].fields["content-length"] == "4", "nothing is left: no need for chunks"


@test
def where_one_side_cannot_trailers_are_left_out_and_nothing_else():
    with plain(lambda request, _: chunked(b"hello", trailers=["x-sum: 1"])) as front:
        old = ask(front, b"GET /a/ HTTP/1.0\r\nHost: one.example\r\n\r\n")
        assert old.body == b"hello" and "trailer" not in old.fields, old.fields
        head = ask(front, b"HEAD /a/ HTTP/1.1\r\nHost: one.example\r\nConnection: close\r\n\r\n", "HEAD")
        assert head.status == 200


@test
def trailers_that_are_wrong_or_too_many_end_what_they_belong_to():
    head = b"POST /a/ HTTP/1.1\r\nHost: one.example\r\n"
    with plain(lambda request, _: answer(b"ok")) as front:
        for trailers in (["x y: 1"], ["no colon"], [" x: 1"], ["x: \x01"], [f"x{n}: {'v' * 1000}" for n in range(9)]):
            response = ask(front, chunked(b"body", trailers=trailers, head=head))
            assert response.status in (400, 431), (trailers, response.status)
        assert front.app.requests == []
        many = ask(front, chunked(b"body", trailers=[f"x{n}: 1" for n in range(200)], head=head))
        assert many.status == 200 and len(front.app.requests[0].trailers) == 64
    with plain(lambda request, _: chunked(b"hello", trailers=["x y: 1"])) as front, Client(front.port) as client:
        client.send(b"GET /a/ HTTP/1.1\r\nHost: one.example\r\n\r\n")
        try:
            response = client.response()
            assert response.status == 502, response.status
        except AssertionError as why:
            assert "ended" in str(why), why
        front.wait_for(lambda: "AppBadResponse" in front.reasons())


run()
