#!/usr/bin/env python3
"""Files as C: embed.py OUT.c SYMBOL FILE... gives `const struct exchange_asset SYMBOL[]` and SYMBOL_count.

Each asset has its name, MIME type, bytes, and a tag made from the bytes, for links that may be kept for ever."""
import hashlib
import pathlib
import sys

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
         ".html": "text/html; charset=utf-8"}


def c_string(data):
    lines = []
    for start in range(0, len(data), 64):
        piece = data[start:start + 64]
        lines.append('    "' + "".join(f"\\{byte:03o}" if byte < 32 or byte > 126 or byte in b'"\\?'
                                      else chr(byte) for byte in piece) + '"')
    return "\n".join(lines) or '    ""'


out, symbol, files = sys.argv[1], sys.argv[2], sorted(map(pathlib.Path, sys.argv[3:]), key=lambda f: f.name)
rows = []
for file in files:
    data = file.read_bytes()
    tag = hashlib.sha256(data).hexdigest()[:16]
    rows.append(f'    {{"{file.name}", "{TYPES[file.suffix]}", "{tag}", {len(data)},\n{c_string(data)}}},')
pathlib.Path(out).write_text(
    '#include "web/exchange/asset.h"\n\n'
    f'extern const struct exchange_asset {symbol}[];\nextern const size_t {symbol}_count;\n\n'
    f'const struct exchange_asset {symbol}[] = {{\n' + "\n".join(rows) + "\n};\n\n"
    f'const size_t {symbol}_count = {len(rows)};\n')
