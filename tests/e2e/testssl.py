#!/usr/bin/env python3
"""What a scanner that many rely on finds wrong with a server as it is set up by default: testssl.sh. TAP."""
import json
import shutil
import subprocess

from authority import Authority, Responder
from harness import Instance, Skip, run, test, wait_until

SEVERITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")


def findings(instance, authority, *checks):
    program = shutil.which("testssl") or shutil.which("testssl.sh")
    if not program:
        raise Skip("testssl.sh is not installed")
    out = instance.folder / "findings.json"
    done = subprocess.run([program, "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--ip", "127.0.0.1", "--openssl",
                           shutil.which("openssl"), "--add-ca", str(authority.path("root.crt")), *checks, "--jsonfile", str(out),
                           f"localhost:{instance.port}"], cwd=instance.folder, capture_output=True, text=True, timeout=800)
    assert out.exists(), done.stdout + done.stderr
    return json.loads(out.read_text())


def serve_what_is_good(instance, authority, responder):
    """A certificate as an authority gives it, with an answer of its responder."""
    certificate, key = authority.issue("localhost")
    responder.say = authority.answer
    instance.bindery("cert", "import", certificate, key, authority.path("ca.crt"), authority.path("root.crt"))
    thumbprint = next(c for c in instance.json("cert", "list")["certificates"] if c["subject"] == "CN=localhost")["thumbprint"]
    instance.bind(thumbprint)
    wait_until(lambda: instance.json("cert", "show", thumbprint)["revocation"]["stapled"], what="a stapled answer")


@test
def row_51_testssl_finds_nothing_wrong():
    with Responder() as responder, Instance() as instance:
        authority = Authority(instance.folder, responder.port)
        serve_what_is_good(instance, authority, responder)
        found = findings(instance, authority, "--protocols", "--std", "--server-defaults", "--server-preference", "--vulnerable")
        by_id = {finding["id"]: finding for finding in found}
        for name in ("TLS1_2", "TLS1_3", "heartbleed", "ROBOT", "OCSP_stapling", "cert_chain_of_trust"):
            assert by_id[name]["severity"] in ("OK", "INFO"), by_id[name]
        assert "offered" in by_id["OCSP_stapling"]["finding"], by_id["OCSP_stapling"]
        assert "not offered" in by_id["TLS1_1"]["finding"], by_id["TLS1_1"]
        wrong = [finding for finding in found if finding["severity"] in SEVERITIES]
        assert not wrong, wrong
        if "overall_grade" in by_id:  # from 3.2 on
            assert by_id["overall_grade"]["finding"][:1] == "A", by_id["overall_grade"]


@test
def row_51_what_a_row_is_set_to_is_what_testssl_sees():
    with Responder() as responder, Instance() as instance:
        authority = Authority(instance.folder, responder.port)
        serve_what_is_good(instance, authority, responder)
        instance.bindery("tls", "set", f"127.0.0.1:{instance.port}", "profile=modern", "ocsp-stapling=off")
        found = findings(instance, authority, "--protocols", "--server-defaults")
        by_id = {finding["id"]: finding for finding in found}
        assert "not offered" in by_id["TLS1_2"]["finding"] and "offered" in by_id["TLS1_3"]["finding"], by_id["TLS1_2"]
        assert by_id["OCSP_stapling"]["severity"] == "LOW", by_id["OCSP_stapling"]


run()
