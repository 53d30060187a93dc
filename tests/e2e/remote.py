#!/usr/bin/env python3
"""The configuration API over HTTPS: off by default, a token for each request, an application like any other. TAP."""
import http.client
import json
import signal

from harness import APPLICATIONS, Instance, free_port, run, test, wait_until

SERVICE, PORTAL = APPLICATIONS


def ask(instance, operation, token=None, arguments=None, method="POST"):
    connection = http.client.HTTPSConnection("localhost", instance.port, timeout=30, context=instance.context())
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    connection.request(method, "/bindery-api/v1/" + operation, json.dumps(arguments or {}), headers)
    answer = connection.getresponse()
    body = answer.read()
    return answer.status, json.loads(body) if body.startswith(b"{") else body


def share(instance, port=None, scheme="https"):
    instance.bindery("app", "add", "ConfigurationApi", "--to", f"unix:{instance.path}/run/remote.sock")
    instance.bindery("url", "reserve", "--app", "ConfigurationApi", f"{scheme}://+:{port or instance.port}/bindery-api/")


@test
def row_44_the_api_over_https_is_off_by_default():
    with Instance() as instance:
        assert not (instance.path / "run" / "remote.sock").exists()
        token = instance.json("api", "token", "create", "deploy")["token"]
        share(instance)
        assert ask(instance, "ListReservedUrls", token)[0] in (502, 503)


@test
def row_44_a_token_opens_the_api_and_is_named_in_the_history():
    with Instance(ApiOverHttps="True") as instance:
        share(instance)
        assert ask(instance, "ListReservedUrls")[0] == 401
        assert ask(instance, "ListReservedUrls", "bindery_" + "0" * 64)[0] == 401
        token = instance.json("api", "token", "create", "deploy", "--days", "30")["token"]
        kept = (instance.path / "api-tokens.json")
        assert token not in kept.read_text() and kept.stat().st_mode & 0o777 == 0o600
        status, rows = ask(instance, "ListReservedUrls", token)
        assert status == 200 and len(rows["reservations"]) == 3, rows
        status, changed = ask(instance, "SetVirtualDirectory", token, {"Application": PORTAL, "VirtualDirectory": "Berichte"})
        assert status == 200 and changed["changed"], changed
        assert instance.json("tls", "history")["events"][0]["who"] == "token deploy"
        assert token not in "".join(path.read_text() for path in (instance.path / "log").iterdir()) + instance.server_log()
        listed, = instance.json("api", "token", "list")["tokens"]
        assert listed["name"] == "deploy" and "token" not in listed and "sha256" not in listed, listed
        assert instance.bindery("api", "token", "create", "deploy", check=False).returncode == 3
        instance.bindery("api", "token", "revoke", "deploy")
        assert ask(instance, "ListReservedUrls", token)[0] == 401
        assert instance.bindery("api", "token", "revoke", "deploy", check=False).returncode == 4


@test
def row_44_what_shows_secrets_is_possible_on_the_machine_only():
    with Instance(ApiOverHttps="True") as instance:
        share(instance)
        token = instance.json("api", "token", "create", "deploy")["token"]
        for operation in ("CreateApiToken", "exportcertificate", "ListApiTokens"):
            status, body = ask(instance, operation, token, {"Name": "x", "Thumbprint": instance.thumbprint, "PrivateKey": True})
            assert status == 403 and "this machine only" in body["error"]["message"], (operation, body)


@test
def row_44_who_tries_tokens_has_to_wait_and_nobody_floods():
    with Instance(ApiOverHttps="True") as instance:
        share(instance)
        token = instance.json("api", "token", "create", "deploy")["token"]
        statuses = [ask(instance, "ListReservedUrls", f"bindery_{number:064x}")[0] for number in range(12)]
        assert statuses[0] == 401 and statuses[-1] == 429, statuses
        assert ask(instance, "ListReservedUrls", token)[0] == 429, "a client that tries tokens waits"


@test
def row_44_a_token_without_tls_is_refused_and_settings_are_followed():
    with Instance(ApiOverHttps="True") as instance:
        port = free_port()
        share(instance, port, "http")
        token = instance.json("api", "token", "create", "deploy")["token"]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("POST", "/bindery-api/v1/ListReservedUrls", "{}", {"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        assert answer.status == 403 and b"https only" in answer.read()
        instance.setting(ApiOverHttps="False")
        instance.server.send_signal(signal.SIGHUP)
        wait_until(lambda: not (instance.path / "run" / "remote.sock").exists(), what="the end of the API over HTTPS")


run()
