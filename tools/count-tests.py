#!/usr/bin/env python3
"""count-tests.py JUNIT.XML: names what failed or was skipped, then prints "N passed, N failed, N skipped"."""
import sys
import xml.etree.ElementTree as tree

passed, failed, skipped = 0, [], []
for suite in tree.parse(sys.argv[1]).getroot().iter("testsuite"):
    cases = suite.findall("testcase")
    for case in cases:
        name = f'{suite.get("name")}: {case.get("name")}'
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(name)
        elif case.find("skipped") is not None:
            skipped.append(name)
        else:
            passed += 1
for name in skipped:
    print("skipped:", name)
for name in failed:
    print("FAILED:", name)
print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
sys.exit(1 if failed or not passed else 0)
