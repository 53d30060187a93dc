"""A server in a realm of Kerberos, and clients that say tokens to it one by one."""
import base64
import http.client
import os
import re
import subprocess

from harness import Instance
from kdc import NAME, Tokens

PAGE = "/Reports/browse/"


def want(instance, *types, **others):
    """Change the types of authentication, and other elements below Authentication."""
    config = instance.path / "rsreportserver.config"
    text = config.read_text()
    begin, end = text.index("<AuthenticationTypes>"), text.index("</AuthenticationTypes>")
    text = text[:begin] + "<AuthenticationTypes>" + "".join(f"<{each}/>" for each in types) + text[end:]
    for name, value in others.items():
        text, count = re.subn(f"<{name}>[^<]*</{name}>", f"<{name}>{value}</{name}>", text)
        assert count == 1, name
    config.write_text(text)


class Server(Instance):
    """In the realm; takes tickets for HTTP/localhost, and passwords."""

    def __init__(self, realm, types=("RSWindowsNegotiate", "RSWindowsBasic"), keytab=True, others={}, **settings):
        super().__init__(serve=False, **settings)
        self.realm, self.types, self.with_keytab, self.others = realm, types, keytab, others
        self.variables = realm.variables

    def put_keytab(self):
        path = self.path / "krb5.keytab"
        path.touch(0o600)
        path.write_bytes(self.realm.service.read_bytes())

    def __enter__(self):
        super().__enter__()
        try:
            want(self, *self.types, **self.others)
            if self.with_keytab:
                self.put_keytab()
            self.bindery("user", "add", f"alice@{NAME}", "--role", "administrator", "--no-password")
            self.start()
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return self

    def curl(self, variables, *options, target=PAGE):
        """Status, version and body of a request with a user's ticket."""
        done = subprocess.run(["curl", "-sS", "--negotiate", "-u", ":", "--cacert", self.authority, *options,
                               "-w", "\n%{http_code} %{http_version} %{num_connects}", f"https://localhost:{self.port}{target}"],
                              capture_output=True, text=True, env={**os.environ, **variables}, timeout=60)
        assert done.returncode == 0, done.stderr
        body, _, last = done.stdout.rpartition("\n")
        status, version, _ = last.split()
        return int(status), version, body

    def open(self):
        return http.client.HTTPSConnection("localhost", self.port, context=self.context(), timeout=60)


def ask(connection, token=None, target=PAGE, **headers):
    """One request on this connection; gives the answer, its token among it."""
    if token is not None:
        headers["Authorization"] = "Negotiate " + base64.b64encode(token).decode()
    connection.request("GET", target, headers=headers)
    answer = connection.getresponse()
    answer.body = answer.read()
    answer.challenges = answer.headers.get_all("WWW-Authenticate") or []
    ours = [each for each in answer.challenges if each.startswith("Negotiate ")]
    answer.token = base64.b64decode(ours[0].split()[1]) if ours else None
    return answer


def log_on(server, variables, *options, service="HTTP@localhost"):
    """The first answer to a token, over a connection of its own."""
    connection = server.open()
    try:
        with Tokens(variables, *options, service=service) as tokens:
            return ask(connection, tokens.next())
    finally:
        connection.close()
