"""A realm of Kerberos of its own: a real KDC on loopback, with its own configuration; nothing of the system's is touched."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from harness import BUILD, Skip, free_port

NAME = "EXAMPLE.TEST"
TICKET = str(BUILD / "tests" / "e2e" / "kerberos" / "ticket")


def program(name):
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise Skip(f"{name} is not installed")
    return found


class Realm:
    """`with` starts and stops its KDC. `service` is the keytab of HTTP/localhost."""

    def __init__(self, name=NAME):
        self.name = name
        self.kdc = None
        for each in ("krb5kdc", "kdb5_util", "kadmin.local", "kinit"):
            program(each)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bindery-kdc-"))
        self.port = free_port()

    @property
    def variables(self):
        """What a program needs to be in the realm."""
        return {"KRB5_CONFIG": str(self.folder / "krb5.conf"), "KRB5_KDC_PROFILE": str(self.folder / "kdc.conf")}

    def run(self, *words, input=None, **variables):
        done = subprocess.run([program(words[0]), *map(str, words[1:])], capture_output=True, text=True, input=input, timeout=60,
                              env={**os.environ, **self.variables, **variables})
        assert done.returncode == 0, (words, done.stderr, done.stdout)
        return done.stdout

    def __enter__(self):
        (self.folder / "krb5.conf").write_text(
            f"[libdefaults]\n default_realm = {self.name}\n dns_lookup_kdc = false\n dns_lookup_realm = false\n"
            f" dns_canonicalize_hostname = false\n rdns = false\n udp_preference_limit = 1\n"
            f"[realms]\n {self.name} = {{\n  kdc = 127.0.0.1:{self.port}\n }}\n")
        (self.folder / "kdc.conf").write_text(
            f"[kdcdefaults]\n kdc_listen = 127.0.0.1:{self.port}\n kdc_tcp_listen = 127.0.0.1:{self.port}\n"
            f"[realms]\n {self.name} = {{\n  database_name = {self.folder}/principal\n"
            f"  key_stash_file = {self.folder}/stash\n  max_life = 1h\n }}\n")
        self.run("kdb5_util", "create", "-s", "-W", "-r", self.name, "-P", "master")
        self.service = self.keytab("HTTP/localhost")
        self.log = open(self.folder / "kdc.log", "ab")
        self.kdc = subprocess.Popen([program("krb5kdc"), "-n", "-r", self.name], stdout=self.log, stderr=self.log,
                                    env={**os.environ, **self.variables})
        return self

    def __exit__(self, *rest):
        if self.kdc:
            self.kdc.terminate()
            self.kdc.wait(30)
            self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def keytab(self, principal):
        """A new principal with random keys; gives the file that holds them."""
        path = self.folder / (principal.replace("/", "-") + ".keytab")
        self.run("kadmin.local", "-r", self.name, "addprinc", "-randkey", principal)
        self.run("kadmin.local", "-r", self.name, "ktadd", "-k", path, principal)
        return path

    def log_on(self, user):
        """A user with a ticket; gives the variables with which programs are this user."""
        keys, cache = self.keytab(user), self.folder / f"{user.replace('/', '-')}.cache"
        for tries in range(50):
            try:
                self.run("kinit", "-k", "-t", keys, user, KRB5CCNAME=str(cache))
                break
            except AssertionError:
                if tries == 49:
                    raise
                time.sleep(0.1)  # the KDC has just been started
        return {**self.variables, "KRB5CCNAME": str(cache)}


class Tokens:
    """The client's side of one logon."""

    def __init__(self, variables, *options, service="HTTP@localhost"):
        self.process = subprocess.Popen([TICKET, service, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env={**os.environ, **variables})

    def next(self, answer=None):
        """The next token as bytes, or the last word: "done mutual"."""
        if answer is not None:
            self.process.stdin.write(answer.hex() + "\n")
            self.process.stdin.flush()
        line = self.process.stdout.readline().strip()
        return line if line.startswith("done") or not line else bytes.fromhex(line)

    def __enter__(self):
        return self

    def __exit__(self, *rest):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
        self.process.stderr.close()
