"""Tickets of Kerberos: a real KDC, curl, and a client that says each token by itself."""
import base64
import os

from harness import Skip, run, test, wait_until
from kdc import NAME, Realm, Tokens
from negotiate_server import PAGE, Server, ask, log_on

# ---- who gets in ---------------------------------------------------------------------------------------------


@test
def a_ticket_opens_the_portal_to_its_account():
    with Realm() as realm, Server(realm) as server:
        alice = realm.log_on("alice")
        first = server.get(PAGE, user=None)
        assert first.status == 401
        for options in ("--http1.1",), ("--http2",):
            status, version, body = server.curl(alice, *options)
            assert status == 200 and f"alice@{NAME}" in body, (options, status, body[:500])
            assert version == options[0].removeprefix("--http").removesuffix(".0"), version
        assert server.get(PAGE).status == 200, "passwords are taken beside tickets"


@test
def both_ways_are_offered_the_stronger_first_and_ntlm_is_not():
    with Realm() as realm, Server(realm) as server:
        connection = server.open()
        answer = ask(connection)
        assert answer.challenges == ["Negotiate", 'Basic realm="Bindery", charset="UTF-8"'], answer.challenges
        ntlm = ask(connection, b"NTLMSSP\0\1\0\0\0" + bytes(24))
        assert ntlm.status == 401 and ntlm.token is None
        assert "NTLM, which is not offered" in server.server_log()
        connection.close()


@test
def the_server_proves_itself_to_the_client():
    with Realm() as realm, Server(realm) as server:
        alice = realm.log_on("alice")
        for options in (), ("--raw",):
            connection = server.open()
            with Tokens(alice, *options) as tokens:
                answer = ask(connection, tokens.next())
                assert answer.status == 200 and answer.token, answer.status
                assert tokens.next(answer.token) == "done mutual", options
            connection.close()


@test
def a_logon_of_several_tokens_goes_on_over_its_connection_only():
    with Realm() as realm, Server(realm) as server:
        alice = realm.log_on("alice")
        connection, other = server.open(), server.open()
        with Tokens(alice, "--other-first") as tokens:
            first = ask(connection, tokens.next())
            assert first.status == 401 and first.token and len(first.challenges) == 1, first.challenges
            second = tokens.next(first.token)
            elsewhere = ask(other, second)
            assert elsewhere.status == 401 and elsewhere.token is None, "another connection knows nothing of it"
            answer = ask(connection, second)
            assert answer.status == 401 and answer.token
            third = tokens.next(answer.token)
            last = ask(connection, third)
            assert last.status == 200 and f"alice@{NAME}" in last.body.decode()
            again = ask(connection, third)
            assert again.status == 401, "the end of a logon is of use once"
        connection.close()
        other.close()


@test
def who_has_a_ticket_but_no_account_is_told_so():
    with Realm() as realm, Server(realm) as server:
        status, _, body = server.curl(realm.log_on("mallory"))
        assert status == 403 and f"no account for mallory@{NAME}" in body, (status, body[:500])


@test
def short_names_are_of_the_realm_that_the_settings_name():
    with Realm() as realm, Server(realm, KerberosRealm=NAME) as server:
        status, _, body = server.curl(realm.log_on("reader"))
        assert status == 200 and "reader" in body
        status, _, _ = server.curl(realm.log_on("reader/admin"))
        assert status == 403, "of one part only"
    with Realm() as realm, Server(realm, KerberosRealm="OTHER.TEST") as server:
        assert server.curl(realm.log_on("reader"))[0] == 403


@test
def an_account_without_a_password_is_opened_by_none():
    with Realm() as realm, Server(realm) as server:
        for password in ("", "x", "correct horse battery"):
            pair = base64.b64encode(f"alice@{NAME}:{password}".encode()).decode()
            assert server.get(PAGE, user=None, headers={"Authorization": "Basic " + pair}).status == 401


# ---- what is refused ---------------------------------------------------------------------------------------------


@test
def a_token_is_taken_once():
    with Realm() as realm, Server(realm) as server:
        with Tokens(realm.log_on("alice")) as tokens:
            token = tokens.next()
        connection = server.open()
        assert ask(connection, token).status == 200
        connection.close()
        connection = server.open()
        again = ask(connection, token)
        assert again.status == 401, "a token that somebody kept is of no use"
        connection.close()
        assert "eplay" in server.server_log(), server.server_log()[-2000:]


@test
def a_ticket_for_another_service_of_the_machine_is_not_taken():
    with Realm() as realm, Server(realm) as server:
        alice = realm.log_on("alice")
        other = realm.keytab("host/localhost")
        realm.run("ktutil", input=f"rkt {realm.service}\nrkt {other}\nwkt {realm.folder}/both\n")
        (server.path / "krb5.keytab").write_bytes((realm.folder / "both").read_bytes())
        wait_until(lambda: "host/localhost" in server.server_log(), what="the new keytab to be read")
        assert log_on(server, alice, service="host@localhost").status == 401
        assert log_on(server, alice).status == 200


@test
def nonsense_is_refused_and_the_next_client_served():
    with Realm() as realm, Server(realm) as server:
        alice = realm.log_on("alice")
        with Tokens(alice) as tokens:
            good = tokens.next()
        connection = server.open()
        for bad in (b"\0", b"\x60\x82\xff\xff", good[:-1], good[:40], bytes(24000), good[:100] + b"\xff" + good[101:]):
            answer = ask(connection, bad)
            assert answer.status == 401, (answer.status, len(bad))
        for bad in ("Negotiate", "Negotiate !!!", "Negotiate " + "A" * 40000, "NTLM abc"):
            connection.request("GET", PAGE, headers={"Authorization": bad})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 401, (answer.status, bad[:40])
        connection.close()
        assert server.curl(alice)[0] == 200


# ---- the keytab and its process ------------------------------------------------------------------------------------


@test
def without_a_keytab_passwords_are_asked_for_and_one_that_comes_is_used():
    with Realm() as realm, Server(realm, types=("RSWindowsNegotiate", "RSWindowsNTLM"), keytab=False) as server:
        assert "there is no keytab" in server.server_log()
        assert server.get(PAGE).status == 200
        connection = server.open()
        assert ask(connection).challenges == ['Basic realm="Bindery", charset="UTF-8"']
        connection.close()
        server.put_keytab()
        alice = realm.log_on("alice")

        def offered():
            connection = server.open()
            challenges = ask(connection).challenges
            connection.close()
            return challenges == ["Negotiate"]
        wait_until(offered, what="tickets to be offered")
        wait_until(lambda: server.curl(alice)[0] == 200, what="a ticket to be taken")
        assert server.get(PAGE).status == 401, "no passwords where the settings want tickets alone"


@test
def the_process_of_the_keytab_is_started_again():
    with Realm() as realm, Server(realm) as server:
        alice = realm.log_on("alice")
        assert server.curl(alice)[0] == 200
        (before,) = server.children("kerberos")
        os.kill(before, 9)
        assert server.curl(alice)[0] == 200, "who comes in between waits"
        assert server.children("kerberos") != [before]


@test
def a_keytab_that_others_may_read_is_not_used():
    with Realm() as realm, Server(realm, keytab=False) as server:
        path = server.path / "krb5.keytab"
        path.write_bytes(realm.service.read_bytes())
        path.chmod(0o644)
        wait_until(lambda: "is open to others" in server.server_log(), what="the reason in the log")
        assert f"chmod 600 {path}" in server.server_log()
        assert "krb5.keytab" in server.bindery("doctor", check=False).stdout
        server.bindery("doctor", "--mend", check=False)
        assert path.stat().st_mode & 0o777 == 0o600
        alice = realm.log_on("alice")
        wait_until(lambda: server.curl(alice)[0] == 200, what="tickets to be taken")


@test
def the_process_of_the_keytab_is_enclosed():
    with Realm() as realm, Server(realm) as server:
        assert server.curl(realm.log_on("alice"))[0] == 200
        (process,) = server.children("kerberos")
        status = dict(line.split(":\t", 1) for line in open(f"/proc/{process}/status") if ":\t" in line)
        assert status["NoNewPrivs"].strip() == "1" and int(status["CapEff"], 16) == 0, status
        sanitized = int(open(f"/proc/{process}/statm").read().split()[0]) > 1 << 28
        assert status["Seccomp"].strip() == "2" or sanitized
        assert oct((server.path / "run" / "kerberos.sock").stat().st_mode & 0o777) == "0o600"


@test
def the_key_is_in_no_process_but_its_own():
    with Realm() as realm, Server(realm) as server:
        alice = realm.log_on("alice")
        assert server.curl(alice)[0] == 200
        text = realm.run("klist", "-k", "-K", "-e", realm.service)
        key = bytes.fromhex(text.split("(0x")[1].split(")")[0])

        def holds(pid):
            found = False
            with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
                for line in maps:
                    area, rights = line.split()[:2]
                    begin, end = (int(each, 16) for each in area.split("-"))
                    if rights.startswith("rw"):
                        try:
                            memory.seek(begin)
                            found = found or key in memory.read(end - begin)
                        except OSError:
                            pass
            return found
        (own,) = server.children("kerberos")
        if os.getuid() != 0 or int(open(f"/proc/{own}/statm").read().split()[0]) > 1 << 28:
            raise Skip("only root looks into other processes, and not into those with a sanitizer")
        assert holds(own), "the test knows how to look"
        others = [server.server.pid, *server.children("front"), *server.children("keys"), *server.children("worker")]
        assert not [pid for pid in others if holds(pid)]


run()
