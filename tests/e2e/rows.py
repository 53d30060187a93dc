#!/usr/bin/env python3
"""Binding rows: names, settings, who claims them, what became of them. A real server, real TLS clients. TAP."""
import ssl

from harness import APPLICATIONS, Instance, run, shown, test


def certificate(instance, *hosts, key="ecdsa-p256"):
    words = [word for host in hosts for word in ("--host", host)]
    return instance.json("cert", "create", *words, "--key", key, "--name", hosts[0].replace("*", "any") + key)["thumbprint"]


def bind(instance, *certificates, app=APPLICATIONS[0], host=None, address="0.0.0.0", port=None, check=True):
    words = [word for one in certificates for word in ("--cert", one)]
    name = ["--host", host] if host else []
    return instance.bindery("tls", "bind", "--app", app, *words, *name, "--address", address, "--port",
                            port or instance.port, check=check)


def version(instance, most=None, port=None):
    """The version of TLS of a handshake with a client that speaks at most `most`; None where it fails."""
    context = instance.context()
    if most:
        context.maximum_version = most
    try:
        with instance.connect(port, context) as stream:
            return stream.version()
    except (ssl.SSLError, ConnectionError):
        return None


@test
def row_51_a_rows_lowest_version_of_tls_holds_at_once():
    with Instance() as instance:
        row = f"127.0.0.1:{instance.port}"
        assert version(instance, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        instance.bindery("tls", "set", row, "min-version=1.3")
        assert version(instance, ssl.TLSVersion.TLSv1_2) is None
        assert version(instance) == "TLSv1.3"
        assert instance.get("/ReportServer").status == 200
        listed = {s["name"]: s for s in instance.json("tls", "settings", row)["settings"]}
        assert listed["min-version"]["value"] == "1.3" and listed["min-version"]["set"], listed
        refused = instance.bindery("tls", "set", row, "min-version=1.1", check=False)
        assert refused.returncode == 1 and "1.2 or 1.3" in refused.stderr, refused
        instance.stop()
        instance.start()
        assert version(instance, ssl.TLSVersion.TLSv1_2) is None, "the setting was forgotten"
        instance.bindery("tls", "unset", row, "min-version")
        assert version(instance, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        what = [event["what"] for event in instance.json("tls", "history")["events"]]
        assert what[0] == f"set {row}: min-version=" and what[1] == f"set {row}: min-version=1.3", what


@test
def settings_are_planned_and_refused_like_every_change():
    with Instance() as instance:
        row = f"127.0.0.1:{instance.port}"
        plan = instance.json("tls", "set", row, "min-version=1.3", "--dry-run")
        assert not plan["changed"] and "min-version" in plan["steps"][0], plan
        assert version(instance, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        assert instance.bindery("tls", "set", "127.0.0.1:1", "min-version=1.3", check=False).returncode == 4
        assert instance.bindery("tls", "set", row, "min-version", check=False).returncode == 2
        instance.bindery("app", "set", APPLICATIONS[0], "connections=1")
        assert instance.get("/ReportServer").status == 200
        listed = {s["name"]: s["value"] for s in instance.json("app", "settings", APPLICATIONS[0])["settings"]}
        assert listed["connections"] == "1", listed


@test
def row_46_certificates_by_host_name_in_the_documented_order():
    with Instance(bind=False) as instance:
        instance.reserve()
        default = certificate(instance, "localhost")
        one, other = certificate(instance, "one.rows.example"), certificate(instance, "two.rows.example")
        anyone = certificate(instance, "*.rows.example")
        bind(instance, one, host="one.rows.example")
        assert shown(instance, None) is None, "no row is for clients without a name yet"
        assert shown(instance, "two.rows.example") is None
        bind(instance, default)
        bind(instance, anyone, host="*.rows.example")
        bind(instance, other, host="Two.Rows.Example", app=APPLICATIONS[1])
        wanted = {"one.rows.example": one, "two.rows.example": other, "TWO.rows.example": other, "three.rows.example": anyone,
                  "a.three.rows.example": default, "rows.example": default, None: default}
        for name, thumbprint in wanted.items():
            assert shown(instance, name) == thumbprint, name
            assert shown(instance, name, address="::1") == thumbprint, f"{name} over IPv6"
        # An address of its own comes before names at every address.
        here = certificate(instance, "here.rows.example")
        bind(instance, here, address="127.0.0.1")
        assert shown(instance, "one.rows.example") == here and shown(instance, "one.rows.example", address="127.0.0.2") == one
        bind(instance, one, address="127.0.0.1", host="one.rows.example")
        assert shown(instance, "one.rows.example") == one and shown(instance, "two.rows.example") == here
        rows = [row["row"] for row in instance.json("tls", "list")["bindings"]]
        port = instance.port
        assert rows == [f"one.rows.example:{port}", f"0.0.0.0:{port}", f"*.rows.example:{port}", f"two.rows.example:{port}",
                        f"127.0.0.1:{port}", f"one.rows.example@127.0.0.1:{port}"], rows
        instance.bindery("tls", "unbind", "--app", APPLICATIONS[0], "--host", "one.rows.example", "--port", port)
        assert shown(instance, "one.rows.example", address="127.0.0.2") == anyone
        instance.stop()
        instance.start()
        assert shown(instance, "two.rows.example", address="127.0.0.2") == other


@test
def row_46_a_row_of_a_name_wants_a_certificate_that_covers_it():
    with Instance() as instance:
        refused = bind(instance, certificate(instance, "one.example"), host="two.example", check=False)
        assert refused.returncode == 1 and "does not cover the host two.example" in refused.stderr, refused
        refused = bind(instance, instance.thumbprint, host="10.0.0.5", check=False)
        assert refused.returncode == 1 and "is an address" in refused.stderr, refused


@test
def row_29_a_name_that_another_application_claims_is_refused_and_named():
    with Instance() as instance:
        bind(instance, certificate(instance, "one.example"), host="one.example")
        other = certificate(instance, "one.example", key="rsa-2048")
        refused = bind(instance, other, host="one.example", app=APPLICATIONS[1], check=False)
        assert refused.returncode == 3 and APPLICATIONS[0] in refused.stderr, refused


@test
def row_46_rows_of_a_file_are_bound_as_one_change():
    with Instance(bind=False) as instance:
        one, two = certificate(instance, "one.example"), certificate(instance, "two.example")
        instance.reserve()
        rows = instance.folder / "rows"

        def bound(text):
            rows.write_bytes(text)
            return instance.bindery("tls", "bind", "--app", APPLICATIONS[0], "--port", instance.port, "--from", rows, check=False)

        for wrong, says in ((f"one.example {one}\ntwo.example\n", "line 2"), (f"one.example {one}\n*.*.example {two}\n", "row 2: "),
                            (f"one.example {'0' * 40}\n", "row 1: "), ("# nothing\n", "not 0")):
            done = bound(wrong.encode())
            assert done.returncode != 0 and says in done.stderr, done
        # as an editor of Windows writes it
        done = bound(b"\xef\xbb\xbf" + f"one.example {one}\n\n# the other\ntwo.example \t{two} \n".replace("\n", "\r\n").encode())
        assert done.returncode == 0, done
        assert (shown(instance, "one.example"), shown(instance, "two.example")) == (one, two)


@test
def row_54_tls_explain_tells_the_row_and_why():
    with Instance() as instance:
        one = certificate(instance, "one.example")
        bind(instance, one, host="one.example")
        told = instance.json("tls", "explain", "--sni", "One.Example", "--address", "127.0.0.2", "--port", instance.port)
        assert [row["row"] for row in told["tried"] if row["won"]] == [f"one.example:{instance.port}"], told
        assert told["binding"]["thumbprint"] == one and told["certificates"][0]["names"] == ["one.example"], told
        told = instance.json("tls", "explain", "--sni", "one.example", "--address", "127.0.0.1", "--port", instance.port)
        assert told["binding"]["row"] == f"127.0.0.1:{instance.port}", told
        assert any(check["stage"] == "names" and not check["ok"] for check in told["checks"]), told
        text = instance.bindery("tls", "explain", "--sni", "one.example", "--port", instance.port).stdout
        assert f"* one.example:{instance.port}: answers" in text and one in text, text
        for url, why in ((f"https://one.example:{instance.port}/x/y", "no reservation"), (f"https://one.example:{instance.port}/a/..", "the path"),
                         (f"https://two.example:{instance.port}/ReportServer", "no certificate")):
            unserved = instance.bindery("url", "explain", url, check=False)
            assert unserved.returncode == 4 and why in unserved.stdout, unserved
            assert why in instance.json("url", "explain", url, check=False)["message"], url
        nothing = instance.bindery("tls", "explain", "--sni", "two.example", "--port", instance.port, check=False)
        assert nothing.returncode == 4 and "unrecognized_name" in nothing.stdout, nothing


@test
def row_8_several_identities_of_one_application_serve_its_urls():
    with Instance(bind=False) as instance:
        instance.reserve()
        for name in ("one.example", "two.example"):
            bind(instance, certificate(instance, name), host=name)
        verified = instance.json("tls", "verify")
        assert verified["ok"], verified
        for name in ("one.example", "two.example"):
            with instance.connect(name=name) as stream:
                stream.sendall(f"GET /ReportServer HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
                assert stream.recv(100).startswith(b"HTTP/1.1 401"), name


def state(instance):
    """Everything that the tables hold, but for what is new with every change."""
    bindings = instance.json("tls", "list")["bindings"]
    for row in bindings:
        del row["generation"]
        row["applications"].sort()
    urls = [(row["url"], row["application"]) for row in instance.json("url", "list")["reservations"]]
    apps = [(row["application"], row["target"], row["directory"]) for row in instance.json("app", "list")["applications"]]
    settings = [s for row in bindings for s in instance.json("tls", "settings", row["row"])["settings"]]
    settings += [s for app in apps for s in instance.json("app", "settings", app[0])["settings"]]
    return {"bindings": sorted(bindings, key=lambda row: row["row"]), "urls": sorted(urls), "apps": sorted(apps),
            "settings": sorted(settings, key=str)}


@test
def row_55_every_kind_of_change_is_undone_and_redone():
    with Instance() as instance:
        port = instance.port
        one, other = certificate(instance, "one.example"), certificate(instance, "one.example", key="rsa-2048")
        name = ["--host", "one.example", "--port", port]
        steps = [
            ("tls", "bind", "--app", APPLICATIONS[0], "--cert", one, *name),
            ("tls", "bind", "--app", APPLICATIONS[0], "--app", APPLICATIONS[1], "--cert", one, "--cert", other, *name),
            ("tls", "set", f"one.example:{port}", "min-version=1.3"),
            ("tls", "unbind", "--app", APPLICATIONS[0], *name),
            ("tls", "unbind", "--app", APPLICATIONS[1], *name),
            ("url", "directory", "--app", APPLICATIONS[0], "Berichte"),
            ("url", "reserve", "--app", APPLICATIONS[0], f"https://localhost:{port}"),
            ("url", "remove", "--app", APPLICATIONS[0], f"https://+:{port}"),
            ("app", "add", "shop", "--to", "http://127.0.0.1:9"),
            ("app", "set", "shop", "connections=3"),
            ("url", "reserve", "--app", "shop", f"https://+:{port}/a/"),
            ("tls", "bind", "--app", "shop", "--cert", instance.thumbprint, "--address", "127.0.0.1", "--port", port),
            ("app", "add", "shop", "--to", "http://127.0.0.1:10"),
            ("app", "remove", "shop", "--force"),
        ]
        states = [state(instance)]
        for step in steps:
            instance.bindery(*step)
            after = state(instance)
            instance.bindery("tls", "undo")
            assert state(instance) == states[-1], step
            planned = instance.json("tls", "undo", "--dry-run")
            assert planned["steps"] and not planned["changed"], (step, planned)
            instance.bindery("tls", "undo")  # of the undoing
            assert state(instance) == after, step
            states.append(after)
        # All of it, one entry after the other, back to the beginning.
        events = [event for event in instance.json("tls", "history", "--limit", 1000)["events"]
                  if not event["what"].startswith("undo")]
        for event, before in zip(events, reversed(states[:-1])):
            instance.bindery("tls", "undo", event["revision"])
            assert state(instance) == before, event["what"]
        assert instance.get("/ReportServer").status == 200


@test
def row_55_an_entry_that_later_ones_depend_on_is_not_undone():
    with Instance() as instance:
        one = certificate(instance, "one.example")
        bind(instance, one, host="one.example")
        entry = instance.json("tls", "history")["events"][0]["revision"]
        instance.bindery("tls", "set", f"one.example:{instance.port}", "min-version=1.3")
        before = state(instance)
        refused = instance.bindery("tls", "undo", entry, check=False)
        assert refused.returncode == 3 and f"entry {entry + 1} (set one.example" in refused.stderr, refused
        assert state(instance) == before
        assert instance.bindery("tls", "undo", 100000, check=False).returncode == 4
        # What was removed from the store since cannot come back.
        instance.bindery("tls", "unbind", "--app", APPLICATIONS[0], "--host", "one.example", "--port", instance.port)
        for file in (instance.path / "certs").glob("one.example*"):
            file.unlink()
        refused = instance.bindery("tls", "undo", check=False)
        assert refused.returncode == 4 and "there is no certificate" in refused.stderr, refused


@test
def row_57_the_history_tells_who_when_and_with_which_tool():
    with Instance() as instance:
        event = instance.json("tls", "history")["events"][0]
        assert event["who"] and event["tool"] == "bindery tls bind" and event["at"].endswith("Z"), event
        assert event["before"] is None and event["after"]["claims"] == sorted(APPLICATIONS), event
        assert event["after"]["certificates"][0]["sha1"] == instance.thumbprint, event
        instance.bindery("tls", "undo")
        event = instance.json("tls", "history")["events"][0]
        assert event["tool"] == "bindery tls undo" and event["what"].startswith("undo "), event


run()
