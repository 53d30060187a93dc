#!/usr/bin/env python3
"""Includes point down: reads the table of src/README.md and every #include of ours. TAP."""
import pathlib
import re
import sys

src = pathlib.Path(sys.argv[1]) / "src"
zones = {}  # zone -> (folders bottom to top, zones it may use)
for line in (src / "README.md").read_text().splitlines():
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    if len(cells) == 3 and re.fullmatch(r"[a-z]+", cells[0]) and cells[0] != "zone":
        zones[cells[0]] = (cells[1].split(), cells[2].split())


def layer(path):
    """(zone, height of its folder in the zone) of a path relative to src."""
    zone = path.parts[0]
    folders = zones[zone][0]
    folder = path.parts[1] if len(folders) > 1 or folders[0] != zone else zone
    return zone, folders.index(folder) if folder in folders else None


wrong, seen = [], 0
for file in sorted(src.rglob("*.[ch]")):
    here = file.relative_to(src)
    zone, height = layer(here)
    if height is None:
        wrong.append(f"{here}: its folder is not in src/README.md")
        continue
    for number, line in enumerate(file.read_text().splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not match:
            continue
        seen += 1
        there = pathlib.PurePath(match.group(1))
        if there.parts[0] not in zones:
            wrong.append(f"{here}:{number}: include \"{there}\" by its path below src")
            continue
        other, depth = layer(there)
        if other == zone and depth is not None and depth <= height:
            continue
        if other in zones[zone][1]:
            continue
        wrong.append(f"{here}:{number}: {zone} may not include \"{there}\"")
print("1..1")
for complaint in wrong:
    print("#", complaint)
print(("not ok" if wrong or not seen else "ok"), "1 - includes point down", f"({seen} read)")
