#!/usr/bin/env python3
"""The HTTPS service before clients that speak HTTP/2. TAP."""
import pathlib
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import Skip, run, test  # noqa: E402
from http2_client import (CANCEL, INTERNAL_ERROR, NO_ERROR, RST_STREAM, WINDOW_UPDATE, Http2, frame, request)  # noqa: E402
from scene import PROGRAM, WORK, Client, answer, certificate, secure, tls_context  # noqa: E402


@test
def row_51_http2_is_chosen_by_clients_that_offer_it_and_http1_by_others():
    with secure() as front:
        with Http2(front.port) as client:
            response = client.ask()
            assert (response.status, response.body) == (200, b"hello"), vars(response)
            assert response.fields["content-length"] == "5" and response.fields["x-request-id"]
            assert "connection" not in response.fields and "transfer-encoding" not in response.fields
        with Client(front.port, tls=True) as client:
            assert client.socket.selected_alpn_protocol() is None
            assert client.send(b"GET /a/ HTTP/1.1\r\nHost: x\r\n\r\n").response().body == b"hello"
        front.wait_for(lambda: len(front.access) == 2)
        assert [line["protocol"] for line in front.access] == ["HTTP/2.0", "HTTP/1.1"], front.access


@test
def a_request_over_http2_looks_to_the_application_like_any_other():
    with secure() as front, Http2(front.port) as client:
        client.response(client.head(request("/a/b?c=d", "GET", "one.example:8443", "https", ("cookie", "a=1"), ("x-one", "two"),
                                            ("cookie", "b=2"), ("x-forwarded-for", "6.6.6.6"), ("te", "trailers"))))
        seen = front.app.requests[0]
        assert seen.line == "GET /a/b?c=d HTTP/1.1", seen.line
        assert seen.fields["host"] == "one.example:8443" and seen.fields["cookie"] == "a=1; b=2", seen.fields
        assert seen.names.count("cookie") == 1 and seen.fields["x-one"] == "two"
        assert seen.fields["x-forwarded-for"] == "127.0.0.1" and seen.fields["x-forwarded-proto"] == "https"
        assert seen.fields["te"] == "trailers" and not any(name.startswith(":") for name in seen.names)


@test
def many_requests_of_one_connection_are_served_at_one_time_and_in_any_order():
    gates = {str(n): threading.Event() for n in range(20)}

    def serve(request, _):
        number = request.fields["x-number"]
        gates[number].wait(10)
        return answer(number.encode())

    with secure(serve) as front, Http2(front.port) as client:
        streams = [client.head(request("/a/", "GET", "h", "https", ("x-number", str(n)))) for n in range(20)]
        front.wait_for(lambda: len(front.app.requests) == 20)
        for n in reversed(range(20)):
            gates[str(n)].set()
            assert client.response(streams[n]).body == str(n).encode()
        assert front.statistics()["connections"] == 1


@test
def bodies_of_every_size_arrive_whole_both_ways_over_http2():
    with secure(lambda request, _: answer(request.body), "body_memory=100000", "response_memory=100000") as front, \
            Http2(front.port) as client:
        for size in (1, 16384, 65536, 65537, 1000000):
            payload = bytes(n % 251 for n in range(size))
            response = client.response(client.upload(payload))
            assert response.status == 200 and response.body == payload, (size, response.status, len(response.body))
            assert front.app.requests[-1].fields["content-length"] == str(size)
        assert client.response(client.upload(b"x" * 70000, ("content-length", "70000"))).body == b"x" * 70000
        front.wait_for(lambda: len(front.access) == 6)
        assert [line["request_bytes"] for line in front.access][-2:] == [1000000, 70000]
        assert front.access[-1]["body_bytes"] == 70000 and front.access[-1]["complete"]
        assert front.statistics()["files"] >= 2


@test
def chunked_and_endless_responses_end_their_streams():
    parts = {"/a/chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-T: 1\r\n\r\n",
             "/a/empty": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}

    def serve(request, connection):
        path = request.line.split()[1]
        if path in parts:
            return parts[path]
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nto the end")
        return None

    with secure(serve) as front, Http2(front.port) as client:
        assert client.ask("/a/chunked").body == b"abcdefg"
        assert client.ask("/a/empty").body == b""
        assert client.ask("/a/end").body == b"to the end"


@test
def head_204_and_304_have_no_body_over_http2():
    def serve(request, _):
        path = request.line.split()[1]
        return {"/a/204": b"HTTP/1.1 204 No Content\r\n\r\n",
                "/a/304": b"HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n"}.get(
                    path, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + (b"" if request.line.startswith("HEAD") else b"hello"))

    with secure(serve) as front, Http2(front.port) as client:
        response = client.ask("/a/x", "HEAD")
        assert (response.body, response.fields["content-length"]) == (b"", "5")
        assert client.ask("/a/204").status == 204 and client.ask("/a/304").fields["etag"] == "\"1\""
        assert client.ask("/a/x").body == b"hello"


@test
def a_client_that_waits_for_100_continue_is_told_so_over_http2():
    with secure(lambda request, _: answer(request.body)) as front, Http2(front.port) as client:
        stream = client.head(request("/a/", "POST", "h", "https", ("expect", "100-continue")), end=False)
        while not client.responses[stream].interim:
            assert client.step()
        assert client.responses[stream].interim == [100]
        assert client.data(stream, b"now").response(stream).body == b"now"
        assert "expect" not in front.app.requests[0].fields


@test
def trailers_end_a_request():
    with secure(lambda request, _: answer(request.body)) as front, Http2(front.port) as client:
        stream = client.head(request("/a/", "POST"), end=False)
        client.data(stream, b"body", end=False)
        client.head([("x-checksum", "1")], end=True, stream=stream)
        assert client.response(stream).body == b"body"
        assert "x-checksum" not in front.app.requests[0].fields
        assert front.app.requests[0].trailers == [("x-checksum", "1")]


@test
def a_body_that_is_too_large_is_refused_and_the_connection_goes_on():
    with secure(None, "body_max=100000") as front, Http2(front.port) as client:
        told = client.head(request("/a/", "POST", "h", "https", ("content-length", "100001")), end=False)
        response = client.response(told)
        assert response.status == 413 and b"too large" in response.body
        assert client.response(client.upload(b"x" * 200000)).status == 413
        while client.responses[told].reset is None:
            assert client.step()
        assert client.responses[told].reset == NO_ERROR
        for _ in range(20): # the connection's window is given back for what was refused
            client.upload(b"x" * 100000)
        assert client.ask().status == 200
        assert front.reasons().count("EntityTooLarge") == 2, front.reasons()


@test
def what_is_wrong_with_a_request_is_answered_over_http2_too():
    with secure() as front, Http2(front.port) as client:
        assert client.ask("/nobody").status == 400
        assert client.ask("/a/", "GET", "h", "http").status == 400 # it came by https
        assert client.ask("/a/" + "x" * 17000).status == 414
        assert client.response(client.head(request("/a/", "GET", "h", "https", *((f"x-{n}", "v") for n in range(120))))).status == 431
        assert client.response(client.head(request("/a/", "GET", "h", "https", ("x-big", "v" * 50000)))).status == 431
        assert client.ask("/a/", "GET", "h\u00e9 llo").status in (400, None)
        assert client.ask().status == 200
        with Client(front.port, tls=True) as old:
            old.send(b"GET /nobody HTTP/1.1\r\nHost: x\r\n\r\n").response()
        with Client(front.port, tls=True) as older:
            older.send(b"GET /nobody HTTP/1.0\r\n\r\n").response()
        front.wait_for(lambda: {t["protocol"] for t in front.trouble} == {"HTTP/2.0", "HTTP/1.1", "HTTP/1.0"})


@test
def a_reset_stream_aborts_its_application_and_no_other():
    gone, go_on = threading.Event(), threading.Event()

    def serve(request, connection):
        if "leave" not in request.line:
            go_on.wait(10)
            return answer(b"stayed")
        if connection.recv(1) == b"": # waits for more: its end comes
            gone.set()
        return None

    with secure(serve) as front, Http2(front.port) as client:
        left, stays = client.head(request("/a/leave")), client.head(request("/a/stay"))
        front.wait_for(lambda: len(front.app.requests) == 2)
        client.raw(frame(RST_STREAM, 0, left, struct.pack(">I", CANCEL)))
        assert gone.wait(10), "the application was not told"
        go_on.set()
        assert client.response(stays).body == b"stayed"
        front.wait_for(lambda: len(front.access) == 2)
        assert [(line["target"], line["complete"]) for line in front.access] == [("/a/leave", False), ("/a/stay", True)]


@test
def a_response_that_breaks_off_resets_its_stream_and_no_other():
    def serve(request, connection):
        if "broken" not in request.line:
            return answer(b"whole")
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        return None

    with secure(serve) as front, Http2(front.port) as client:
        broken = client.ask("/a/broken")
        assert broken.reset == INTERNAL_ERROR and not broken.ended, vars(broken)
        assert client.ask("/a/whole").body == b"whole"
        front.wait_for(lambda: "AppDropped" in front.reasons())


@test
def a_stream_that_takes_nothing_holds_no_other_and_no_worker():
    big = b"x" * 3000000

    def serve(request, _):
        return answer(big if "big" in request.line else b"small")

    with secure(serve) as front, Http2(front.port, window=10, greedy=False) as client:
        stream = client.head(request("/a/big"))
        front.wait_for(lambda: front.statistics()["requests_now"] == 1 and len(front.app.requests) == 1)
        for _ in range(20):
            assert client.ask("/a/small").body == b"small"
        front.wait_for(lambda: front.statistics()["files"] == 1) # the application is done with it
        client.raw(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", len(big))) +
                   frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", len(big))))
        assert client.response(stream).body == big


@test
def streams_that_take_nothing_keep_applications_waiting_beyond_a_share():
    """Eight streams may use files; the applications of the others wait, and all get everything in the end."""
    big = bytes(range(256)) * 8000
    with secure(lambda request, _: answer(big), "response_memory=65536") as front, \
            Http2(front.port, window=0, greedy=False) as client:
        streams = [client.head() for _ in range(30)]
        front.wait_for(lambda: len(front.app.requests) == 30 and front.statistics()["files"] == 8)
        time.sleep(0.2)
        assert front.statistics()["files"] == 8
        client.greedy = True
        client.raw(b"".join(frame(WINDOW_UPDATE, 0, s, struct.pack(">I", 65535)) for s in streams))
        for stream in streams:
            assert client.response(stream).body == big


@test
def bodies_of_many_streams_are_read_within_a_share():
    payload = b"y" * 200000
    with secure(lambda request, _: answer(str(len(request.body)).encode()), "body_memory=16384") as front, \
            Http2(front.port) as client:
        streams = [client.head(request("/a/", "POST"), end=False) for _ in range(40)]
        client.ping()
        refused = [s for s in streams if client.responses[s].reset is not None]
        assert len(refused) == 8, len(refused) # more bodies at a time than 32: they are told to come again
        for stream in refused:
            assert client.responses[stream].reset == 7
        for stream in (s for s in streams if s not in refused):
            client.data(stream, b"z" * 1000)
            assert client.response(stream).body == b"1000"
        assert client.response(client.upload(payload)).body == b"200000"


@test
def a_host_with_another_certificate_is_not_served_on_a_connection_of_the_first():
    with secure() as front:
        port, one, two = front.port, certificate("one.example"), certificate("two.example")
        front.apply(*front.lines, f"bind 0.0.0.0 {port} one.example 11 {one}", f"bind 0.0.0.0 {port} alias.example 12 {one}",
                    f"bind 0.0.0.0 {port} two.example 13 {two}", f"bind 0.0.0.0 {port} strict.example 14 {one} 1.3",
                    f"bind 0.0.0.0 {port} - 15 {two}")
        with Http2(port) as client:
            for host, status in (("one.example", 200), ("ONE.example:443", 200), ("alias.example", 200), # same certificate
                                 ("two.example", 421), ("unknown.example", 421), ("strict.example", 421),
                                 ("one.example", 200)):
                assert client.ask("/a/", "GET", host).status == status, host
            assert front.reasons().count("Misdirected") == 3, front.reasons()
        with Http2(port, name="two.example") as client:
            assert client.ask("/a/", "GET", "two.example").status == 200
            assert client.ask("/a/", "GET", "one.example").status == 421
        for host, status in ((b"two.example", 200), (b"strict.example", 421), (b"one.example", 200)):
            with Client(port, tls=True) as client: # HTTP/1.1: what a row asks of clients cannot be come past either
                assert client.send(b"GET /a/ HTTP/1.1\r\nHost: " + host + b"\r\n\r\n").response().status == status, host


# ---- the plan changes -----------------------------------------------------------------------------------------

@test
def a_replaced_binding_ends_its_http2_connections_after_their_streams_and_no_others():
    gate = threading.Event()

    def serve(request, _):
        if "slow" in request.line:
            gate.wait(10)
        return answer(b"done")

    with secure(serve) as front, Http2(front.port) as busy, Http2(front.port) as idle, Http2(front.other) as other:
        assert busy.ask().status == idle.ask().status == other.ask().status == 200
        slow = busy.head(request("/a/slow"))
        front.wait_for(lambda: len(front.app.requests) == 4)
        front.apply(*front.lines, f"bind 0.0.0.0 {front.port} - 3 {certificate('three')}", front.second)
        while not busy.goaways:
            assert busy.step()
        assert busy.goaways[0] == (0x7FFFFFFF, NO_ERROR)
        assert busy.ask().body == b"done" # on its way already: it is served
        gate.set()
        assert busy.response(slow).body == b"done"
        assert busy.rest() == NO_ERROR and busy.goaways[-1][0] == busy.last
        assert idle.rest() == NO_ERROR and len(idle.goaways) == 2
        assert other.ask().status == 200 and not other.goaways
        with Http2(front.port) as new:
            assert new.ask().status == 200


@test
def a_removed_binding_ends_idle_http2_connections_at_once_and_busy_ones_after_their_streams():
    gate = threading.Event()

    def serve(request, _):
        gate.wait(10)
        return answer(b"done")

    with secure(serve) as front, Http2(front.port) as busy, Http2(front.port) as idle:
        slow = busy.head()
        idle.ping()
        front.wait_for(lambda: len(front.app.requests) == 1)
        front.apply(*front.lines[:1], front.lines[2], front.second)
        assert idle.rest() == NO_ERROR
        gate.set()
        assert busy.response(slow).body == b"done"
        assert busy.rest() == NO_ERROR


@test
def a_drained_front_finishes_its_streams_and_ends():
    gate = threading.Event()

    def serve(request, _):
        gate.wait(10)
        return answer(b"done")

    with secure(serve) as front, Http2(front.port) as busy, Http2(front.port) as idle:
        slow = busy.head()
        idle.ping()
        front.wait_for(lambda: len(front.app.requests) == 1)
        front.tell("drain")
        assert idle.rest() == NO_ERROR
        gate.set()
        assert busy.response(slow).body == b"done"
        assert busy.rest() == NO_ERROR
        assert front.answer() == "drained"


@test
def no_stream_fails_while_certificates_are_replaced_under_load():
    with secure() as front:
        load = subprocess.Popen(["h2load", "-D", "3", "-c", "8", "-m", "8", f"https://127.0.0.1:{front.other}/a/"],
                                stdout=subprocess.PIPE, text=True)
        generation = 10
        while load.poll() is None:
            generation += 1
            front.apply(*front.lines, f"bind 0.0.0.0 {front.port} - {generation} {certificate('three')}", front.second)
            time.sleep(0.05)
        report = load.communicate(timeout=20)[0]
        line = next(line for line in report.splitlines() if line.startswith("requests:"))
        print(f"# {line}; {generation - 10} changes")
        assert " 0 failed, 0 errored, 0 timeout" in line and generation > 20, report


# ---- other clients ----------------------------------------------------------------------------------------------

@test
def curl_and_nghttp_are_served():
    with secure(lambda request, _: answer(request.body or b"hello")) as front:
        url = f"https://127.0.0.1:{front.port}/a/"
        got = subprocess.run(["timeout", "20", "curl", "-sk", "--http2", "-w", " %{http_version}", url],
                             capture_output=True, text=True, check=True).stdout
        assert got == "hello 2", got
        file = pathlib.Path(WORK.name) / "upload"
        file.write_bytes(b"u" * 3000000)
        got = subprocess.run(["timeout", "20", "curl", "-sk", "--http2", "-T", file, url], capture_output=True,
                             check=True).stdout
        assert got == b"u" * 3000000, len(got)
        got = subprocess.run(["timeout", "20", "nghttp", "-ns", "--no-verify-peer", url, url + "1", url + "2"],
                             capture_output=True, text=True, check=True).stdout
        assert got.count(" 200 ") == 3, got


@test
def idle_connections_of_http2_hold_little_memory():
    if "asan" in subprocess.run(["ldd", PROGRAM], capture_output=True, text=True).stdout:
        raise Skip("the address sanitizer keeps memory of its own")

    def resident():
        with open(f"/proc/{front.process.pid}/smaps_rollup") as file:
            return int(next(line for line in file if line.startswith("Pss:")).split()[1])

    with secure() as front:
        context = tls_context()
        clients = [Http2(front.port, context=context) for _ in range(50)]
        before = resident()
        clients += [Http2(front.port, context=context) for _ in range(300)]
        for client in clients:
            assert client.ask().status == 200
        per_connection = (resident() - before) / 300
        print(f"# {per_connection:.1f} KB per idle connection of HTTP/2")
        assert per_connection < 60, per_connection
        for client in clients:
            client.close()


run()
WORK.cleanup()
