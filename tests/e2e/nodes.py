#!/usr/bin/env python3
"""What nodes behind a balancer share: written to a file under a password, compared, taken over, watched by doctor. TAP."""
import json
import ssl

from harness import APPLICATIONS, Instance, run, test

SECRETS = ("ValidationKey", "DecryptionKey", "TicketKey")


def password(instance, text="a password for nodes"):
    path = instance.folder / "node-password"
    path.write_text(text + "\n")
    path.chmod(0o600)
    return "--password-file", path


def config(instance):
    return (instance.path / "rsreportserver.config").read_text()


def add(instance, section, elements):
    path = instance.path / "rsreportserver.config"
    path.write_text(config(instance).replace(f"<{section}>", f"<{section}>{elements}"))


def findings(instance):
    return {f["subject"] for f in instance.json("doctor", check=False)["findings"] if f["code"] == "node-differs"}


@test
def row_42_a_profile_makes_nodes_alike_and_names_what_differs():
    with Instance(UrlRoot="https://reports.example/ReportServer") as one, Instance() as other:
        add(one, "Service", "<Hostname>reports.example</Hostname>")
        profile = one.folder / "profile.json"
        bare = one.json("node", "export", profile, *password(one))
        assert any("ValidationKey is not set" in warning for warning in bare["warnings"]), bare
        made = one.json("node", "export", profile, "--make-keys", *password(one))
        assert made["changed"] and profile.stat().st_mode & 0o777 == 0o600, made
        assert one.json("node", "export", profile, "--make-keys", *password(one))["changed"] is False, "made once"
        text = config(one)
        keys = [text.split(f'{name}="')[1].split('"')[0] for name in ("ValidationKey", "DecryptionKey")]
        assert [len(key) for key in keys] == [128, 64] and (one.path / "ticket.key").stat().st_mode & 0o777 == 0o600
        told = json.dumps([made, one.json("tls", "history")]) + profile.read_text() + (one.path / "node.json").read_text()
        assert not [key for key in keys if key in told], "a key is shown"
        assert one.json("node", "compare", profile, *password(one)) == {"differences": [], "same": True}

        compared = other.json("node", "compare", profile, *password(other), check=False)
        assert {row["name"] for row in compared["differences"]} == {"Hostname", "UrlRoot", *SECRETS}, compared
        root, = [row for row in compared["differences"] if row["name"] == "UrlRoot"]
        assert root == {"name": "UrlRoot", "here": "", "profile": "https://reports.example/ReportServer"}, root
        assert other.bindery("node", "compare", profile, *password(other), check=False).returncode == 1
        assert not [key for key in keys if key in json.dumps(compared)]
        planned = other.json("node", "apply", profile, *password(other), "--dry-run")
        assert planned["steps"] and not planned["changed"] and "reports.example" not in config(other)
        assert not (other.path / "ticket.key").exists()
        assert [other.json("node", "apply", profile, *password(other))["changed"] for _ in range(2)] == [True, False]
        assert all(key in config(other) for key in keys) and "<Hostname>reports.example</Hostname>" in config(other)
        assert (other.path / "ticket.key").read_bytes() == (one.path / "ticket.key").read_bytes()
        assert other.json("node", "compare", profile, *password(other))["same"] is True
        assert other.get("/ReportServer").status == 200


@test
def row_42_doctor_sees_a_node_that_went_its_own_way():
    with Instance(serve=False, UrlRoot="https://reports.example/ReportServer") as instance:
        assert findings(instance) == set(), "no profile, nothing to say"
        profile = instance.folder / "profile.json"
        instance.bindery("node", "export", profile, "--make-keys", *password(instance))
        assert findings(instance) == set()
        instance.bindery("url", "root", "https://elsewhere.example/ReportServer")
        (instance.path / "ticket.key").write_bytes(b"x" * 48)
        path = instance.path / "rsreportserver.config"
        path.write_text(config(instance).replace('ValidationKey="', 'ValidationKey="00'))
        assert findings(instance) == {"UrlRoot", "TicketKey", "ValidationKey"}
        instance.bindery("node", "apply", profile, *password(instance))
        assert findings(instance) == set()


@test
def row_42_a_profile_of_something_else_or_another_password_is_refused():
    with Instance(serve=False) as instance:
        profile, key = instance.folder / "profile.json", instance.folder / "key.json"
        instance.bindery("node", "export", profile, *password(instance))
        instance.bindery("key", "backup", key, *password(instance))
        before = config(instance)
        for file, words in ((key, password(instance)), (profile, password(instance, "another password"))):
            refused = instance.bindery("node", "apply", file, *words, check=False)
            assert refused.returncode == 1 and refused.stderr, refused
        assert config(instance) == before
        assert instance.bindery("key", "restore", profile, *password(instance), check=False).returncode == 1
        assert instance.bindery("node", "apply", instance.folder / "none", *password(instance), check=False).returncode == 4


run()
