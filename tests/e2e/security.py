"""What an attacker, a careless administrator and a bad moment do to a server."""
import grp
import http.client
import json
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

from harness import BINDERY, Instance, Skip, basic, run, test, wait_until


def server_socket(connection, path):
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(30)
    connection.sock.connect(str(path))
    return connection


def ask_as(instance, user, group, groups, operation="GetServiceState"):
    """What the configuration API answers to a process with these credentials: its status, or what failed."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups(groups)
            os.setgid(group)
            os.setuid(user)
            connection = server_socket(http.client.HTTPConnection("localhost"), instance.path / "run" / "api.sock")
            connection.request("POST", f"/v1/{operation}", body="{}")
            text = str(connection.getresponse().status)
        except OSError as error:
            text = type(error).__name__
        os.write(writer, text.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return text


def slow_request(instance):
    """A connection with a request that never ends, from somebody who may ask."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(instance.path / "run" / "api.sock"))
    connection.sendall(b"POST /v1/GetServiceState HTTP/1.1\r\n")
    return connection


# ---- the configuration API ------------------------------------------------------------------------------


@test
def only_root_the_account_and_the_group_configure_the_server():
    if os.getuid() != 0:
        raise Skip("only root can be somebody else")
    nobody, wanted, other = pwd.getpwnam("nobody").pw_uid, grp.getgrnam("games").gr_gid, grp.getgrnam("nogroup").gr_gid
    with Instance(bind=False, serve=False) as instance:
        instance.folder.chmod(0o755)
        instance.start()
        assert ask_as(instance, 0, 0, []) == "200"
        assert ask_as(instance, nobody, other, []) == "PermissionError", "nobody gets as far as the socket"
        instance.setting(ApiGroup="games")
        instance.server.send_signal(signal.SIGHUP)
        wait_until(lambda: (instance.path / "run").stat().st_mode & 0o1, what="the folder to be open")
        assert ask_as(instance, nobody, other, []) == "403"
        assert ask_as(instance, nobody, wanted, []) == "200"
        assert ask_as(instance, nobody, other, [other, wanted]) == "200", "a supplementary group counts"
        for private in ("certs", "tmp"):
            assert (instance.path / private).stat().st_mode & 0o777 == 0o700
        for private in ("https.db", "catalog.db"):
            assert (instance.path / private).stat().st_mode & 0o077 == 0


@test
def who_is_refused_by_the_api_is_told_by_the_command():
    if os.getuid() != 0:
        raise Skip("only root can be somebody else")
    nobody, other = pwd.getpwnam("nobody").pw_uid, grp.getgrnam("nogroup").gr_gid
    with Instance(bind=False, ApiGroup="games") as instance:
        instance.folder.chmod(0o755)
        done = subprocess.run([BINDERY, "url", "list"], capture_output=True, text=True, user=nobody, group=other,
                              extra_groups=[], env=instance.environment(), cwd="/", timeout=60)
        if "Permission denied" in done.stderr and "not use" not in done.stderr and "may not" not in done.stderr:
            raise Skip("the program lies where others cannot run it")
        assert done.returncode != 0 and "may not configure the server" in done.stderr, done


@test
def a_client_that_dribbles_holds_the_api_for_seconds_only():
    with Instance(bind=False) as instance:
        with slow_request(instance):
            begun = time.monotonic()
            assert ask_as(instance, os.getuid(), os.getgid(), os.getgroups()) == "200"
            assert time.monotonic() - begun < 10


# ---- processes ------------------------------------------------------------------------------------------


@test
def a_front_that_does_not_answer_is_replaced_and_serves_what_counts():
    with Instance() as instance:
        (front,) = instance.children("front")
        os.kill(front, signal.SIGSTOP)
        done = instance.bindery("url", "reserve", "--app", "ReportServerWebService",
                                f"https://localhost:{instance.port}/ReportServer", check=False)
        assert done.returncode == 1 and "did not answer in time" in done.stderr, done
        wait_until(lambda: instance.children("front") not in ([], [front]), what="another front")
        state = wait_until(lambda: instance.get("/ReportServer").status, what="an answer")
        assert state == 200
        wanted = f"https://localhost:{instance.port}/ReportServer"
        assert wanted not in json.dumps(instance.json("url", "list"))
        instance.bindery("url", "reserve", "--app", "ReportServerWebService", wanted)
        assert instance.get("/ReportServer").status == 200
        assert wanted in json.dumps(instance.json("url", "list"))


@test
def signals_of_a_terminal_are_the_parents_to_act_on():
    with Instance() as instance:
        before = instance.children("front") + instance.children("worker")
        for number in (signal.SIGINT, signal.SIGHUP):
            for child in before:
                os.kill(child, number)
        time.sleep(0.5)
        assert instance.children("front") + instance.children("worker") == before, "a child ended by itself"
        assert instance.get("/ReportServer").status == 200
        assert instance.stop(signal.SIGINT) == 0


@test
def a_second_sigterm_ends_replaced_processes_too():
    with Instance() as instance:
        old = instance.children("front")
        with instance.connect() as held:
            held.sendall(b"POST /ReportServer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
            time.sleep(0.3)
            instance.server.send_signal(signal.SIGHUP)
            wait_until(lambda: set(instance.children("front")) - set(old), what="a new front")
            everybody = instance.children("front") + instance.children("worker")
            assert set(old) <= set(everybody), "the old front has a request"
            begun = time.monotonic()
            instance.server.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            assert instance.stop() == 0 and time.monotonic() - begun < 10
        wait_until(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() and
                                   pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
                                   for pid in everybody), what="the end of all processes")


@test
def single_process_finishes_requests_before_it_ends():
    with Instance(serve=False) as instance:
        instance.start("--single")
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(instance.get("/Reports/browse/").status))
                   for _ in range(6)]
        for thread in threads:
            thread.start()
        time.sleep(0.25)
        assert instance.stop() == 0
        for thread in threads:
            thread.join()
        assert answers == [200] * 6, answers


def descriptors(pid):
    found = {}
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            found[int(entry.name)] = os.readlink(entry)
        except OSError:
            pass
    return found


@test
def a_worker_holds_no_descriptor_of_the_parent():
    with Instance() as instance:
        instance.get("/ReportServer")
        inodes = {line.split()[9] for line in open("/proc/net/tcp").readlines()[1:] +
                  open("/proc/net/tcp6").readlines()[1:]}
        for worker in instance.children("worker"):
            for number, target in descriptors(worker).items():
                assert not target.endswith("/run/lock"), (number, target)
                assert "https.db" not in target and "/certs" not in target, (number, target)
                assert not (target.startswith("socket:[") and target[8:-1] in inodes), (number, target)


@test
def keys_are_out_of_reach_of_core_files_and_debuggers():
    with Instance() as instance:
        for pid in instance.children("front") + [instance.server.pid]:
            limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
            core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
            assert core.split()[4:6] == ["0", "0"], core


# ---- the web --------------------------------------------------------------------------------------------


def token_of(instance):
    cookie = instance.get("/Reports/browse/").headers["set-cookie"].split(";")[0]
    return cookie, cookie.split("=", 1)[1]


def send_form(instance, action, token=None, headers=None, method="POST", **fields):
    cookie, good = token_of(instance)
    body = urllib.parse.urlencode({"token": good if token is None else token, **fields})
    return instance.get(f"/Reports/do/{action}", method=method, body=body, headers={
        "Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie, **(headers or {})})


@test
def only_forms_of_this_server_change_anything():
    with Instance() as instance:
        own = {"Origin": f"https://localhost:{instance.port}"}
        for name, answer in {
            "no token": send_form(instance, "new-folder", token="", path="/", name="A"),
            "another token": send_form(instance, "new-folder", token="0" * 32, path="/", name="A"),
            "another site": send_form(instance, "new-folder", headers={"Origin": "https://evil.example"}, path="/", name="A"),
            "no site": send_form(instance, "new-folder", headers={"Origin": "null"}, path="/", name="A"),
            "plain http": send_form(instance, "new-folder", headers={"Origin": f"http://localhost:{instance.port}"},
                                    path="/", name="A"),
            "GET": send_form(instance, "new-folder", method="GET", headers=own, path="/", name="A"),
        }.items():
            assert answer.status in (403, 405), (name, answer.status)
        assert instance.get("/Reports/browse/A").status == 404
        assert send_form(instance, "new-folder", headers=own, path="/", name="A").status == 303
        cookie = instance.get("/Reports/browse/").headers["set-cookie"]
        for word in ("HttpOnly", "Secure", "SameSite=Strict"):
            assert word in cookie, cookie


@test
def files_that_are_pages_run_without_the_rights_of_their_reader():
    with Instance() as instance:
        folder = instance.folder / "files"
        folder.mkdir()
        for name in ("a.html", "a.svg", "a.xml", "a.js", "a.mht", "a.unknown", "a.png", "a.pdf", "a.txt"):
            cookie, token = token_of(instance)
            body = (f"--x\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n{token}\r\n--x\r\n"
                    f"Content-Disposition: form-data; name=\"path\"\r\n\r\n/\r\n--x\r\nContent-Disposition: form-data; "
                    f"name=\"file\"; filename=\"{name}\"\r\n\r\n<script>1</script>\r\n--x--\r\n")
            answer = instance.get("/Reports/do/upload", method="POST", body=body.encode(), headers={
                "Content-Type": "multipart/form-data; boundary=x", "Cookie": cookie})
            assert answer.status == 303, answer.text
            answer = instance.get(f"/Reports/resource/{name}")
            apart = answer.headers.get("content-security-policy", "").startswith("sandbox")
            assert answer.status == 200 and answer.headers["x-content-type-options"] == "nosniff"
            assert apart == (name.split(".")[1] not in ("png", "pdf", "txt")), (name, answer.headers)
        for type in ("application/XHTML+XML", "TEXT/HTML", "text/html ;charset=utf-8", "image/SVG+xml", "image/pngx"):
            assert send_form(instance, "save", path="/a.txt", mime=type).status == 303
            answer = instance.get("/ReportServer?%2fa.txt&rs:Command=GetResourceContents")
            assert answer.headers["content-security-policy"].startswith("sandbox"), (type, answer.headers)
        for type in ("text/html\r\nX: y", "text", "/", "text/\u00e9"):
            assert send_form(instance, "save", path="/a.txt", mime=type).status == 400, type


@test
def names_and_questions_are_shown_as_text():
    evil = "<img src=x onerror=alert(1)>'\"&amp;"
    quoted = urllib.parse.quote(evil, safe="")
    with Instance() as instance:
        answer = send_form(instance, "new-folder", path="/", name="plain", description=evil)
        assert answer.status == 303
        for target in (f"/Reports/search?q={quoted}", f"/Reports/browse/{quoted}", "/Reports/browse/", "/Reports/manage/plain",
                       f"/ReportServer?{quoted}", f"/ReportServer?%2f{quoted}", f"/ReportServer?%2fplain&rs:Command={quoted}",
                       f"/Reports/{quoted}", f"/Reports/do/{quoted}", "/ReportServer?%2f", f"/ReportServer/{quoted}",
                       f"/ReportServer?%2fplain&rs:Format={quoted}&rc:Toolbar={quoted}",
                       f"/ReportServer?%2fx&rs:ErrorResponseAsXml=true&{quoted}={quoted}"):
            answer = instance.get(target)
            assert "<img src=x" not in answer.text, (target, answer.text)
            assert answer.headers["x-content-type-options"] == "nosniff", target
            assert "no-store" in answer.headers["cache-control"] or "no-cache" in answer.headers["cache-control"], target
        for header in ("X-Forwarded-Host", "X-Forwarded-Proto", "Bindery-Prefix", "Bindery-Application", "X_Forwarded_Host"):
            answer = instance.get("/Reports/", headers={header: "evil.example"})
            assert answer.status == 303 and answer.headers["location"].startswith("/Reports/browse"), (header, answer.headers)


@test
def passwords_do_not_reach_the_logs():
    with Instance() as instance:
        instance.get("/ReportServer?%2fx&rs:Command=Render&dsu:D=ann&dsp:D=hunter2&Password=hunter2",
                     headers={"Referer": f"https://localhost:{instance.port}/ReportServer?dsp%3aD=hunter2"})
        instance.get("/Nothing?dsp:D=hunter2")  # the front's own log of troubles
        log = instance.path / "log" / "access.log"
        wait_until(lambda: log.read_text().count("dsp") >= 3, what="lines in the access log")
        for text in (log.read_text(), instance.server_log()):
            assert "hunter2" not in text and "Basic " not in text, text
        assert "dsu:D=ann&dsp:D=***&Password=***" in log.read_text()
        assert log.stat().st_mode & 0o007 == 0


@test
def what_the_front_takes_the_worker_can_read():
    with Instance() as instance:
        for count, status in ((95, 200), (105, 431)):
            answer = instance.get("/ReportServer", headers={f"X-{i}": "x" for i in range(count)})
            assert answer.status == status, (count, answer.status)
        for size, status in ((40, 200), (43, 431)):  # two fields: a head of a little less than 64 KiB
            answer = instance.get("/ReportServer", headers={"X-A": "x" * 20 * 1024, "X-B": "x" * size * 1024 })
            assert answer.status == status, (size, answer.status)


@test
def what_root_changes_stays_the_servers():
    if os.getuid() != 0:
        raise Skip("only root can give files away")
    nobody, group = pwd.getpwnam("nobody").pw_uid, grp.getgrnam("nogroup").gr_gid
    with Instance(bind=False, serve=False) as instance:
        for root, folders, files in os.walk(instance.path):
            for name in [root] + [os.path.join(root, file) for file in files]:
                os.chown(name, nobody, group)
        instance.bindery("url", "reserve", "--app", "ReportServerWebService", "http://+:8080/ReportServer")
        for name in ("rsreportserver.config", "https.db", "catalog.db"):
            info = (instance.path / name).stat()
            assert (info.st_uid, info.st_gid) == (nobody, group), name


run()
