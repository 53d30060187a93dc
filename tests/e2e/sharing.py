#!/usr/bin/env python3
"""One port, several applications: a real nginx as neighbour, another report server instance, and web servers in front
of Bindery. Nobody notices what happens to the others. TAP."""
import http.client
import os
import shutil
import signal
import threading
import urllib.parse

from harness import APPLICATIONS, Instance, basic, free_port, run, test, wait_until
from neighbours import Neighbour, TlsApache, TlsNginx


class Stream:
    """One client of one path on one connection that is kept alive; counts what went wrong, and each new connection."""

    def __init__(self, instance, path, expected, name="localhost"):
        self.instance, self.path, self.expected, self.name = instance, path, expected, name
        self.done, self.connections, self.failures, self.stop = 0, 0, [], threading.Event()
        self.thread = threading.Thread(target=self.ask_on)

    def ask_on(self):
        connection = None
        while not self.stop.is_set():
            fresh = connection is None
            try:
                if fresh:
                    connection = http.client.HTTPSConnection(self.name, self.instance.port, timeout=30,
                                                             context=self.instance.context())
                    connection.sock = self.instance.connect(name=self.name)
                    self.connections += 1
                connection.request("GET", self.path, headers=basic("admin"))
                response = connection.getresponse()
                body = response.read()
                if response.status != 200 or self.expected not in body:
                    self.failures.append(f"{response.status} {body[:80]}")
                self.done += 1
                if response.getheader("Connection", "").lower() == "close":
                    connection.close()
                    connection = None
            except Exception as error:
                closed = isinstance(error, (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError))
                if fresh or not closed:
                    self.failures.append(repr(error))
                connection = None

    def more(self, count=20):
        before = self.done
        wait_until(lambda: self.done >= before + count, what="requests go on")

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def add(instance, neighbour, url, name="shop"):
    instance.bindery("app", "add", name, "--to", neighbour.target)
    instance.bindery("url", "reserve", "--app", name, url)
    instance.bindery("tls", "bind", "--app", name, "--cert", instance.thumbprint, "--address", "127.0.0.1", "--port",
                     instance.port)


@test
def row_29_a_neighbour_shares_the_port_by_its_own_urls_and_claims():
    with Instance() as instance, Neighbour() as neighbour:
        add(instance, neighbour, f"https://*:{instance.port}/")
        answer = instance.get("/shop/cart?x=1")
        assert answer.status == 200 and answer.text == "neighbour /shop/cart", answer.text
        assert instance.get("/ReportServer").status == 200
        rows = instance.json("tls", "list")["bindings"]
        assert len(rows) == 1 and "shop" in rows[0]["applications"], rows
        listed = {row["application"]: row for row in instance.json("app", "list")["applications"]}
        assert listed["shop"]["reachable"] and listed["shop"]["urls"] == [f"https://*:{instance.port}/"], listed
        health = {row["application"]: row for row in instance.json("status")["front"]["applications"]}
        assert health["shop"]["ok"] and health["shop"]["requests"] == 1 and health["shop"]["failures"] == 0, health
        # The report server gives its claims up: the row stays for the neighbour.
        for app in APPLICATIONS:
            instance.bindery("tls", "unbind", "--app", app, "--address", "127.0.0.1", "--port", instance.port)
        assert instance.get("/shop").status == 200
        rows = instance.json("tls", "list")["bindings"]
        assert rows[0]["applications"] == ["shop"], rows


@test
def row_29_an_application_in_use_is_not_removed():
    with Instance() as instance, Neighbour() as neighbour:
        add(instance, neighbour, f"https://*:{instance.port}/")
        refused = instance.bindery("app", "remove", "shop", check=False)
        assert refused.returncode == 3 and f"https://*:{instance.port}/" in refused.stderr, refused
        assert instance.get("/shop").status == 200
        instance.bindery("app", "remove", "shop", "--force")
        assert instance.get("/shop").status in (400, 404)
        assert instance.get("/ReportServer").status == 200
        assert instance.bindery("app", "remove", "shop", check=False).returncode == 4
        assert instance.bindery("app", "remove", APPLICATIONS[0], "--force", check=False).returncode == 3


@test
def row_4_a_neighbour_that_is_down_is_told_by_name_and_nobody_answers_for_it():
    with Instance() as instance, Neighbour() as neighbour:
        add(instance, neighbour, f"https://*:{instance.port}/")
        assert instance.get("/shop").status == 200
        neighbour.stop()
        assert instance.get("/shop").status == 503
        assert instance.get("/ReportServer").status == 200
        health = {row["application"]: row for row in instance.json("status")["front"]["applications"]}
        assert not health["shop"]["ok"] and "AppOffline" in health["shop"]["last_failure"], health
        listed = {row["application"]: row for row in instance.json("app", "list")["applications"]}
        assert not listed["shop"]["reachable"] and "nobody accepts connections" in listed["shop"]["message"], listed


@test
def targets_that_are_no_place_for_an_application_are_refused():
    with Instance(serve=False) as instance:
        for target in ("https://127.0.0.1:1", "http://10.0.0.5:80", "unix:here", "http://127.0.0.1:0", "unix:/" + "x" * 108):
            refused = instance.bindery("app", "add", "shop", "--to", target, check=False)
            assert refused.returncode == 1, (target, refused)
        assert instance.bindery("app", "add", "1shop", "--to", "unix:/x", check=False).returncode == 1
        instance.bindery("app", "add", "shop", "--to", "http://127.0.0.1:9/")
        refused = instance.bindery("app", "add", "other", "--to", "http://localhost:9", check=False)
        assert refused.returncode == 3 and "shop" in refused.stderr, refused
        instance.bindery("app", "add", "shop", "--to", "unix:/run/shop.sock")
        listed = {row["application"]: row["target"] for row in instance.json("app", "list")["applications"]}
        assert listed["shop"] == "unix:/run/shop.sock", listed


@test
def row_28_a_neighbour_notices_nothing_of_the_report_server():
    """The report server comes, goes, changes certificates and is removed; the neighbour's one connection lives on."""
    with Instance(bind=False) as instance, Neighbour() as neighbour:
        instance.thumbprint = instance.create_certificate()
        add(instance, neighbour, f"https://*:{instance.port}/")
        own = [instance.json("cert", "create", "--host", "reports.example", "--name", f"own{n}")["thumbprint"] for n in (1, 2)]
        both = [word for app in APPLICATIONS for word in ("--app", app)]
        here = ["--host", "reports.example", "--port", instance.port]
        with Stream(instance, "/shop", b"neighbour /shop") as stream:
            for round in range(3):
                instance.reserve()
                instance.bindery("tls", "bind", *both, "--cert", own[0], *here)
                stream.more()
                instance.bindery("tls", "bind", *both, "--cert", own[1], *here)
                stream.more()
                for worker in instance.children("worker"):
                    os.kill(worker, signal.SIGKILL)
                stream.more()
                instance.bindery("tls", "unbind", *both, *here)
                for app, directory in zip(APPLICATIONS, ("ReportServer", "Reports")):
                    instance.bindery("url", "remove", "--app", app, f"https://+:{instance.port}/{directory}")
                stream.more()
            instance.setting(IsWebServiceEnabled="False")
            stream.more()
        assert not stream.failures, stream.failures[:5]
        assert stream.connections == 1, f"{stream.connections} connections"


@test
def row_9_another_instance_is_served_under_its_own_names():
    with Instance() as first, Instance(bind=False, serve=False) as second:
        shutil.rmtree(second.path)
        second.bindery("init", "--instance-name", "SALES")
        second.add_user("admin", "administrator")
        second.start()
        planned = first.json("app", "add", "SALES", "--report-server", second.path, "--dry-run")
        assert not planned["changed"] and len(planned["steps"]) == 2, planned
        first.bindery("app", "add", "SALES", "--report-server", second.path)
        for app in APPLICATIONS:
            first.bindery("url", "reserve", "--app", f"{app}_SALES", f"https://+:{first.port}")
        urls = [row["url"] for row in first.json("url", "list")["reservations"]]
        assert f"https://+:{first.port}/ReportServer_SALES/" in urls and f"https://+:{first.port}/Reports_SALES/" in urls, urls
        for path in ("/ReportServer", "/Reports", "/ReportServer_SALES", "/Reports_SALES/"):
            assert first.get(path).status < 400, path
        place = urllib.parse.urlsplit(first.get("/Reports_SALES/").headers["location"])
        assert place.path.startswith("/Reports_SALES/"), place
        page = first.get(place.path).text
        assert "/Reports_SALES/" in page and "/Reports/" not in page, page[:500]
        assert first.get("/ReportServer_SALES", user="reader").status == 401, "the second instance has its own accounts"
        second.stop()
        assert first.get("/ReportServer_SALES").status == 503
        assert first.get("/ReportServer").status == 200
        assert first.bindery("app", "remove", "SALES", check=False).returncode == 3
        first.bindery("app", "remove", "SALES", "--force")
        assert first.get("/ReportServer_SALES").status in (400, 404)


@test
def row_6_instances_with_the_same_names_are_refused():
    with Instance(serve=False) as first, Instance(bind=False, serve=False) as second:
        refused = first.bindery("app", "add", "SALES", "--report-server", second.path, check=False)
        assert refused.returncode == 3 and "ReportServer" in refused.stderr, refused
        assert first.bindery("app", "add", "SALES", "--report-server", "/nowhere", check=False).returncode == 4


def behind(instance, front):
    """A client of the web server in front; `instance` is reached by plain HTTP."""
    port = free_port()
    instance.reserve(port, "http")
    files = instance.path / "certs"
    instance.create_certificate("--name", "front")
    return front(files / "front.crt", files / "front.key", port)


def asks_through(instance, front):
    with front:
        for path, user, status in (("/ReportServer", "admin", 200), ("/ReportServer", None, 401), ("/nobody", "admin", 400)):
            answer = instance.get(path, user=user, port=front.port)
            assert answer.status == status, (path, answer.status)
        body = b"x" * 3_000_000
        answer = instance.get("/ReportServer", method="POST", body=body, port=front.port)
        assert answer.status < 500, answer.status
        connection = http.client.HTTPSConnection("localhost", front.port, context=instance.context(), timeout=30)
        for _ in range(20):
            connection.request("GET", "/ReportServer", headers=basic("admin"))
            response = connection.getresponse()
            response.read()
            assert response.status == 200
        connection.close()


@test
def nginx_in_front_terminates_tls():
    with Instance(AllowPasswordsOverHttp="True") as instance:
        asks_through(instance, behind(instance, TlsNginx))


@test
def apache_in_front_terminates_tls():
    with Instance(AllowPasswordsOverHttp="True") as instance:
        asks_through(instance, behind(instance, TlsApache))


run()
