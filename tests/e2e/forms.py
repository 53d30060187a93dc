"""Logging on by a page, with a cookie: the original's forms authentication."""
import html
import http.client
import re
import signal
import time
import urllib.parse

from harness import PASSWORD, Instance, run, test
from negotiate_server import want

PAGE = "/Reports/browse/"
HTML = {"Accept": "text/html,application/xhtml+xml"}
COOKIE = "sqlAuthCookie"


class Server(Instance):
    def __init__(self, *types, keys={}, **settings):
        super().__init__(serve=False, **settings)
        self.types, self.keys = types or ("Custom",), keys

    def __enter__(self):
        super().__enter__()
        try:
            want(self, *self.types)
            config = self.path / "rsreportserver.config"
            text = config.read_text()
            for key, value in self.keys.items():
                text = text.replace("</Configuration>", f'<Add Key="{key}" Value="{value}"/></Configuration>')
            config.write_text(text)
            self.start()
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return self


class Browser:
    """Keeps cookies, by name and path; follows nothing by itself."""

    def __init__(self, server):
        self.server, self.cookies, self.set = server, {}, []

    def ask(self, target, method="GET", fields=None, headers=None):
        connection = http.client.HTTPSConnection("localhost", self.server.port, context=self.server.context(), timeout=60)
        cookies = "; ".join(f"{name}={value}" for (name, path), value in self.cookies.items() if target.startswith(path))
        body = urllib.parse.urlencode(fields) if fields is not None else None
        connection.request(method, target, body=body, headers={
            **HTML, **({"Cookie": cookies} if cookies else {}),
            **({"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}), **(headers or {})})
        answer = connection.getresponse()
        answer.text = answer.read().decode("utf-8", "replace")
        self.set = answer.headers.get_all("Set-Cookie") or []
        for each in self.set:
            pair, *rest = each.split("; ")
            name, value = pair.split("=", 1)
            path = next(word for word in rest if word.startswith("Path="))[5:]
            self.cookies.pop((name, path), None)
            if "Max-Age=0" not in rest:
                self.cookies[name, path] = value
        connection.close()
        return answer

    def form(self, target):
        """The hidden fields of the page for logging on."""
        page = self.ask(target)
        assert page.status == 200, (page.status, page.text[:300])
        return {name: html.unescape(value) for name, value in
                re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)}

    def log_on(self, user="admin", password=PASSWORD, back=PAGE, directory="/Reports", **changed):
        fields = self.form(f"{directory}/logon.aspx?ReturnUrl={urllib.parse.quote(back, safe='')}")
        return self.ask(f"{directory}/logon.aspx", "POST", {**fields, "user": user, "password": password, **changed})

    @property
    def cookie(self):
        return self.cookies.get((COOKIE, "/"))


@test
def row_40_a_browser_is_shown_the_page_and_gets_where_it_wanted():
    with Server() as server:
        browser = Browser(server)
        wanted = "/ReportServer?/Folder%20x&rs:Command=ListChildren"
        first = browser.ask(wanted)
        assert first.status == 302 and "WWW-Authenticate" not in first.headers
        to = first.headers["Location"]
        assert to == "/ReportServer/logon.aspx?ReturnUrl=" + urllib.parse.quote(wanted, safe=""), to
        fields = browser.form(to)
        assert fields["ReturnUrl"] == wanted
        answer = browser.ask("/ReportServer/logon.aspx", "POST", {**fields, "user": "ADMIN", "password": PASSWORD})
        assert answer.status == 303 and answer.headers["Location"] == wanted, (answer.status, answer.text)
        page = browser.ask(PAGE)
        assert page.status == 200 and "admin" in page.text and "Log off" in page.text
        assert browser.ask("/ReportServer").status == 200, "one logon for both"


@test
def row_40_the_cookie_is_secure_and_out_of_reach_of_scripts():
    with Server() as server:
        browser = Browser(server)
        assert browser.log_on().status == 303
        (mine,) = [each for each in browser.set if each.startswith(COOKIE)]
        assert mine.split("; ")[1:] == ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"], mine
        assert "admin" not in mine and PASSWORD not in mine


@test
def row_40_secure_is_forced_unless_the_settings_say_otherwise():
    for keys, secure in ({}, True), ({"DisableSecureFormsAuthenticationCookie": "true"}, False):
        with Server(keys=keys, bind=False, AllowPasswordsOverHttp="True") as server:
            server.reserve(scheme="http")

            def ask(method, target, body=None, **headers):
                connection = http.client.HTTPConnection("localhost", server.port, timeout=30)
                connection.request(method, target, body=body, headers={**HTML, **headers})
                answer = connection.getresponse()
                answer.text = answer.read().decode()
                connection.close()
                return answer
            page = ask("GET", "/Reports/logon.aspx")
            token = re.search(r'name="token" value="([0-9a-f]+)"', page.text)[1]
            answer = ask("POST", "/Reports/logon.aspx",
                         urllib.parse.urlencode({"token": token, "user": "admin", "password": PASSWORD}),
                         **{"Content-Type": "application/x-www-form-urlencoded",
                            "Cookie": page.headers["Set-Cookie"].split(";")[0]})
            assert answer.status == 303, answer.text
            (mine,) = [each for each in answer.headers.get_all("Set-Cookie") if each.startswith(COOKIE)]
            assert ("; Secure" in mine) == secure, mine


@test
def row_40_over_http_nobody_is_asked_for_a_password():
    with Server(bind=False) as server:
        server.reserve(scheme="http")
        connection = http.client.HTTPConnection("localhost", server.port, timeout=30)
        connection.request("GET", "/Reports/logon.aspx", headers=HTML)
        answer = connection.getresponse()
        assert answer.status == 403 and b"type=\"password\"" not in answer.read()
        connection.close()


@test
def row_40_what_is_wrong_is_said_and_opens_nothing():
    with Server() as server:
        browser = Browser(server)
        for user, password in (("admin", "Zq9-wrong"), ("nobody", PASSWORD), ("<b>\"x", "Zq9-wrong")):
            answer = browser.log_on(user, password)
            assert answer.status == 403 and "is not right" in answer.text and browser.cookie is None
            assert 'value="' + html.escape(user) in answer.text
            assert "<b>" not in answer.text and password not in answer.text
        assert browser.ask(PAGE).status == 302


@test
def row_40_nobody_is_led_away():
    with Server() as server:
        for away in ("https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)"):
            browser = Browser(server)
            answer = browser.log_on(back=away)
            assert answer.status == 303 and answer.headers["Location"] == "/Reports/", (away, answer.headers["Location"])


@test
def row_40_another_site_logs_nobody_on_or_off():
    with Server() as server:
        browser = Browser(server)
        assert browser.log_on(token="0" * 32).status == 403 and browser.cookie is None
        fields = browser.form("/Reports/logon.aspx")
        answer = browser.ask("/Reports/logon.aspx", "POST", {**fields, "user": "admin", "password": PASSWORD},
                             {"Origin": "https://evil.example"})
        assert answer.status == 403 and browser.cookie is None
        assert browser.log_on().status == 303
        assert browser.ask("/Reports/logoff.aspx", "POST", {"token": "0" * 32}).status == 403 and browser.cookie
        assert browser.ask("/Reports/logoff.aspx").status == 405 and browser.cookie
        token = re.search(r'logoff.aspx"><input type="hidden" name="token" value="([0-9a-f]+)"', browser.ask(PAGE).text)[1]
        answer = browser.ask("/Reports/logoff.aspx", "POST", {"token": token})
        assert answer.status == 303 and answer.headers["Location"] == "/Reports/logon.aspx" and browser.cookie is None
        assert browser.ask(PAGE).status == 302


@test
def row_40_a_cookie_ends_with_its_password_and_its_account():
    with Server() as server:
        admin, reader = Browser(server), Browser(server)
        assert admin.log_on().status == 303 and reader.log_on("reader").status == 303
        secret = server.folder / "new"
        secret.write_text("another password\n")
        server.bindery("user", "password", "admin", "--password-file", secret)
        assert admin.ask(PAGE).status == 302, "whatever worker answers"
        assert reader.ask(PAGE).status == 200
        server.bindery("user", "role", "reader", "--role", "administrator")
        assert "Administrator" in reader.ask(PAGE).text or "Content Manager" in reader.ask(PAGE).text
        server.bindery("user", "remove", "reader")
        assert reader.ask(PAGE).status == 302
        server.add_user("reader", "reader")
        assert reader.ask(PAGE).status == 302, "the new one of that name is somebody else"


@test
def row_40_a_cookie_that_was_changed_or_made_elsewhere_opens_nothing():
    with Server() as server, Server() as other:
        browser, stranger = Browser(server), Browser(other)
        assert browser.log_on().status == 303 and stranger.log_on().status == 303
        good = browser.cookie
        for bad in (stranger.cookie, good[:-4] + "AAA=", "A" + good[1:], good[:20], "", "x" * 3000, good + "x"):
            browser.cookies[COOKIE, "/"] = bad
            assert browser.ask(PAGE).status == (302 if bad != good else 200), bad[:40]
        browser.cookies[COOKIE, "/"] = good
        assert browser.ask(PAGE).status == 200


@test
def row_40_a_cookie_that_is_used_lasts_and_one_that_is_not_ends():
    with Server(FormsTimeoutMinutes="1") as server:
        used, idle = Browser(server), Browser(server)
        assert used.log_on().status == 303 and idle.log_on().status == 303
        first, renewed, end = used.cookie, False, time.monotonic() + 64
        while time.monotonic() < end:
            assert used.ask(PAGE).status == 200
            time.sleep(4)
        assert used.cookie != first and idle.ask(PAGE).status == 302


@test
def row_40_programs_are_told_and_passwords_are_taken_where_both_are_wanted():
    with Server("Custom", "RSWindowsBasic") as server:
        answer = Browser(server).ask(PAGE, headers={"Accept": "*/*"})
        assert answer.status == 401
        assert [each.split()[0] for each in answer.headers.get_all("WWW-Authenticate")] == ["Basic", "Cookie"]
        assert server.get(PAGE).status == 200
    with Server() as server:
        answer = server.get(PAGE, user=None)
        assert answer.status == 401 and answer.headers["www-authenticate"].startswith("Cookie "), answer.headers
        assert server.get(PAGE).status == 401, "no passwords with each request unless they are wanted"


@test
def failed_logons_are_counted_for_all_workers_together():
    with Server("Custom", "RSWindowsBasic", WorkerProcesses="4") as server:
        bad = {"Authorization": "Basic cmVhZGVyOndyb25n"}  # reader:wrong
        answers = []
        for _ in range(8):
            answers.append(server.get(PAGE, user=None, headers=bad).status)
        assert answers[:5] == [401] * 5 and 429 in answers[5:7], answers
        assert Browser(server).log_on("reader").status == 429, "by the page too"
        assert server.get(PAGE, user="admin").status == 200
        server.server.send_signal(signal.SIGHUP)
        time.sleep(1)
        assert server.get(PAGE, user=None, headers=bad).status in (401, 429)


run()
