#!/usr/bin/env python3
"""What links begin with: UrlRoot, set or worked out, and virtual directories that are renamed while the server runs. TAP."""
import socket
import subprocess

from harness import APPLICATIONS, Instance, free_port, run, test, wait_until

SERVICE, PORTAL = APPLICATIONS


def root(instance):
    return instance.json("url", "root")


def config(instance):
    return (instance.path / "rsreportserver.config").read_text()


@test
def row_21_a_blank_url_root_is_the_first_url_or_the_first_https_one():
    with Instance(bind=False, AllowPasswordsOverHttp="True") as instance:
        assert root(instance)["url_root"] == ""
        plain, machine = free_port(), socket.gethostname()
        instance.bindery("url", "reserve", "--app", SERVICE, f"http://+:{plain}")
        assert root(instance)["url_root"] == f"http://{machine}:{plain}/ReportServer"
        instance.reserve()
        thumbprint = instance.json("cert", "create", "--host", "reports.example", "--host", machine,
                                   "--address", "127.0.0.1")["thumbprint"]
        instance.bind(thumbprint)
        assert root(instance)["url_root"] == f"http://{machine}:{plain}/ReportServer", "the first one counts"
        level(instance, 1)
        shown = root(instance)
        assert shown == {"url_root": f"https://{machine}:{instance.port}/ReportServer",
                         "from": f"https://+:{instance.port}/ReportServer/", "set": False, "warning": ""}, shown
        level(instance, 0)
        assert root(instance)["url_root"].startswith("http://")


def level(instance, number):
    """The configuration API's SetSecureConnectionLevel."""
    subprocess.run(["curl", "-sS", "--fail-with-body", "--max-time", "30", "--unix-socket",
                    instance.path / "run" / "api.sock", "-d", f'{{"Level": {number}}}',
                    "http://localhost/v1/SetSecureConnectionLevel"], check=True, capture_output=True)


@test
def row_21_behind_a_wildcard_it_has_a_name_that_the_certificate_has():
    with Instance(bind=False) as instance:
        instance.reserve()
        instance.bind(instance.json("cert", "create", "--host", "reports.example", "--address", "127.0.0.1")["thumbprint"])
        assert root(instance)["url_root"] == f"https://reports.example:{instance.port}/ReportServer"
        text = config(instance).replace("<Service>", "<Service><Hostname>farm.example</Hostname>")
        (instance.path / "rsreportserver.config").write_text(text)
        assert root(instance)["url_root"].startswith("https://reports.example:"), "a name that browsers would refuse"
        instance.bindery("url", "remove", "--app", SERVICE, f"https://+:{instance.port}")
        plain = free_port()
        instance.bindery("url", "reserve", "--app", SERVICE, f"http://+:{plain}")
        assert root(instance)["url_root"] == f"http://farm.example:{plain}/ReportServer"


@test
def row_21_the_url_root_is_set_and_given_up_by_command():
    with Instance(samples=True) as instance:
        new = "https://public.example/ReportServer"
        planned = instance.json("url", "root", new + "/", "--dry-run")
        assert planned["steps"] == [f"set Service/UrlRoot to {new}"] and not planned["changed"], planned
        assert root(instance)["set"] is False
        assert [instance.json("url", "root", new + "/")["changed"] for _ in range(2)] == [True, False]
        assert root(instance)["url_root"] == new and f"<UrlRoot>{new}</UrlRoot>" in config(instance)
        wait_until(lambda: new + "?%2FSamples%2FInvoice" in instance.render("/Samples/Category Drilldown", "HTML5").text,
                   what="links of a report with the new begin")
        event = instance.json("tls", "history")["events"][0]
        assert event["what"] == f"set Service/UrlRoot to {new}" and event["tool"] == "bindery url root", event
        assert event["before"] == {"settings": {"Service/UrlRoot": ""}}, event
        refused = instance.bindery("tls", "undo", check=False)
        assert refused.returncode == 3 and 'Service/UrlRoot was ""' in refused.stderr, refused
        assert instance.json("url", "root", "--auto")["changed"] is True
        assert root(instance)["set"] is False and "<UrlRoot/>" in config(instance)
        for wrong in ("ftp://x/ReportServer", "https://+/ReportServer", "https://x/ReportServer?a=b", "https://x/Report Server"):
            assert instance.bindery("url", "root", wrong, check=False).returncode == 1, wrong
        assert instance.bindery("url", "root", new, "--auto", check=False).returncode == 2
        instance.stop()
        assert instance.json("url", "root", new)["changed"] is True, "without a server too"


@test
def row_21_a_host_that_the_certificate_does_not_cover_is_warned_of():
    with Instance() as instance:
        bad = f"https://public.example:{instance.port}/ReportServer"
        done = instance.json("url", "root", bad)
        assert "is for public.example" in done["warnings"][0], done
        assert "is for public.example" in instance.bindery("status").stdout
        finding, = [f for f in instance.json("doctor", check=False)["findings"] if f["code"] == "url-root"]
        assert finding["severity"] == "warning" and finding["subject"] == bad, finding
        done = instance.json("url", "root", f"https://localhost:{instance.port}/Wrong")
        assert len(done["warnings"]) == 1 and "/ReportServer/, not /Wrong/" in done["warnings"][0], done
        instance.bindery("url", "root", f"https://localhost:{instance.port}/ReportServer")
        assert not [f for f in instance.json("doctor", check=False)["findings"] if f["code"] == "url-root"]
        level(instance, 1)
        done = instance.json("url", "root", f"http://localhost/ReportServer")
        assert "https only" in done["warnings"][0], done


@test
def row_11_links_have_the_new_names_at_once_and_no_worker_is_replaced():
    with Instance(samples=True) as instance:
        workers = instance.children("worker")
        for name in ("Berichte", "Auswertungen"):
            instance.bindery("url", "directory", "--app", PORTAL, name)
            instance.bindery("url", "directory", "--app", SERVICE, name + "Server")
            for _ in range(8):  # of all workers
                page = instance.get(f"/{name}/browse/Samples")
                assert page.status == 200 and "/ReportServer?" not in page.text, page.text[:500]
                shown = instance.get(f"/{name}/report/Samples/Category%20Drilldown")
                assert f"/{name}Server?" in shown.text, shown.text[-3000:]
                assert "/ReportServer" not in shown.text and '"/Reports' not in shown.text
        assert instance.children("worker") == workers


run()
