#!/usr/bin/env python3
"""A configuration of Windows is taken over: rsreportserver.config, listings of netsh; plan first, then one change. TAP."""
import re

from harness import APPLICATIONS, Instance, free_port, run, shown, test

SERVICE, PORTAL = APPLICATIONS
SID = "S-1-5-80-4050220999-2730734961-1537482082-519850261-379003301"
MISSING = "ab" * 20


def url(string):
    return (f"<URL><UrlString>{string}</UrlString><AccountSid>{SID}</AccountSid>"
            "<AccountName>NT SERVICE\\SQLServerReportingServices</AccountName></URL>")


def binding(app, thumbprint, address, port):
    return (f"<Binding><Application>{app}</Application><CertificateHash>{thumbprint.lower()}</CertificateHash>"
            f"<IPAddress>{address}</IPAddress><Port>{port}</Port></Binding>\n")


def windows_config(port, thumbprint, http_port, address="127.0.0.1", portal="ReportServerWebApp"):
    rows = "".join(binding(app, thumbprint, address, port) for app in (SERVICE, portal))
    return f"""<Configuration>
  <Dsn>AQAAANCMnd8BFdERjHoAwE</Dsn>
  <InstanceId>MSRS13.SALES</InstanceId>
  <Add Key="SecureConnectionLevel" Value="1"/>
  <Add Key="CleanupCycleMinutes" Value="10"/>
  <URLReservations>
    <Application><Name>{SERVICE}</Name><VirtualDirectory>ReportServer_SALES</VirtualDirectory>
      <URLs>{url(f"https://localhost:{port}")}
            {url(f"http://+:{http_port}")}</URLs></Application>
    <Application><Name>{portal}</Name><VirtualDirectory>Reports_SALES</VirtualDirectory>
      <URLs>{url(f"https://localhost:{port}")}</URLs></Application>
    <Application><Name>PowerBIWebApp</Name><VirtualDirectory>PowerBI</VirtualDirectory><URLs/></Application>
  </URLReservations>
  <Authentication><AuthenticationTypes><RSWindowsNegotiate/><RSWindowsNTLM/></AuthenticationTypes></Authentication>
  <Service><UrlRoot>https://localhost:{port}/ReportServer_SALES</UrlRoot></Service>
  <SSLCertificateConfiguration><Bindings>
{rows}  </Bindings></SSLCertificateConfiguration>
</Configuration>
"""


def sslcert(*rows, encoding="cp850"):
    """German, as a console of that language writes it."""
    text = "\r\nSSL-Zertifikatbindungen:\r\n-------------------------\r\n"
    for endpoint, thumbprint, guid in rows:
        text += (f"\r\n    IP:Port                      : {endpoint}\r\n    Zertifikathash               : {thumbprint}\r\n"
                 f"    Anwendungs-ID                : {{{guid}}}\r\n    Zertifikatspeichername       : MY\r\n"
                 "    Clientzertifikatsperrung überprüfen : Enabled\r\n")
    return text.encode(encoding)


RS, IIS = "1d40ebc7-1983-4ac5-82aa-1e17a7ae9a0e", "4dc3e181-e14b-4a21-b022-59fc669b0914"


def outcomes(plan, kind):
    return [(item["outcome"], item["text"]) for item in plan["items"] if item["kind"] == kind]


def write(instance, name, content):
    path = instance.folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@test
def row_24_a_windows_configuration_is_planned_and_applied_live():
    with Instance(bind=False, UrlRoot="") as instance:
        thumbprint = instance.create_certificate()
        port, http = instance.port, free_port()
        file = write(instance, "RSReportServer.config", windows_config(port, thumbprint, http, portal="ReportManager"))
        before = (instance.path / "rsreportserver.config").read_bytes()
        plan = instance.json("import", file)
        assert plan["dry_run"] and "blocked" not in plan, plan
        assert (instance.path / "rsreportserver.config").read_bytes() == before
        assert instance.json("url", "list")["reservations"] == []
        assert [row["in_store"] for row in plan["certificates"]] == [True], plan["certificates"]
        cannot = [item["text"] for item in plan["items"] if item["outcome"] == "cannot"]
        assert "PowerBIWebApp" in cannot and "Dsn" in cannot, cannot
        assert any("RSWindowsNTLM" in text for text in cannot), cannot
        line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if "https://localhost" in text)
        assert any(item["source"] == f"RSReportServer.config line {line}" for item in plan["items"]), plan["items"]
        assert "nothing was done" in instance.bindery("import", file).stdout

        done = instance.json("import", file, "--apply")
        assert done["changed"], done
        urls = sorted(row["url"] for row in instance.json("url", "list")["reservations"])
        assert urls == [f"http://+:{http}/ReportServer_SALES/", f"https://localhost:{port}/ReportServer_SALES/",
                        f"https://localhost:{port}/Reports_SALES/"], urls
        assert instance.get("/Reports_SALES").status in (200, 302, 303)
        events = instance.json("tls", "history")["events"]
        assert events[0]["what"] == "import RSReportServer.config" and len(events) == 1, events
        ours = (instance.path / "rsreportserver.config").read_text()
        assert f"<UrlRoot>https://localhost:{port}/ReportServer_SALES</UrlRoot>" in ours
        assert 'Key="SecureConnectionLevel" Value="1"' in ours
        assert f"<AccountSid>{SID}</AccountSid>" in ours, "the account is kept for going back"
        assert instance.json("status")["drift"]["state"] == "in step"
        again = instance.json("import", file, "--apply")
        assert not again["changed"], again["steps"]


@test
def row_26_what_windows_served_wins_over_what_its_file_says():
    with Instance(bind=False) as instance:
        old, new = instance.create_certificate("--name", "old"), instance.create_certificate("--name", "new")
        port = instance.port
        file = write(instance, "rsreportserver.config", windows_config(port, old, free_port()))
        listing = write(instance, "sslcert.txt", sslcert((f"127.0.0.1:{port}", new.lower(), RS),
                                                         ("0.0.0.0:4430", old.lower(), IIS)))
        plan = instance.json("import", file, listing)
        said = [item["message"] for item in plan["items"] if item["source"].startswith("sslcert.txt")]
        assert "Windows served this" in said[0] and old in said[0], said
        assert "IIS" in said[1] and "no URL of the report server uses it" in said[1], said
        instance.bindery("import", file, listing, "--apply")
        assert instance.json("tls", "list")["bindings"][0]["thumbprint"] == new


@test
def row_26_listings_alone_are_enough():
    with Instance(bind=False) as instance:
        thumbprint = instance.create_certificate()
        port = instance.port
        acl = (f"\r\nURL-Reservierungen:\r\n-------------------\r\n\r\n    Reservierte URL : https://+:{port}/ReportServer/\r\n"
               f"        Benutzer: X\r\n            SDDL: D:(A;;GX;;;{SID})\r\n\r\n"
               f"    Reservierte URL : https://+:{port}/Reports/\r\n        Benutzer: X\r\n            SDDL: D:(A;;GX;;;{SID})\r\n\r\n"
               "    Reservierte URL : http://*:80/\r\n        Benutzer: Y\r\n            SDDL: D:(A;;GX;;;NS)\r\n")
        one = write(instance, "urlacl.txt", b"\xff\xfe" + acl.encode("utf-16-le"))
        named = instance.create_certificate("--name", "named")
        two = write(instance, "sslcert.txt", sslcert((f"0.0.0.0:{port}", thumbprint, RS), (f"[::]:{port}", thumbprint, RS),
                                                     (f"LocalHost:{port}", named, RS), (f"site.example:{port}", MISSING, IIS)))
        plan = instance.json("import", one, two)
        assert ("leave", "reservation http://*:80/") in outcomes(plan, "url"), plan["items"]
        assert [row[0] for row in outcomes(plan, "binding")] == ["import", "same", "import", "leave"], plan["items"]
        instance.bindery("import", one, two, "--apply")
        row, of_name = instance.json("tls", "list")["bindings"]
        assert row["address"] == "0.0.0.0" and sorted(row["applications"]) == sorted(APPLICATIONS)
        assert of_name["host"] == "localhost" and sorted(of_name["applications"]) == sorted(APPLICATIONS)
        assert shown(instance, "localhost") == named and shown(instance, "site.example") == thumbprint
        assert instance.get("/ReportServer").status == 200


# What netsh calls an endpoint, a hash, an application and a store; a reserved address; a user: in some languages' consoles.
LANGUAGES = {
    "cp1252": ("IP:port", "Hachage du certificat", "ID de l\u2019application", "Nom du magasin de certificats", "URL r\u00e9serv\u00e9e",
               "Utilisateur"),
    "gbk": ("IP:\u7aef\u53e3", "\u8bc1\u4e66\u54c8\u5e0c", "\u5e94\u7528\u7a0b\u5e8f ID", "\u8bc1\u4e66\u5b58\u50a8\u540d\u79f0", "\u4fdd\u7559\u7684 URL",
            "\u7528\u6237"),
    "cp932": ("IP:\u30dd\u30fc\u30c8", "\u8a3c\u660e\u66f8\u30cf\u30c3\u30b7\u30e5", "\u30a2\u30d7\u30ea\u30b1\u30fc\u30b7\u30e7\u30f3 ID",
              "\u8a3c\u660e\u66f8\u30b9\u30c8\u30a2\u540d", "\u4e88\u7d04\u6e08\u307f URL", "\u30e6\u30fc\u30b6\u30fc"),
}


@test
def row_26_windows_may_speak_any_language():
    with Instance(bind=False, serve=False) as instance:
        thumbprint, port, plans = instance.create_certificate(), instance.port, []
        for page, (endpoint, digest, guid, store, url_label, user) in LANGUAGES.items():
            text = (f"\r\n    {url_label} : https://+:{port}/ReportServer/\r\n        {user}: X\r\n            SDDL: D:(A;;GX;;;{SID})\r\n"
                    f"\r\n    {endpoint:<28} : 0.0.0.0:{port}\r\n    {digest:<28} : {thumbprint.lower()}\r\n"
                    f"    {guid:<28} : {{{RS}}}\r\n    {store:<28} : MY\r\n")
            for encoding in (page, "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"):
                plan = instance.json("import", write(instance, "listing.txt", text.encode(encoding)))
                assert [item["outcome"] for item in plan["items"]] == ["import", "import"], (page, encoding, plan["items"])
                plans.append((plan["items"], plan["steps"]))
        assert all(plan == plans[0] for plan in plans), "the same in every language"


@test
def row_24_certificates_that_are_missing_are_named_and_nothing_is_half_done():
    with Instance(bind=False) as instance:
        port = instance.port
        file = write(instance, "rsreportserver.config", windows_config(port, MISSING, free_port()))
        plan = instance.bindery("import", file, check=False)
        assert plan.returncode == 1 and "NOT IN THE STORE" in plan.stdout and MISSING.upper() in plan.stdout, plan.stdout
        failed = instance.bindery("import", file, "--apply", check=False)
        assert failed.returncode == 4 and MISSING.upper() in failed.stderr and "exportPFX" in failed.stderr, failed.stderr
        assert instance.json("url", "list")["reservations"] == []
        replacement = instance.create_certificate()
        for option, pair in (("--certificate", MISSING), ("--certificate", f"{MISSING}=new"), ("--address", "10.0.0.5"),
                             ("--address", "10.0.0.5=here"), ("--address", "=")):
            wrong = instance.bindery("import", file, option, pair, check=False)
            assert wrong.returncode == 1 and f'"{pair}" is not OLD=NEW' in wrong.stderr, wrong
        spaced = " ".join(MISSING[i:i + 2].upper() for i in range(0, 40, 2))  # as certificate dialogs show it
        instance.bindery("import", file, "--apply", "--certificate", f"{spaced}={replacement}")
        assert instance.json("tls", "list")["bindings"][0]["thumbprint"] == replacement
    with Instance(bind=False) as instance:
        file = write(instance, "rsreportserver.config", windows_config(instance.port, MISSING, free_port()))
        instance.bindery("import", file, "--apply", "--skip-missing")
        assert len(instance.json("url", "list")["reservations"]) == 3
        assert instance.json("tls", "list")["bindings"] == []


@test
def row_24_addresses_of_the_old_machine_are_named_or_moved():
    with Instance(bind=False) as instance:
        thumbprint = instance.create_certificate()
        file = write(instance, "rsreportserver.config",
                     windows_config(instance.port, thumbprint, free_port(), address="203.0.113.7"))
        six = write(instance, "six.config", windows_config(instance.port, thumbprint, free_port(), address="2001:DB8::7"))
        assert "blocked" not in instance.json("import", six, "--address", "2001:db8:0::7=127.0.0.1")
        acl = write(instance, "acl.txt", f"    U : https://[2001:DB8::7]:{instance.port}/ReportServer/\r\n        B: X\r\n            SDDL: D:(A;;GX;;;{SID})\r\n")
        plan = instance.json("import", acl, "--address", "2001:db8::7=[::1]")
        assert plan["steps"] == [f"reserve https://[::1]:{instance.port}/ReportServer/ for {SERVICE}"], plan
        plan = instance.json("import", file, check=False)
        assert "203.0.113.7 is not an address of this machine" in plan["blocked"], plan["blocked"]
        assert "line" in plan["blocked"]
        instance.bindery("import", file, "--apply", "--address", "203.0.113.7=127.0.0.1")
        assert instance.json("tls", "list")["bindings"][0]["address"] == "127.0.0.1"


@test
def row_24_what_is_no_configuration_is_refused_with_its_name():
    with Instance(bind=False, serve=False) as instance:
        for name, content, words in (("a.txt", "hello", "neither"), ("b.config", "<html/>", "Configuration"),
                                     ("c.config", "<Configuration><a></Configuration>", "line 1")):
            failed = instance.bindery("import", write(instance, name, content), check=False)
            assert failed.returncode == 1 and name in failed.stderr and words in failed.stderr, failed.stderr
        assert instance.bindery("import", instance.folder / "nothing", check=False).returncode == 4


run()
