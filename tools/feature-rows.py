#!/usr/bin/env python3
"""feature-rows.py SOURCE-FOLDER: which tests hold each row of docs/https-features.md, as a table.

A test belongs to a row by its name: row_14_a_binding_is_removed... Exit status 1 where a row has no test although it does not
say "not there", where a test names a row that is not in the table, or where the table's numbers have a gap. The first line
is TAP's, for `meson test`."""
import pathlib
import re
import sys

ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|", re.M)
TEST = re.compile(r"^(?:def |UNIT_TEST\()row_(\d+)_(\w+)", re.M)

source = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[1])
rows = {int(number): (what.strip(), here.strip())
        for number, what, here in ROW.findall((source / "docs" / "https-features.md").read_text())}
tests = {}
for path in sorted((source / "tests").rglob("*")):
    if path.suffix in (".py", ".c"):
        for number, name in TEST.findall(path.read_text()):
            tests.setdefault(int(number), []).append(f"{path.relative_to(source)}: {name}")

wrong = [f"row {number} is missing in the table" for number in range(1, max(rows, default=0) + 1) if number not in rows]
wrong += [f"row {number} has no test: {what}" for number, (what, here) in rows.items()
          if number not in tests and not here.startswith("not there")]
wrong += [f"row {number} is not in the table, but {name} is its test" for number, names in tests.items() if number not in rows
          for name in names]
if not rows:
    wrong.append("there is no table")

print("1..1")
for number, (what, here) in sorted(rows.items()):
    print(f"# {number:2} {what} ({here})")
    for name in tests.get(number, []):
        print(f"#      {name}")
for each in wrong:
    print("# WRONG:", each)
print("not ok 1 - rows and tests" if wrong else "ok 1 - rows and tests")
sys.exit(1 if wrong else 0)
