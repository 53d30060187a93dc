#!/usr/bin/env python3
"""What TLS does at a binding: kinds of certificates, policy, sessions. A real server; clients are Python's and openssl s_client."""
import re
import subprocess

from harness import APPLICATIONS, Instance, run, test


def s_client(instance, *options, name="localhost", port=None, send=""):
    """What `openssl s_client` says of one handshake."""
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port or instance.port}", "-servername", name,
                           "-CAfile", instance.authority, *options], input=send, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def field(said, pattern):
    found = re.search(pattern, said)
    return found.group(1).strip() if found else None


@test
def ecdsa_and_rsa_certificates_stand_side_by_side_on_one_row():
    with Instance() as instance:
        rsa = instance.create_certificate("--key", "rsa-2048", "--name", "rsa")
        both = [word for app in APPLICATIONS for word in ("--app", app)]
        instance.bindery("tls", "bind", *both, "--cert", instance.thumbprint, "--cert", rsa, "--address", "127.0.0.1",
                         "--port", instance.port)
        for version in ("-tls1_2", "-tls1_3"):
            kinds = {}
            for wanted in ("ECDSA+SHA256", "RSA-PSS+SHA256"):
                said = s_client(instance, version, "-sigalgs", wanted)
                assert "Verify return code: 0" in said, said
                kinds[wanted] = field(said, r"Peer signature type: (.*)")
            assert kinds == {"ECDSA+SHA256": "ECDSA", "RSA-PSS+SHA256": "RSA-PSS"}, (version, kinds)
        assert instance.get("/ReportServer").status == 200
        # an old client that knows RSA only
        said = s_client(instance, "-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256", "-sigalgs", "RSA+SHA256")
        assert field(said, r"Peer signature type: (.*)") == "RSA", said


run()
