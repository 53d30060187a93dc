#!/usr/bin/env python3
"""Mail through a real SMTP server, and the account for data sources without credentials. TAP."""
import email
import email.policy
import json
import pathlib
import subprocess

from documents import Numbers
from harness import Instance, Skip, run, test, wait_until

SECRET = "mail-secret-Zq7"


class MailServer:
    def __init__(self, *words):
        if subprocess.run(["/usr/bin/python3", "-c", "import aiosmtpd"], capture_output=True).returncode != 0:
            raise Skip("aiosmtpd is not installed")
        self.words = [str(word) for word in words]

    def __enter__(self):
        self.process = subprocess.Popen(["/usr/bin/python3", pathlib.Path(__file__).with_name("smtp_server.py"), *self.words],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = int(self.process.stdout.readline())
        return self

    def said(self):
        return json.loads(self.process.stdout.readline())

    def __exit__(self, *rest):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def password_file(instance, text=SECRET):
    path = instance.folder / "mail-password"
    path.write_text(text + "\n")
    path.chmod(0o600)
    return "--password-file", path


def nowhere(instance, secret):
    """The secret stands in no file of the instance and in no log."""
    for path in [*instance.path.rglob("*"), instance.folder / "server.log"]:
        if path.is_file() and not path.is_symlink():
            assert secret.encode() not in path.read_bytes(), path


@test
def row_37_a_message_goes_to_the_mail_server_that_was_set():
    with MailServer() as server, Instance() as instance:
        place = f"127.0.0.1:{server.port}"
        assert instance.bindery("email", "test", "--to", "a@example.com", check=False).returncode == 4
        planned = instance.json("email", "set", "--server", place, "--from", "reports@example.com", "--dry-run")
        assert planned["steps"] and not planned["changed"] and instance.json("email", "show")["SMTPServer"] == ""
        words = ("email", "set", "--server", place, "--from", "reports@example.com")
        assert [instance.json(*words)["changed"] for _ in range(2)] == [True, False]
        text = (instance.path / "rsreportserver.config").read_text()
        assert '<Extension Name="Report Server Email">' in text and "<SMTPServer>127.0.0.1</SMTPServer>" in text
        assert "mail of reports@example.com goes to 127.0.0.1" in instance.bindery("status").stdout
        instance.bindery("email", "test", "--to", "someone@example.com")
        told = server.said()
        assert told["from"] == "reports@example.com" and told["to"] == ["someone@example.com"], told
        message = email.message_from_string(told["text"], policy=email.policy.default)
        assert [message[name].addresses[0].addr_spec for name in ("From", "To")] == ["reports@example.com", "someone@example.com"]
        assert message["Message-ID"] and message["Date"].datetime.tzinfo and not message.defects, message.items()
        assert f"https://localhost:{instance.port}/ReportServer" in message.get_content()
        refused = instance.bindery("email", "test", "--to", "refuse@example.com", check=False)
        assert refused.returncode == 1 and "nobody wants this" in refused.stderr, refused
        for bad in ("no address", "a@b\r\nBcc: c@d", "<a@b>", "a@", "@b"):
            assert instance.bindery("email", "test", "--to", bad, check=False).returncode == 1, bad
            assert instance.bindery("email", "set", "--server", place, "--from", bad, check=False).returncode == 1, bad
        assert instance.json("email", "remove")["changed"] and instance.json("email", "show")["SMTPServer"] == ""
    with Instance(serve=False) as instance:
        instance.bindery("email", "set", "--server", place, "--from", "reports@example.com")
        gone = instance.bindery("email", "test", "--to", "someone@example.com", check=False)
        assert gone.returncode == 1 and "cannot be reached" in gone.stderr, gone


@test
def row_37_a_password_for_the_mail_server_is_kept_sealed():
    with MailServer("robot", SECRET) as server, Instance() as instance:
        words = ("email", "set", "--server", f"127.0.0.1:{server.port}", "--from", "reports@example.com", "--user", "robot")
        done = instance.json(*words, *password_file(instance))
        assert done["changed"] and "goes over the network" in done["warnings"][0] and SECRET not in json.dumps(done), done
        assert instance.json("email", "show")["SendUserName"] == "robot" and instance.json("key", "nodes")["sealed"] == 1
        assert instance.json(*words, *password_file(instance))["changed"] is False
        instance.bindery("email", "test", "--to", "someone@example.com")
        assert server.said() == {"logon": "robot", "good": True} and server.said()["to"] == ["someone@example.com"]
        instance.bindery("key", "rotate")
        instance.bindery("email", "test", "--to", "someone@example.com")
        assert server.said()["good"] and server.said()["to"]
        nowhere(instance, SECRET)
        assert instance.json(*words, *password_file(instance, "wrong-one-Zq8"))["changed"], "another password is a change"
        refused = instance.bindery("email", "test", "--to", "someone@example.com", check=False)
        assert refused.returncode == 1 and "does not take the user robot" in refused.stderr, refused
        assert "wrong-one" not in refused.stderr
        history = json.dumps(instance.json("tls", "history"))
        assert "seal the password of email" in history and SECRET not in history
        assert instance.bindery("email", "set", "--server", "h", "--from", "a@b", "--user", "robot", "--password-file", "/dev/null",
                                check=False).returncode == 1


@test
def row_37_nothing_is_sent_without_tls_where_that_was_asked_for():
    with MailServer() as plain, Instance(serve=False) as instance:
        instance.bindery("email", "set", "--server", f"127.0.0.1:{plain.port}", "--from", "a@example.com", "--tls")
        refused = instance.bindery("email", "test", "--to", "b@example.com", check=False)
        assert refused.returncode == 1 and "TLS" in refused.stderr, refused
        made = instance.json("cert", "create", "--host", "localhost", "--address", "127.0.0.1", "--name", "mail")
        files = [instance.path / "certs" / f"mail.{ending}" for ending in ("crt", "key")]
        with MailServer("robot", SECRET, "--starttls", *files) as server:
            instance.bindery("email", "set", "--server", f"127.0.0.1:{server.port}", "--from", "a@example.com", "--tls", "--user",
                             "robot", *password_file(instance))
            refused = instance.bindery("email", "test", "--to", "b@example.com", check=False)
            assert refused.returncode == 1 and "not trusted" in refused.stderr and "update-ca-certificates" in refused.stderr, refused
            server.process.kill()
            assert server.process.stdout.read() == "", "the password was sent to a server that nobody knows"


@test
def row_37_the_unattended_account_reads_what_has_no_credentials():
    with Numbers() as numbers, Instance(DataHosts="*") as instance:
        numbers.publish(instance, stored=False)
        assert not numbers.reads(instance)
        words = ("account", "unattended", "set", numbers.user)
        path = instance.folder / "data-password"
        planned = instance.json(*words, "--password-file", path, "--dry-run")
        assert len(planned["steps"]) == 2 and not planned["changed"], planned
        assert [instance.json(*words, "--password-file", path)["changed"] for _ in range(2)] == [True, False]
        wait_until(lambda: numbers.reads(instance), what="rows with the account")
        assert f"read as {numbers.user}" in instance.bindery("status").stdout
        nowhere(instance, numbers.password)
        instance.bindery("key", "rotate")
        assert numbers.reads(instance)
        assert [instance.json("account", "unattended", "remove")["changed"] for _ in range(2)] == [True, False]
        wait_until(lambda: not numbers.reads(instance), what="no account any more")
        assert instance.json("key", "nodes")["sealed"] == 0
        for bad in (("account", "unattended", "set"), ("account", "unattended", "remove", "x"), ("account", "unattended", "cake")):
            assert instance.bindery(*bad, check=False).returncode == 2, bad
    # Stored credentials come before it.
    with Numbers() as numbers, Instance(DataHosts="*") as instance:
        numbers.publish(instance)
        (instance.folder / "other").write_text("another password\n")
        instance.bindery("account", "unattended", "set", "somebody", "--password-file", instance.folder / "other")
        assert numbers.reads(instance)


run()
