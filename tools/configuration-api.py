#!/usr/bin/env python3
"""Write the tables of docs/configuration-api.md anew from the operations that the program has.

    tools/configuration-api.py BINDERY [--check]      --check: write nothing, fail where the page differs
"""
import json
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parents[1] / "docs" / "configuration-api.md"
KINDS = {"a text": "text", "a text or an array of texts": "text or array", "a whole number": "number",
         "true or false": "true, false", "an object": "object",
         "an array of objects": "array of objects"}


def argument(row):
    text = f"`{row['name']}` {KINDS[row['kind']]}"
    return text if row["required"] else f"[{text}]"


def operations(manual, provider):
    lines = ["| operation | arguments | what it does | gives |", "| --- | --- | --- | --- |"]
    for row in manual["operations"]:
        if row.get("provider", False) == provider:
            lines.append(f"| {row['operation']} | {', '.join(map(argument, row['arguments']))} | {row.get('summary', '')} "
                         f"| {row.get('result', '')} |")
    return lines


def absent(manual):
    return ["| method of the original | why it is not here |", "| --- | --- |",
            *(f"| {row['operation']} | {row['why']} |" for row in manual["absent"])]


def hresults(manual):
    lines = ["| HRESULT | number | status | code | HTTP |", "| --- | --- | --- | --- | --- |"]
    for row in manual["hresults"]:
        status = f"{row['status']} of {row['operation']}" if row["operation"] else row["status"]
        lines.append(f"| {row['hresult']} | {row['number']} | {status} | {row['code']} | {row['http']} |")
    return lines + ["| 0x80004005 | -2147467259 | everything else | | |"]


def page(text, manual):
    tables = {"provider": operations(manual, True), "ours": operations(manual, False), "absent": absent(manual),
              "hresults": hresults(manual)}
    for name, lines in tables.items():
        begin, end = f"<!-- {name}: made by tools/configuration-api.py -->\n", f"<!-- end of {name} -->\n"
        before, rest = text.split(begin)
        text = before + begin + "\n".join(lines) + "\n" + end + rest.split(end)[1]
    return text


def main():
    manual = json.loads(subprocess.run([sys.argv[1], "api", "list", "--json"], capture_output=True, check=True).stdout)
    old = PAGE.read_text()
    new = page(old, manual)
    if "--check" in sys.argv:
        sys.exit(0 if new == old else f"{PAGE} is not what the program says: run tools/configuration-api.py {sys.argv[1]}")
    PAGE.write_text(new)


main()
