#!/usr/bin/env python3
"""What authorities say of certificates, stapled to handshakes: real responders, real clients. TAP."""
import json
import os
import re
import signal
import subprocess
import threading

from authority import Authority, Responder, der
from harness import APPLICATIONS, Instance, free_port, run, test, wait_until


# ---- what clients see -------------------------------------------------------------------------------------


def handshake(instance, authority, *options, port=None):
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port or instance.port}", "-servername", "localhost", "-status",
                           "-CAfile", str(authority.path("root.crt")), *options], input="", capture_output=True, text=True, timeout=60)
    said = done.stdout + done.stderr
    assert re.search(r"New, TLSv1\.\d, Cipher is \w", said), said
    return said


def stapled(instance, authority, *options):
    """"good", "revoked", or None: nothing."""
    said = handshake(instance, authority, *options)
    if "OCSP response: no response sent" in said:
        return None
    assert "OCSP Response Status: successful" in said, said
    return re.search(r"Cert Status: (\w+)", said).group(1)


def put(instance, authority, name, extensions="server", chain=("ca.crt", "root.crt")):
    certificate, key = authority.issue(name, extensions)
    instance.bindery("cert", "import", certificate, key, *(authority.path(each) for each in chain))
    return next(c for c in instance.json("cert", "list")["certificates"] if c["subject"] == f"CN={name}")["thumbprint"]


def shown(instance, thumbprint):
    return instance.json("cert", "show", thumbprint)


def wait_for(instance, authority, state):
    wait_until(lambda: stapled(instance, authority) == state, what=f"a handshake with {state}")


@test
def row_51_the_answer_of_a_real_responder_is_stapled_and_a_revocation_is_seen_by_everybody():
    port = free_port()
    with Instance() as instance:
        authority = Authority(instance.folder, port)
        thumbprint = put(instance, authority, "web")
        responder = subprocess.Popen(["openssl", "ocsp", "-port", str(port), "-index", "index.txt", "-CA", "ca.crt", "-rsigner", "signer.crt",
                                      "-rkey", "signer.key", "-nmin", "60"], cwd=authority.folder, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: subprocess.run(["openssl", "ocsp", "-issuer", "ca.crt", "-cert", "web.crt", "-CAfile", "root.crt", "-url",
                                               f"http://127.0.0.1:{port}/"], cwd=authority.folder, capture_output=True).returncode == 0,
                       what="OpenSSL's responder")
            instance.bind(thumbprint)
            wait_for(instance, authority, "good")
            for version in ("-tls1_2", "-tls1_3"):
                assert stapled(instance, authority, version) == "good", version
            status = shown(instance, thumbprint)["revocation"]
            assert status["state"] == "good" and status["stapled"] and status["responder"] == f"http://127.0.0.1:{port}/", status
            # without being asked nothing is shown, and nothing is different
            plain = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{instance.port}", "-servername", "localhost", "-CAfile",
                                    str(authority.path("root.crt"))], input="", capture_output=True, text=True, timeout=60)
            assert "OCSP" not in plain.stdout and "Verify return code: 0" in plain.stdout, plain
        finally:
            responder.terminate()
            responder.wait(20)


@test
def row_51_a_revocation_is_told_everywhere():
    with Responder() as responder, Instance() as instance:
        authority = Authority(instance.folder, responder.port)
        responder.say = authority.answer
        thumbprint = put(instance, authority, "web")
        authority.revoke("web")
        instance.bind(thumbprint)
        wait_for(instance, authority, "revoked")
        certificate = shown(instance, thumbprint)
        assert certificate["revocation"]["state"] == "revoked" and certificate["revocation"]["reason"] == "keyCompromise", certificate
        assert not certificate["usable"] and "revoked" in [reason["code"] for reason in certificate["reasons"]], certificate
        assert "HAS BEEN REVOKED" in instance.server_log()
        assert "revoked" in instance.bindery("cert", "list").stdout
        assert "REVOKED" in instance.bindery("status").stdout
        row = f'bindery_certificate_revoked{{thumbprint="{thumbprint}"}} 1'
        assert row in instance.bindery("metrics").stdout, instance.bindery("metrics").stdout
        findings = json.loads(instance.bindery("doctor", "--json", check=False).stdout)["findings"]
        assert any(finding["code"] == "revoked" and finding["severity"] == "error" for finding in findings), findings
        # and it is not bound again
        words = [word for app in APPLICATIONS for word in ("--app", app)]
        again = instance.bindery("tls", "bind", *words, "--cert", thumbprint, "--address", "127.0.0.1", "--port", free_port(), check=False)
        assert again.returncode != 0 and "revoked" in again.stderr, again


@test
def row_51_an_answer_survives_restarts_but_not_its_own_end():
    with Responder() as responder, Instance() as instance:
        authority = Authority(instance.folder, responder.port)
        responder.say = authority.answer
        thumbprint = put(instance, authority, "web")
        instance.bind(thumbprint)
        wait_for(instance, authority, "good")
        asked = responder.asked
        for process in instance.children("front"):
            os.kill(process, signal.SIGKILL)
        wait_for(instance, authority, "good")
        instance.stop()
        instance.start()
        wait_for(instance, authority, "good")
        assert responder.asked == asked, "what is known is not asked for again"
        for path in (instance.path / "ocsp").iterdir():
            assert path.stat().st_mode & 0o077 == 0, path
        # one that is damaged is asked for again; it is never shown
        instance.stop()
        for path in (instance.path / "ocsp").iterdir():
            path.write_bytes(path.read_bytes()[:200])
        instance.start()
        wait_for(instance, authority, "good")
        assert responder.asked == asked + 1
        # brief ones are asked for again in time; when nobody answers they are not shown beyond their end
        instance.stop()
        for path in (instance.path / "ocsp").iterdir():
            path.unlink()
        responder.say = lambda request: authority.brief_answer(request, 8)
        instance.start()
        wait_for(instance, authority, "good")
        before = shown(instance, thumbprint)["revocation"]["next_update"]
        wait_until(lambda: shown(instance, thumbprint)["revocation"]["next_update"] > before, what="the next answer")
        assert stapled(instance, authority) == "good"
        responder.say = lambda request: (500, {}, b"")
        wait_for(instance, authority, None)
        status = wait_until(lambda: (lambda s: s["error"] and s)(shown(instance, thumbprint)["revocation"]), what="why")
        assert "status 500" in status["error"] and not status["stapled"] and status["failures"] >= 1, status


@test
def row_51_a_responder_that_is_dead_or_lies_costs_the_staple_and_nothing_else():
    with Responder() as responder, Instance() as instance:
        authority = Authority(instance.folder, responder.port)
        other = instance.folder / "stranger"
        other.mkdir()
        stranger = Authority(other, responder.port)
        thumbprint = put(instance, authority, "web")
        lies = {
            "damaged": lambda request: b"not DER at all",
            "larger": lambda request: b"x" * 100000,
            "status 404": lambda request: (404, {}, b""),
            "not of this certificate": lambda request: authority.answer(elsewhere),
            "not signed by": lambda request: stranger_answer(authority, stranger, request),
            "redirects": lambda request: (302, {"Location": f"http://127.0.0.1:{responder.port}/again"}, b""),
            "file": lambda request: (302, {"Location": "file:///etc/passwd"}, b""),
            "does not answer: trylater": lambda request: der(0x30, der(0x0A, b"\3")),
        }
        authority.issue("elsewhere")
        elsewhere = authority.openssl("ocsp", "-issuer", "ca.crt", "-cert", "elsewhere.crt", "-no_nonce", "-reqout", "/dev/stdout")
        instance.bind(thumbprint)
        for words, say in lies.items():
            responder.say = say
            instance.stop()  # what failed is tried again at once after a restart
            instance.start()
            status = wait_until(lambda: (lambda s: words in s["error"] and s)(shown(instance, thumbprint)["revocation"]), what=words)
            assert status["state"] == "not answered" and not status["stapled"], status
            assert stapled(instance, authority) is None
        responder.stop()
        instance.stop()
        instance.start()
        wait_until(lambda: "cannot reach the OCSP responder" in shown(instance, thumbprint)["revocation"]["error"], what="why")
        assert stapled(instance, authority) is None


def stranger_answer(authority, stranger, request):
    """The right certificate, signed by somebody else."""
    for name in ("ca.key", "signer.key", "signer.crt"):
        stranger.path(f"kept-{name}").write_bytes(authority.path(name).read_bytes())
    number = threading.get_ident()
    authority.path(f"request{number}").write_bytes(request)
    authority.openssl("ocsp", "-index", "index.txt", "-CA", "ca.crt", "-rsigner", str(stranger.path("signer.crt")), "-rkey",
                      str(stranger.path("signer.key")), "-reqin", f"request{number}", "-respout", f"response{number}", "-nmin", "60")
    return authority.path(f"response{number}").read_bytes()


@test
def row_51_what_is_stapled_follows_the_certificate_of_a_slot_and_the_setting_of_a_row():
    with Responder() as responder, Instance() as instance:
        authority = Authority(instance.folder, responder.port)
        responder.say = authority.answer
        old, new = put(instance, authority, "old"), put(instance, authority, "new")
        authority.revoke("old")
        instance.bindery("cert", "slot", "web", "--cert", old)
        words = [word for app in APPLICATIONS for word in ("--app", app)]
        instance.bindery("tls", "bind", *words, "--slot", "web", "--address", "127.0.0.1", "--port", instance.port, "--replace")
        wait_for(instance, authority, "revoked")
        instance.bindery("cert", "slot", "web", "--cert", new)
        wait_for(instance, authority, "good")
        row = f"127.0.0.1:{instance.port}"
        asked = responder.asked
        instance.bindery("tls", "set", row, "ocsp-stapling=off")
        assert stapled(instance, authority) is None
        instance.bindery("tls", "unset", row, "ocsp-stapling")
        wait_for(instance, authority, "good")
        # taken away and given back: the front is told again
        instance.bind(instance.thumbprint)
        instance.bind(new)
        wait_for(instance, authority, "good")
        instance.bindery("cert", "remove", old)
        wait_until(lambda: len(list((instance.path / "ocsp").iterdir())) == 1, what="its record gone with it")
        assert responder.asked >= asked


@test
def row_51_must_staple_without_an_answer_is_said():
    with Responder() as responder, Instance() as instance:
        authority = Authority(instance.folder, responder.port)
        responder.say = lambda request: (503, {"Retry-After": "3600"}, b"")
        silent = put(instance, authority, "silent", "silent")
        instance.bind(silent)
        wait_until(lambda: "names no OCSP responder" in instance.server_log(), what="the line in the log")
        assert "must-staple" in [reason["code"] for reason in shown(instance, silent)["reasons"]]
        must = put(instance, authority, "must", "must")
        instance.bind(must)
        wait_until(lambda: "without an answer, which clients refuse (must-staple)" in instance.server_log(), what="the line in the log")
        status = shown(instance, must)["revocation"]
        assert status["must_staple"] and status["next_try"] > status["asked"], status
        assert status["next_try"][:13] != status["asked"][:13], "no earlier than the responder asked"
        responder.say = authority.answer
        instance.stop()
        instance.start()
        wait_for(instance, authority, "good")


@test
def row_51_ecdsa_and_rsa_certificates_of_a_row_have_their_own_answers():
    with Responder() as responder, Instance() as instance:
        authority = Authority(instance.folder, responder.port)
        responder.say = authority.answer
        ecdsa = put(instance, authority, "ecdsa")
        authority.new_key = lambda name: ("-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key")
        rsa = put(instance, authority, "rsa")
        authority.revoke("rsa")
        words = [word for app in APPLICATIONS for word in ("--app", app)]
        instance.bindery("tls", "bind", *words, "--cert", ecdsa, "--cert", rsa, "--address", "127.0.0.1", "--port", instance.port)
        for version in ("-tls1_2", "-tls1_3"):
            wait_until(lambda: stapled(instance, authority, version, "-sigalgs", "ECDSA+SHA256") == "good", what="good of ECDSA")
            wait_until(lambda: stapled(instance, authority, version, "-sigalgs", "RSA-PSS+SHA256") == "revoked", what="revoked of RSA")


@test
def the_process_that_asks_can_do_nothing_else_and_is_started_again():
    with Responder() as responder, Instance() as instance:
        assert instance.children("ocsp") == [], "nobody to ask: no process"
        authority = Authority(instance.folder, responder.port)
        responder.say = lambda request: (500, {}, b"")
        thumbprint = put(instance, authority, "web")
        instance.bind(thumbprint)
        (process,) = wait_until(lambda: instance.children("ocsp"), what="the process")
        status = wait_until(lambda: (lambda s: "NoNewPrivs:\t1" in s and s)(open(f"/proc/{process}/status").read()), what="its sandbox")
        assert re.search(r"CapEff:\t0+\n", status), status
        if os.getuid() == 0:
            assert "Uid:\t0\t" not in status, status
        responder.say = authority.answer
        os.kill(process, signal.SIGKILL)
        wait_for(instance, authority, "good")
        assert instance.children("ocsp") != [process]
        assert any(row["role"] == "ocsp" and row["restarts"] == 1 for row in instance.json("status")["processes"])


run()
