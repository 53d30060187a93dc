#!/usr/bin/env python3
"""The certificate store by command: request, import, export, remove. A real server, real openssl. TAP."""
import hashlib
import os
import pty
import select
import signal
import stat
import subprocess
import time

from authority import Authority as Elsewhere, Responder
from harness import APPLICATIONS, BINDERY, Instance, free_port, run, test, wait_until


class Authority:
    """A root and an intermediate of openssl, in a folder of its own."""

    def __init__(self, instance):
        self.folder = instance.folder / "authority"
        self.folder.mkdir()
        self.openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -out root.pem -days 30 "
                     "-subj /CN=Root -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign")
        self.openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout inter.key -out inter.csr -subj /CN=Inter")
        (self.folder / "inter.ext").write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
                                               "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
        self.openssl("x509 -req -in inter.csr -CA root.pem -CAkey root.key -CAcreateserial -days 20 -extfile inter.ext "
                     "-out inter.pem")

    def openssl(self, line, input=None):
        return subprocess.run(["openssl", *line.split()], cwd=self.folder, check=True, capture_output=True, input=input).stdout

    def key(self, name, *more):
        self.openssl(f"genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.key")

    def sign(self, name, csr=None, host="localhost", days=10, usage="serverAuth"):
        if csr is None:
            self.key(name)
            self.openssl(f"req -new -key {name}.key -subj /CN={host} -out {name}.csr")
            csr = self.folder / f"{name}.csr"
        (self.folder / f"{name}.ext").write_text(f"subjectAltName=DNS:{host},IP:127.0.0.1\nextendedKeyUsage={usage}\n"
                                                 "authorityKeyIdentifier=keyid\n")
        self.openssl(f"x509 -req -in {csr} -CA inter.pem -CAkey inter.key -CAcreateserial -days {days} "
                     f"-extfile {name}.ext -out {name}.pem")
        return self.folder / f"{name}.pem"

    def path(self, name):
        return self.folder / name


def entry(instance, thumbprint):
    for certificate in instance.json("cert", "list")["certificates"]:
        if certificate["thumbprint"] == thumbprint:
            return certificate
    return None


def reasons(certificate):
    return [reason["code"] for reason in certificate["reasons"]]


@test
def row_47_the_answer_to_a_request_joins_its_key():
    with Instance() as instance:
        authority = Authority(instance)
        csr = instance.folder / "out.csr"
        first = instance.json("cert", "request", "--host", "localhost", "--address", "127.0.0.1", "--name", "web", "--out", csr)
        assert first["changed"] and stat.S_IMODE(os.stat(first["files"]["key"]).st_mode) == 0o600, first
        again = instance.json("cert", "request", "--host", "localhost", "--address", "127.0.0.1", "--name", "web")
        assert not again["changed"] and again["request"] == csr.read_text(), again
        assert "DNS:localhost, IP Address:127.0.0.1" in authority.openssl(f"req -in {csr} -noout -text -verify").decode()
        pending = instance.json("cert", "list")["requests"]
        assert [row["name"] for row in pending] == ["web"] and pending[0]["names"] == ["localhost", "127.0.0.1"], pending
        assert not any("web" in row["file"] for row in instance.json("cert", "list")["broken"])
        other = instance.bindery("cert", "request", "--host", "another.example", "--name", "web", check=False)
        assert other.returncode == 3 and "--name" in other.stderr, other
        answer = authority.sign("answer", csr)
        planned = instance.json("cert", "import", answer, authority.path("inter.pem"), "--dry-run")
        assert planned["dry_run"] and not planned["changed"] and planned["steps"], planned
        assert len(instance.json("cert", "list")["requests"]) == 1
        done = instance.json("cert", "import", authority.path("inter.pem"), answer)
        made = done["certificates"][0]
        assert made["request"] == "web" and made["files"]["certificate"].endswith("/certs/web.crt"), done
        assert instance.json("cert", "list")["requests"] == []
        known = entry(instance, made["thumbprint"])
        assert known["usable"] and known["key_file"].endswith("web.key"), known
        instance.bind(made["thumbprint"])
        chain = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{instance.port}", "-showcerts"],
                               input=b"", capture_output=True, timeout=20).stdout.decode()
        assert chain.count("BEGIN CERTIFICATE") == 2, "leaf and intermediate are sent"


@test
def row_47_every_form_of_file_is_taken_and_the_same_twice_is_no_change():
    with Instance(bind=False) as instance:
        authority = Authority(instance)
        secret = instance.folder / "secret"
        secret.write_text("gehei\u00dfm\n")
        secret.chmod(0o600)

        def make(name):
            authority.sign(name)
            return authority.path(f"{name}.pem"), authority.path(f"{name}.key")

        def taken(*files):
            done = instance.json("cert", "import", *files)
            assert done["changed"], done
            again = instance.json("cert", "import", *files)
            assert not again["changed"] and again["steps"] == [], again
            known = entry(instance, done["certificates"][0]["thumbprint"])
            assert known["usable"], known
            assert stat.S_IMODE(os.stat(known["key_file"]).st_mode) == 0o600
            return known

        inter = authority.path("inter.pem")
        certificate, key = make("separate")
        assert reasons(taken(key, inter, certificate)) == ["chain-incomplete"], "the root is not here"
        assert reasons(taken(authority.path("root.pem"), *make("rooted"))) == ["untrusted"], "the intermediate is known by now"
        certificate, key = make("bundle")
        bundle = authority.path("bundle.all")
        bundle.write_text(key.read_text() + inter.read_text() + certificate.read_text())
        taken(bundle)
        certificate, key = make("der")
        authority.openssl("x509 -in der.pem -outform DER -out der.cer")
        authority.openssl("pkey -in der.key -outform DER -out der.keyfile")
        taken(authority.path("der.cer"), authority.path("der.keyfile"))
        certificate, key = make("seven")
        for form in ("DER", "PEM"):
            authority.openssl(f"crl2pkcs7 -nocrl -certfile seven.pem -certfile inter.pem -outform {form} -out seven.{form}")
        taken(authority.path("seven.DER"), key)
        assert not instance.json("cert", "import", authority.path("seven.PEM"), key)["changed"]
        certificate, key = make("twelve")
        authority.openssl(f"pkcs12 -export -in twelve.pem -inkey twelve.key -certfile inter.pem -passout file:{secret} "
                          "-out twelve.pfx")
        taken(authority.path("twelve.pfx"), "--password-file", secret)
        certificate, key = make("sealed")
        authority.openssl(f"pkcs8 -topk8 -in sealed.key -passout file:{secret} -out sealed.enc")
        taken(authority.path("sealed.enc"), certificate, "--password-file", secret)
        certificate, key = make("windows")  # as its editors and shells write text
        for name, mark, encoding in (("little", b"\xff\xfe", "utf-16-le"), ("big", b"\xfe\xff", "utf-16-be"), ("utf8", b"\xef\xbb\xbf", "utf-8")):
            both = certificate.read_text() + key.read_text()
            authority.path(name).write_bytes(mark + both.replace("\n", "\r\n").encode(encoding))
        taken(authority.path("little"))
        assert not instance.json("cert", "import", authority.path("big"))["changed"]
        assert not instance.json("cert", "import", authority.path("utf8"))["changed"]
        secret.write_bytes(b"\xef\xbb\xbf" + secret.read_bytes().replace(b"\n", b"\r\n"))
        assert not instance.json("cert", "import", authority.path("twelve.pfx"), "--password-file", secret)["changed"]


@test
def row_47_what_cannot_be_used_is_refused_with_every_reason():
    with Instance(bind=False) as instance:
        authority = Authority(instance)

        def refused(*files, status=1, says=(), **more):
            before = sorted(os.listdir(instance.path / "certs"))
            done = instance.bindery("cert", "import", *files, check=False, **more)
            assert done.returncode == status, done
            for text in says:
                assert text in done.stderr, (text, done.stderr)
            assert sorted(os.listdir(instance.path / "certs")) == before

        alone = authority.sign("alone")
        refused(alone, says=["no private key", "bindery cert request"])
        refused(authority.path("alone.key"), says=["no certificate"])
        authority.key("stranger")
        refused(alone, authority.path("alone.key"), authority.path("stranger.key"), says=["belongs to none"])
        client = authority.sign("client", usage="clientAuth")
        refused(client, says=["no private key", "server authentication"])
        garbage = authority.path("garbage.pem")
        garbage.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        refused(garbage, alone, authority.path("alone.key"), says=["garbage.pem", "damaged"])
        refused(authority.path("nothing.pem"), status=4, says=["nothing.pem"])
        authority.openssl("pkcs12 -export -in alone.pem -inkey alone.key -passout pass:x -out alone.p12")
        refused(authority.path("alone.p12"), says=["alone.p12", "has a password", "--password-file"])
        refused(authority.path("alone.p12"), "--password-file", "-", input="y\n", says=["does not open"])


@test
def row_47_a_password_is_asked_for_without_echo():
    with Instance(bind=False, serve=False) as instance:
        authority = Authority(instance)
        authority.sign("typed")
        authority.openssl("pkcs12 -export -in typed.pem -inkey typed.key -passout pass:swordfish -out typed.p12")
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(BINDERY, ["bindery", "cert", "import", str(authority.path("typed.p12"))], instance.environment())
        seen, answered = b"", False
        while select.select([terminal], [], [], 30)[0]:
            try:
                got = os.read(terminal, 4096)
            except OSError:
                break
            if not got:
                break
            seen += got
            if b"Password" in seen and not answered:
                answered = True
                os.write(terminal, b"swordfish\n")
        os.close(terminal)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, seen
        assert b"swordfish" not in seen, seen
        assert instance.json("cert", "list")["certificates"][0]["usable"]


@test
def row_47_export_gives_the_chain_and_the_key_only_when_asked():
    with Instance(bind=False) as instance:
        authority = Authority(instance)
        authority.sign("out")
        thumbprint = instance.json("cert", "import", authority.path("out.pem"), authority.path("out.key"),
                                   authority.path("inter.pem"))["certificates"][0]["thumbprint"]
        text = instance.bindery("cert", "export", thumbprint).stdout
        assert text.count("BEGIN CERTIFICATE") == 2 and "PRIVATE" not in text, text
        target = instance.folder / "with.pem"
        instance.bindery("cert", "export", thumbprint, "--private-key", "--out", target)
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        assert authority.openssl(f"pkey -in {target}") == authority.openssl("pkey -in out.key")
        secret = instance.folder / "secret"
        secret.write_text("pass phrase\n")
        secret.chmod(0o600)
        archive = instance.folder / "with.p12"
        instance.bindery("cert", "export", thumbprint, "--format", "pkcs12", "--private-key", "--password-file", secret,
                         "--out", archive)
        shown = authority.openssl(f"pkcs12 -in {archive} -passin file:{secret} -nodes").decode()
        assert shown.count("BEGIN CERTIFICATE") == 2 and "BEGIN PRIVATE KEY" in shown
        closed = instance.folder / "closed.pem"
        instance.bindery("cert", "export", thumbprint, "--private-key", "--password-file", secret, "--out", closed)
        told = instance.bindery("cert", "export", thumbprint, "--out", "/dev/stdout").stdout
        assert told.startswith("-----BEGIN CERTIFICATE-----"), told
        assert os.path.islink("/dev/stdout")
        assert "BEGIN ENCRYPTED PRIVATE KEY" in closed.read_text()
        terminal, other = pty.openpty()
        done = subprocess.run([BINDERY, "cert", "export", thumbprint, "--private-key"], stdout=other, stderr=subprocess.PIPE,
                              env=instance.environment(), timeout=30)
        shown = os.read(terminal, 100000) if select.select([terminal], [], [], 0)[0] else b""
        os.close(other)
        os.close(terminal)
        assert done.returncode == 2 and b"terminal" in done.stderr and b"PRIVATE" not in shown, (done, shown)
        assert "exported the private key" in instance.server_log()
        assert "pass phrase" not in instance.server_log()


@test
def row_12_the_list_tells_names_days_issuer_and_users():
    with Instance() as instance:
        known = entry(instance, instance.thumbprint)
        assert known["names"] == ["localhost", "127.0.0.1"], known
        assert 395 <= known["days_left"] <= 397, known
        assert "Local authority" in known["issuer"], known
        assert known["bound_to"] == [f"127.0.0.1:{instance.port}"], known
        shown = instance.bindery("cert", "list").stdout
        assert "USED BY" in shown and f"127.0.0.1:{instance.port}" in shown, shown


def served(instance, port=None):
    with instance.connect(port, context=unchecked()) as stream:
        return hashlib.sha1(stream.getpeercert(binary_form=True)).hexdigest().upper()


def unchecked():
    import ssl
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def rows_of(instance, port):
    return [row for row in instance.json("tls", "list")["bindings"] if row["port"] == port]


@test
def row_31_a_certificate_in_use_is_not_removed_but_by_force_and_then_unbound_first():
    with Instance() as instance:
        refused = instance.bindery("cert", "remove", instance.thumbprint, check=False)
        assert refused.returncode == 3, refused
        assert f"127.0.0.1:{instance.port} ({APPLICATIONS[0]} and {APPLICATIONS[1]})" in refused.stderr, refused.stderr
        planned = instance.json("cert", "remove", instance.thumbprint, "--force", "--dry-run")
        assert any("unbind" in step for step in planned["steps"]) and not planned["changed"], planned
        assert entry(instance, instance.thumbprint) and rows_of(instance, instance.port)
        files = entry(instance, instance.thumbprint)
        instance.bindery("cert", "remove", instance.thumbprint, "--force")
        assert entry(instance, instance.thumbprint) is None and rows_of(instance, instance.port) == []
        assert not os.path.exists(files["file"]) and not os.path.exists(files["key_file"])
        gone = instance.bindery("cert", "remove", instance.thumbprint, check=False)
        assert gone.returncode == 4, gone
        history = instance.json("tls", "history")["events"][0]
        assert history["what"] == f"unbind {instance.thumbprint} everywhere" and history["tool"] == "bindery cert remove", history
        undo = instance.bindery("tls", "undo", check=False)
        assert undo.returncode == 3 and "bindery tls bind" in undo.stderr, undo
        free = instance.create_certificate("--name", "free")
        instance.bindery("cert", "remove", free)
        assert entry(instance, free) is None
        instance.bindery("cert", "request", "--host", "later.example", "--name", "later")
        instance.bindery("cert", "remove", "later")
        assert instance.json("cert", "list")["requests"] == []
        assert not list((instance.path / "certs").glob("later.*"))


@test
def row_31_one_of_two_certificates_of_a_row_is_taken_and_the_other_stays():
    with Instance() as instance:
        rsa = instance.create_certificate("--name", "rsa", "--key", "rsa-2048")
        words = [word for app in APPLICATIONS for word in ("--app", app)]
        instance.bindery("tls", "bind", *words, "--cert", instance.thumbprint, "--cert", rsa, "--address", "127.0.0.1",
                         "--port", instance.port)
        assert rows_of(instance, instance.port)[0]["certificates"] == [instance.thumbprint, rsa]
        instance.bindery("cert", "remove", instance.thumbprint, "--force")
        assert rows_of(instance, instance.port)[0]["certificates"] == [rsa]
        assert served(instance) == rsa


@test
def row_49_a_slot_moves_every_row_at_once():
    with Instance() as instance:
        second = free_port()
        first, other = instance.thumbprint, instance.create_certificate("--name", "other")
        instance.bindery("cert", "slot", "web", "--cert", first)
        words = [word for app in APPLICATIONS for word in ("--app", app)]
        for port in (instance.port, second):
            instance.bindery("tls", "bind", *words, "--slot", "web", "--address", "127.0.0.1", "--port", port)
        before = rows_of(instance, instance.port)[0]
        assert before["slots"] == ["web"] and before["certificates"] == [first], before
        done = instance.json("cert", "slot", "WEB", "--cert", other)
        assert sum("move" in step for step in done["steps"]) == 2, done
        assert served(instance) == served(instance, second) == other
        assert rows_of(instance, instance.port)[0]["generation"] != before["generation"]
        assert not instance.json("cert", "slot", "web", "--cert", other)["changed"]
        instance.bindery("tls", "undo")
        assert served(instance) == served(instance, second) == first
        instance.bindery("cert", "slot", "web", "--cert", other)
        slot = instance.json("cert", "slots")["slots"][0]
        assert slot["thumbprint"] == other and sorted(slot["rows"]) == sorted(f"127.0.0.1:{p}" for p in (instance.port, second))
        assert instance.json("tls", "history")["events"][0]["what"] == f"put {other} into the slot web"
        refused = instance.bindery("cert", "remove", other, check=False)
        assert refused.returncode == 3 and "the slot web" in refused.stderr, refused
        refused = instance.bindery("cert", "slot-remove", "web", check=False)
        assert refused.returncode == 3 and str(second) in refused.stderr, refused
        instance.bindery("cert", "slot-remove", "web", "--force")
        assert rows_of(instance, second)[0]["slots"] == [""] and served(instance, second) == other


@test
def row_49_a_certificate_that_does_not_fit_a_row_moves_none():
    with Instance() as instance:
        words = [word for app in APPLICATIONS for word in ("--app", app)]
        instance.bindery("cert", "slot", "web", "--cert", instance.thumbprint)
        instance.bindery("tls", "bind", *words, "--slot", "web", "--address", "127.0.0.1", "--port", instance.port)
        instance.bindery("url", "reserve", "--app", APPLICATIONS[0], f"https://localhost:{instance.port}/ReportServer")
        wrong = instance.json("cert", "create", "--host", "elsewhere.example")["thumbprint"]
        revision = instance.json("tls", "list")["revision"]
        refused = instance.bindery("cert", "slot", "web", "--cert", wrong, check=False)
        assert refused.returncode == 1 and "does not cover the host localhost" in refused.stderr, refused
        assert instance.json("tls", "list")["revision"] == revision
        assert served(instance) == instance.thumbprint
        missing = instance.bindery("tls", "bind", *words, "--slot", "none", "--port", instance.port, check=False)
        assert missing.returncode == 4 and "cert slots" in missing.stderr, missing


@test
def row_49_killed_at_any_moment_the_rows_of_a_slot_are_all_old_or_all_new():
    with Instance() as instance:
        second = free_port()
        certificates = [instance.thumbprint, instance.create_certificate("--name", "other")]
        words = [word for app in APPLICATIONS for word in ("--app", app)]
        instance.bindery("cert", "slot", "web", "--cert", certificates[0])
        for port in (instance.port, second):
            instance.bindery("tls", "bind", *words, "--slot", "web", "--address", "127.0.0.1", "--port", port)
        seen = set()
        for number in range(12):
            now = instance.json("cert", "slots")["slots"][0]["thumbprint"]
            wanted = certificates[1 - certificates.index(now)]
            change = subprocess.Popen([BINDERY, "cert", "slot", "web", "--cert", wanted], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, env=instance.environment())
            time.sleep(0.004 * number)
            instance.stop(signal.SIGKILL)
            change.wait(60)
            instance.start()
            state = instance.json("cert", "slots")["slots"][0]["thumbprint"]
            shown = {row["thumbprint"] for port in (instance.port, second) for row in rows_of(instance, port)}
            assert shown == {state} and state in certificates, (shown, state)
            assert served(instance) == served(instance, second) == state
            text = (instance.path / "rsreportserver.config").read_text()
            assert text.count(f"<CertificateHash>{state.lower()}</CertificateHash>") == 4, text
            seen.add(state == wanted)
        assert seen, "the moments were walked through"


class Certbot:
    """A folder as certbot keeps it: archive/NAME/fullchainN.pem, and links to the newest in live/NAME."""

    def __init__(self, instance, name="localhost"):
        self.authority, self.name, self.number = Authority(instance), name, 0
        self.live, self.archive = (instance.folder / "letsencrypt" / part / name for part in ("live", "archive"))
        for folder in (self.live, self.archive):
            folder.mkdir(parents=True)
        (self.live.parent / "README").write_text("not a certificate\n")

    def renew(self, half=False, **more):
        """Files of the next certificate; with `half` only the certificates are there yet. Gives its thumbprint."""
        self.number += 1
        name = f"r{self.number}"
        leaf = self.authority.sign(name, **more).read_text()
        inter = self.authority.path("inter.pem").read_text()
        parts = {"cert": leaf, "chain": inter, "fullchain": leaf + inter,
                 "privkey": self.authority.path(f"{name}.key").read_text()}
        for part, text in parts.items():
            path = self.archive / f"{part}{self.number}.pem"
            path.write_text(text)
            path.chmod(0o600 if part == "privkey" else 0o644)
        for part in ("cert", "chain", "fullchain") + (() if half else ("privkey",)):
            self.link(part)
        der = self.authority.openssl(f"x509 -in {name}.pem -outform DER")
        return hashlib.sha1(der).hexdigest().upper()

    def link(self, part):
        fresh = self.live / f".{part}.new"
        fresh.symlink_to(f"../../archive/{self.name}/{part}{self.number}.pem")
        fresh.rename(self.live / f"{part}.pem")


def follow(instance, slot):
    words = [word for app in APPLICATIONS for word in ("--app", app)]
    instance.bindery("tls", "bind", *words, "--slot", slot, "--address", "127.0.0.1", "--port", instance.port)


@test
def row_32_a_renewal_in_certbots_folder_shows_at_once():
    with Instance() as instance:
        certbot = Certbot(instance)
        first = certbot.renew()
        done = instance.json("cert", "watch", certbot.live.parent)
        assert done["moved"] == ["localhost"], done
        assert not instance.json("cert", "watch", certbot.live.parent)["changed"]
        follow(instance, "localhost")
        assert served(instance) == first
        second = certbot.renew()
        wait_until(lambda: served(instance) == second, what="the renewed certificate")
        slot = instance.json("cert", "slots")["slots"][0]
        assert slot["thumbprint"] == second and slot["source"] == f"the folder {certbot.live.parent}", slot
        event = instance.json("tls", "history")["events"][0]
        assert event["who"] == "the server" and event["tool"] == "watched folder", event
        by_hand = instance.bindery("cert", "slot", "localhost", "--cert", instance.thumbprint, check=False)
        assert by_hand.returncode == 3 and "filled by the folder" in by_hand.stderr, by_hand
        third = certbot.renew()
        wait_until(lambda: served(instance) == third, what="the third certificate")
        copies = (instance.path / "certs").glob
        wait_until(lambda: len(list(copies("localhost-????????.crt"))) == 2, what="the copy before the last one to go")
        instance.bindery("cert", "unwatch", certbot.live.parent)
        certbot.renew()
        assert instance.json("cert", "folders")["watched"] == []
        assert served(instance) == third


@test
def row_32_half_written_files_are_waited_for_and_unfit_ones_left():
    with Instance() as instance:
        certbot = Certbot(instance)
        first = certbot.renew()
        instance.bindery("cert", "watch", certbot.live, "--slot", "web")
        follow(instance, "web")
        second = certbot.renew(half=True)
        wait_until(lambda: "belongs to another certificate" in instance.server_log() or "no private key" in instance.server_log(),
                   what="the note in the log")
        assert served(instance) == first
        shown = instance.json("cert", "folders")["folders"][0]
        assert shown["message"] and not shown["held"], shown
        instance.stop(signal.SIGKILL)
        instance.start()
        assert served(instance) == first, "what is served does not depend on the folder"
        certbot.link("privkey")
        wait_until(lambda: served(instance) == second, what="the whole certificate")
        instance.bindery("url", "reserve", "--app", APPLICATIONS[0], f"https://localhost:{instance.port}/ReportServer")
        certbot.renew(host="elsewhere.example")
        wait_until(lambda: "does not cover the host localhost" in instance.server_log(), what="the refusal in the log")
        assert served(instance) == second


@test
def row_32_what_was_renewed_while_no_server_ran_shows_at_its_start():
    with Instance() as instance:
        certbot = Certbot(instance)
        certbot.renew()
        instance.bindery("cert", "watch", certbot.live, "--slot", "web")
        follow(instance, "web")
        instance.stop()
        second = certbot.renew()
        instance.start()
        wait_until(lambda: served(instance) == second, what="the renewed certificate")


@test
def row_48_a_certificate_of_the_local_authority_is_renewed_and_everything_moves():
    with Instance() as instance:
        second = free_port()
        instance.bindery("cert", "slot", "web", "--cert", instance.thumbprint)
        words = [word for app in APPLICATIONS for word in ("--app", app)]
        instance.bindery("tls", "bind", *words, "--slot", "web", "--address", "127.0.0.1", "--port", second)
        assert instance.json("cert", "renew", instance.thumbprint, "--dry-run")["dry_run"]
        assert served(instance) == instance.thumbprint
        fresh = instance.json("cert", "renew", instance.thumbprint)["thumbprint"]
        assert fresh != instance.thumbprint and served(instance) == served(instance, second) == fresh
        assert entry(instance, fresh)["names"] == entry(instance, instance.thumbprint)["names"]
        assert instance.json("cert", "slots")["slots"][0]["thumbprint"] == fresh
        assert instance.json("tls", "history")["events"][0]["what"] == f"renew {instance.thumbprint} as {fresh}"
        authority = Authority(instance)
        authority.sign("other")
        other = instance.json("cert", "import", authority.path("other.pem"), authority.path("other.key"),
                              authority.path("inter.pem"))["certificates"][0]["thumbprint"]
        refused = instance.bindery("cert", "renew", other, check=False)
        assert refused.returncode == 1 and "cert request" in refused.stderr, refused


@test
def row_48_what_expires_soon_is_told_in_status_and_log():
    with Instance() as instance:
        soon = instance.create_certificate("--name", "soon", "--days", "9")
        instance.bind(soon)
        status = instance.bindery("status").stdout
        assert "expires in 8 days" in status or "expires in 9 days" in status, status
        assert instance.json("status")["bindings"][0]["days_left"] in (8, 9)
        instance.stop()
        instance.start()
        wait_until(lambda: f"the certificate {soon} of 127.0.0.1:{instance.port} expires in" in instance.server_log(),
                   what="the warning in the log")


# ---- issuers from where certificates say they are ---------------------------------------------------------


@test
def row_47_a_chain_is_completed_from_the_addresses_in_certificates_if_asked():
    with Responder() as responder, Instance(bind=False) as instance:
        authority = Elsewhere(instance.folder, responder.port)
        certificate, key = authority.issue("web")
        alone = instance.bindery("cert", "import", certificate, key, "--dry-run")
        assert "neither here nor trusted" in alone.stdout + alone.stderr and responder.fetched == [], alone
        responder.files["/ca.der"] = authority.openssl("x509", "-in", "ca.crt", "-outform", "DER")
        responder.files["/root.p7b"] = authority.openssl("crl2pkcs7", "-nocrl", "-certfile", "root.crt", "-certfile", "signer.crt",
                                                         "-outform", "DER")
        instance.bindery("cert", "import", certificate, key, "--fetch-chain")
        assert responder.fetched == ["/ca.der", "/root.p7b"], responder.fetched
        entry = next(c for c in instance.json("cert", "list")["certificates"] if c["subject"] == "CN=web")
        assert entry["usable"] and "chain-incomplete" not in [reason["code"] for reason in entry["reasons"]], entry
        exported = instance.bindery("cert", "export", entry["thumbprint"]).stdout
        assert exported.count("BEGIN CERTIFICATE") == 2, exported
        # of an archive whose password is known, too; what is there already is not fetched
        authority.openssl("pkcs12", "-export", "-in", "web.crt", "-inkey", "web.key", "-out", "web.p12", "-passout", "pass:secret",
                          "-certfile", "ca.crt")
        password = instance.folder / "password"
        password.write_text("secret\n")
        responder.fetched.clear()
        instance.bindery("cert", "import", authority.path("web.p12"), "--password-file", password, "--fetch-chain")
        assert responder.fetched == ["/root.p7b"], responder.fetched


@test
def row_47_what_is_fetched_for_a_chain_must_be_the_issuer():
    with Responder() as responder, Instance(bind=False, serve=False) as instance:
        authority = Elsewhere(instance.folder, responder.port)
        certificate, key = authority.issue("web")

        def refused(answer, words):
            responder.files["/ca.der"] = answer
            done = instance.bindery("cert", "import", certificate, key, "--fetch-chain", check=False)
            assert done.returncode == 1 and words in done.stderr, (words, done)
            assert instance.json("cert", "list")["certificates"] == [], "nothing is imported then"

        refused((404, {}, b""), "status 404")
        refused(b"no certificate at all", "gives as the issuer's certificate")
        refused(authority.openssl("x509", "-in", "root.crt", "-outform", "DER"), "did not sign")
        refused(b"x" * 300000, "larger than")
        refused((302, {"Location": "/ca.der"}, b""), "redirects")
        refused((302, {"Location": "file:///etc/passwd"}, b""), "file")
        responder.stop()
        done = instance.bindery("cert", "import", certificate, key, "--fetch-chain", check=False)
        assert done.returncode == 1 and "cannot reach the issuer's certificate" in done.stderr, done


run()
