"""Public report definitions, where they lie beside the project: each is checked and rendered over generated rows in every
format, under the sanitizers that the build has. Nothing may crash, hang or need much memory, and every refusal must give a
reason that a reader can use. Every eighth of them by default; BINDERY_CORPUS=all takes all."""
import csv
import os
import re
import shutil
import subprocess

from harness import BINDERY, run, shared, test
from reports import render, workspace

folder = workspace("corpus")
SAMPLES = ("microsoft+Reporting-Services", "PaginatedReportSamples")
# Parameters for the reports that have data of their own and ask for a value.
GIVEN = {"Invoice": ["Company=Contoso Suites"], "Letter": ["Donor=Jarred Pierce"],
         "Labels": ["Names=Ebony E. Gill", "Names=Michal Formanek", "Names=Nikola Janu"]}


def definitions():
    found = sorted(p for top in ("rdl-corpus", "golden") for p in shared(top).rglob("*") if p.suffix.lower() in (".rdl", ".rdlc"))
    if os.environ.get("BINDERY_CORPUS") == "all":
        return found
    return found[::8]


def reason_of(text):
    """What went wrong in words that are the same for many reports."""
    text = text.strip().splitlines()[-1] if text.strip() else "no reason given"
    text = re.sub(r'"[^"]*"', '"..."', text)
    text = re.sub(r"Code\.\w+", "Code.X", re.sub(r"'[^']*'", "'...'", text))
    return re.sub(r"\d+", "N", text)


def print_table(title, counts):
    print(f"# {title}")
    for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        print(f"# {count:6} {key}")


@test
def every_definition_is_checked_with_line_item_and_reason():
    files = definitions()
    done = subprocess.run([BINDERY, "report", "check", *map(str, files)], capture_output=True, text=True, timeout=300)
    assert done.returncode in (0, 1), done.stderr[-2000:]
    summary = re.fullmatch(r"checked (\d+), ok (\d+), failed (\d+)", done.stdout.strip().splitlines()[-1])
    assert summary and int(summary[1]) == len(files) == int(summary[2]) + int(summary[3]), done.stdout[-300:]
    failed, explained, reasons = set(), set(), {}
    for line in done.stdout.splitlines()[:-1]:
        problem = re.match(r"(.*\.rdlc?):(\d+): (error|not supported|warning): (.+)", line, re.IGNORECASE)
        if problem:
            path, number, severity, what = problem.groups()
            assert len(what) > 20, line
            key = f"{severity}: {reason_of(what.partition(': ')[2] or what)}"
            reasons[key] = reasons.get(key, 0) + 1
            if severity == "error":
                assert int(number) > 0 or "read" in what or "document" in what, line
                explained.add(path)
        elif line.endswith(": failed"):
            failed.add(line.removesuffix(": failed"))
    print_table(f"report check: {summary[0]}", reasons)
    assert failed == explained, f"without a reason, or with one and not failed: {failed ^ explained}"


def renders(form):
    reasons, features, failures = {}, {}, []
    for number, path in enumerate(definitions()):
        done = render(path, folder / f"{number}.{form}", "--sample-data", "--time-limit", "60", "--memory-limit", "1024", form=form)
        for feature in set(re.findall(r"not supported: [^:]*: (?:column \d+: )?(<\w+>|Code\.|custom report items)", done.error)):
            features[feature] = features.get(feature, 0) + 1
        if done.status != 0:
            reasons[reason_of(done.error)] = reasons.get(reason_of(done.error), 0) + 1
            failures.append(f"{path}: {done}")
    print_table(f"{form}: reports that use what is not supported yet", features)
    if failures:
        print_table(f"{form}: reasons", reasons)
    assert not failures, "\n".join(failures[:20])


@test
def every_definition_renders_to_csv():
    renders("CSV")


@test
def every_definition_renders_to_html():
    renders("HTML5")


@test
def every_definition_renders_to_pdf():
    renders("PDF")


def own_data(name, form):
    output = folder / f"own-{name}.{form}"
    done = render(shared("golden", *SAMPLES) / f"{name}.rdl", output, *[w for p in GIVEN.get(name, []) for w in ("-p", p)], form=form)
    assert done.status == 0, done
    return output


@test
def reports_with_data_of_their_own_show_it():
    expected = {
        "CountrySalesPerformance": ["$14,218,109", "$349,890,375", "58.53 %", "José Saraiva", "UNITED KINGDOM"],
        "Invoice": ["Owl Wholesales", "$321,113.52", "30 November 2019", "95,370.00", "12,350.52", "Page 1 of 1"],
        "Labels": ["3235 Mi Casa Court", "Birmingham AL  35203", "Baton Rouge LA  98051"],
        "Letter": ["Tailwind Traders", "$2,500.00", "0000982726", "00002348024"],
        "OrganizationExpenditures": ["Northeast Division", "10/10/2015 to 12/31/2020", "[All Department Groups]"],
        "RegionalSales": ["174,366", "EUROPE"],
        "Transcript": ["7660910", "GERALDO MAGELLA JUNIOR", "Saturday, March 7, 2020", "Contoso Server 2016 Configuration"],
    }
    for name, texts in expected.items():
        page = own_data(name, "HTML5").read_text(encoding="utf-8")
        page = re.sub(r"<[^>]*>", "", page).replace("&#39;", "'").replace("&amp;", "&").replace("&nbsp;", " ")
        for text in texts:
            assert text in page, f"{name}: {text!r} is not in the HTML"
        assert own_data(name, "CSV").stat().st_size > 3
        pdf = own_data(name, "PDF")
        if shutil.which("pdftotext"):
            words = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True).stdout.split()
            for text in texts:
                assert all(word in words for word in text.split()), f"{name}: {text!r} is not in the PDF"


@test
def csv_has_the_records_of_the_data():
    records = list(csv.DictReader(own_data("CountrySalesPerformance", "CSV").open(encoding="utf-8-sig", newline="")))
    assert len(records) == 14, len(records)
    labels = list(csv.reader(own_data("Labels", "CSV").open(encoding="utf-8-sig", newline="")))
    assert len(labels) == 1 + 90, len(labels)  # the report asks for names and does not use them


run()
