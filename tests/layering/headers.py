#!/usr/bin/env python3
"""Every header compiles alone: headers.py ROOT -- COMPILER... One TAP line per header."""
import os
import pathlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

root = pathlib.Path(sys.argv[1])
compiler = sys.argv[sys.argv.index("--") + 1:]
headers = sorted((root / "src").rglob("*.h"))
packages = ["libxml-2.0", "jansson", "openssl", "sqlite3", "icu-i18n", "fontconfig", "freetype2",
            "harfbuzz", "libsodium", "krb5-gssapi"]
flags = subprocess.run(["pkg-config", "--cflags"] + packages, capture_output=True, text=True).stdout.split()


def compile_alone(header):
    return subprocess.run(compiler + flags + ["-std=c17", "-D_GNU_SOURCE", "-Wall", "-Werror", "-fsyntax-only",
                                              "-I", str(root / "src"), "-x", "c", "-include", str(header),
                                              "/dev/null"], capture_output=True, text=True)


print(f"1..{len(headers)}")
with ThreadPoolExecutor(os.cpu_count()) as pool:
    for number, (header, run) in enumerate(zip(headers, pool.map(compile_alone, headers)), 1):
        for line in run.stderr.splitlines()[:5]:
            print("#", line)
        print("ok" if run.returncode == 0 else "not ok", number, "-", header.relative_to(root))
