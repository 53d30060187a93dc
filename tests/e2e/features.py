#!/usr/bin/env python3
"""Rows of docs/https-features.md that no other script is about: URLs, addresses, ports, removal, the right to listen.
A real server, real clients. TAP."""
import json
import os
import pathlib
import pwd
import shutil
import socket
import ssl
import subprocess

from harness import APPLICATIONS, BINDERY, Instance, Skip, run, test, wait_until

SERVICE, PORTAL = APPLICATIONS


def urls(instance):
    return [row["url"] for row in instance.json("url", "list")["reservations"]]


def set_level(instance, level):
    """The configuration API's SetSecureConnectionLevel, by curl over its socket."""
    subprocess.run(["curl", "-sS", "--fail-with-body", "--max-time", "30", "--unix-socket", instance.path / "run" / "api.sock",
                    "-H", "Content-Type: application/json", "-d", json.dumps({"Level": level}),
                    "http://localhost/v1/SetSecureConnectionLevel"], check=True, capture_output=True)


def config(instance):
    return (instance.path / "rsreportserver.config").read_text()


def answers(instance, path, host):
    """The status of a request for `path` at the instance's port that names `host`."""
    with instance.connect() as stream:
        stream.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return int(stream.makefile("rb").readline().split()[1])


@test
def row_5_reservations_change_while_the_server_runs_and_outlive_it():
    with Instance() as instance:
        before = instance.server.pid, instance.children("front")
        assert answers(instance, "/ReportServer", "localhost") == 401
        instance.bindery("url", "remove", "--app", SERVICE, f"https://+:{instance.port}/ReportServer")
        assert answers(instance, "/ReportServer", "localhost") == 400, "nobody reserved it any more"
        assert answers(instance, "/Reports", "localhost") in (302, 401), "the other application goes on"
        instance.bindery("url", "reserve", "--app", SERVICE, f"https://+:{instance.port}/ReportServer")
        assert answers(instance, "/ReportServer", "localhost") == 401
        assert before == (instance.server.pid, instance.children("front"))
        instance.stop()
        instance.start()
        assert answers(instance, "/ReportServer", "localhost") == 401


@test
def row_7_one_application_has_many_urls_and_one_virtual_directory():
    with Instance() as instance:
        for name in ("one.example", "two.example"):
            instance.bindery("url", "reserve", "--app", SERVICE, f"https://{name}:{instance.port}/ReportServer")
            assert answers(instance, "/ReportServer", name) == 401
        assert sum(url.endswith("/ReportServer/") for url in urls(instance)) == 3
        refused = instance.bindery("url", "reserve", "--app", SERVICE, f"https://three.example:{instance.port}/Other", check=False)
        assert refused.returncode == 3 and "/ReportServer/, not /Other/" in refused.stderr, refused


@test
def row_10_urls_are_reserved_and_removed_again_and_again_without_harm():
    with Instance(serve=False) as instance:
        url = f"https://again.example:{instance.port}/ReportServer"
        add, drop = ("url", "reserve", "--app", SERVICE, url), ("url", "remove", "--app", SERVICE, url)
        assert [instance.json(*add)["changed"] for _ in range(2)] == [True, False]
        assert url + "/" in urls(instance)
        assert [instance.json(*drop)["changed"] for _ in range(2)] == [True, False]
        assert url + "/" not in urls(instance)


@test
def row_11_a_virtual_directory_is_renamed_in_all_urls_at_once():
    with Instance() as instance:
        instance.bindery("url", "reserve", "--app", PORTAL, f"https://portal.example:{instance.port}/Reports")
        instance.bindery("url", "directory", "--app", PORTAL, "Berichte")
        assert {url.rsplit("/", 2)[1] for url in urls(instance)} == {"ReportServer", "Berichte"}
        assert answers(instance, "/Reports", "localhost") == 400
        assert answers(instance, "/berichte", "portal.example") in (302, 401), "upper and lower case are the same"
        wait_until(lambda: "<VirtualDirectory>Berichte</VirtualDirectory>" in config(instance), what="the new name in the file")
        before = urls(instance)
        refused = instance.bindery("url", "directory", "--app", PORTAL, "ReportServer", check=False)
        assert refused.returncode in (1, 3) and SERVICE in refused.stderr, refused
        assert urls(instance) == before


@test
def row_14_a_binding_is_removed_although_its_certificate_is_gone():
    with Instance() as instance:
        for path in (instance.path / "certs").rglob("*"):
            if path.is_file():
                path.unlink()
        wait_until(lambda: not instance.json("cert", "list")["certificates"], what="an empty store")
        for app in APPLICATIONS:
            instance.bindery("tls", "unbind", "--app", app, "--address", "127.0.0.1", "--port", instance.port)
        assert instance.json("tls", "list")["bindings"] == []
        wait_until(lambda: "CertificateHash" not in config(instance), what="a file without the binding")


@test
def row_14_the_same_where_no_server_runs():
    with Instance(serve=False) as instance:
        for path in (instance.path / "certs").glob("*.*"):
            path.unlink()
        assert instance.json("cert", "list")["certificates"] == []
        for app in APPLICATIONS:
            instance.bindery("tls", "unbind", "--app", app, "--address", "127.0.0.1", "--port", instance.port)
        assert instance.json("tls", "list")["bindings"] == []


@test
def row_17_the_wildcard_is_one_row_for_both_families():
    with Instance(bind=False) as instance:
        instance.reserve()
        first = instance.create_certificate()
        for thumbprint in (first, instance.create_certificate("--name", "second")):
            instance.bind(thumbprint, address="0.0.0.0")
            rows = instance.json("tls", "list")["bindings"]
            assert len(rows) == 1 and rows[0]["thumbprint"] == thumbprint, rows
            shown = set()
            for address in ("127.0.0.1", "::1"):
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                with socket.create_connection((address, instance.port), timeout=30) as raw:
                    with context.wrap_socket(raw, server_hostname="localhost") as stream:
                        shown.add(stream.getpeercert(binary_form=True))
            assert len(shown) == 1, "the families show different certificates"


@test
def row_18_any_port_is_a_port_for_tls_and_carries_one_scheme():
    with Instance() as instance:
        assert answers(instance, "/ReportServer", f"localhost:{instance.port}") == 401
        refused = instance.bindery("url", "reserve", "--app", SERVICE, f"http://+:{instance.port}/ReportServer", check=False)
        assert refused.returncode in (1, 3) and str(instance.port) in refused.stderr, refused


@test
def row_21_the_level_changes_the_scheme_of_the_url_root():
    with Instance(UrlRoot="http://reports.example/ReportServer") as instance:
        for level, root in ((1, "https://reports.example/ReportServer"), (0, "http://reports.example/ReportServer"),
                            (3, "https://reports.example/ReportServer")):
            set_level(instance, level)
            assert f"<UrlRoot>{root}</UrlRoot>" in config(instance), level


@test
def row_23_verify_tells_certificate_route_and_database_apart():
    with Instance() as instance:
        def stages():
            checks = instance.json("tls", "verify", check=False)["checks"]
            return {stage: all(check["ok"] for check in checks if check["stage"] == stage) for stage in
                    {check["stage"] for check in checks}}

        good = stages()
        assert {"connect", "handshake", "certificate", "route", "database"} <= set(good) and all(good.values()), good
        instance.bindery("app", "add", "absent", "--to", f"unix:{instance.folder}/nobody.sock")
        instance.bindery("url", "reserve", "--app", "absent", f"https://+:{instance.port}/absent")
        now = stages()
        assert [stage for stage in now if not now[stage]] == ["route"], now
        assert instance.bindery("tls", "verify", check=False).returncode == 1


def low_port():
    for port in range(1023, 600, -1):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Skip("no free port below 1024")


@test
def row_58_an_account_without_roots_rights_listens_on_a_low_port_with_one_capability():
    if os.getuid() != 0 or not shutil.which("setpriv"):
        raise Skip("only root can become somebody else, with setpriv")
    with Instance(bind=False, serve=False) as instance:
        instance.port = low_port()
        thumbprint = instance.create_certificate()
        instance.reserve()
        instance.bind(thumbprint)
        nobody = pwd.getpwnam("nobody")
        for path in (instance.folder, *instance.folder.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        account = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
        with_it = ["--inh-caps=-all,+net_bind_service", "--ambient-caps=-all,+net_bind_service",
                   "--bounding-set=-all,+net_bind_service"]
        instance.log = open(instance.folder / "server.log", "ab")
        instance.server = subprocess.Popen([*account, *with_it, BINDERY, "serve"], env=instance.environment(),
                                           stdout=instance.log, stderr=instance.log)
        instance.bindery("status", "--wait", "30")
        assert instance.get("/ReportServer").status == 200
        status = pathlib.Path(f"/proc/{instance.server.pid}/status").read_text()
        assert f"Uid:\t{nobody.pw_uid}\t" in status, status
        instance.stop()
        without = subprocess.run([*account, "--inh-caps=-all", "--bounding-set=-all", BINDERY, "serve"], env=instance.environment(),
                                 capture_output=True, text=True, timeout=60)
        assert without.returncode == 1, without
        assert f"port {instance.port}" in without.stderr and "CAP_NET_BIND_SERVICE" in without.stderr, without


run()
