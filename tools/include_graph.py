# SPDX-License-Identifier: Apache-2.0
"""Which files of src/ a file reads, and a digest of them all: so that a check may remember what it found clean."""
import functools
import hashlib
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


@functools.cache
def included(path):
    """The project headers it names itself."""
    found = set()
    for name in INCLUDE.findall(path.read_text()):
        for candidate in (SRC / name, path.parent / name):
            if candidate.exists():
                found.add(candidate.resolve())
                break
    return frozenset(found)


def reached(source):
    """The file and every project header that it reaches, sorted."""
    found, waiting = set(), [source]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(included(path))
    return sorted(found)


def fingerprint(source, fixed):
    """Of the text of all it reaches and of `fixed`: whatever else decides the answer."""
    digest = hashlib.sha256(fixed)
    for path in reached(source):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
