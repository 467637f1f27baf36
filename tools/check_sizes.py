#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a file is longer than its kind may be, or a module has no README.

Functions, nesting and parameters are counted by clang-tidy.
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("src", "tests", "bench")
TEST_CAP, HEADER_CAP, SOURCE_CAP, README_CAP = 900, 250, 600, 80


def cap_of(path):
    if path.name.endswith("_test.cpp"):
        return TEST_CAP
    return {".h": HEADER_CAP, ".cpp": SOURCE_CAP}.get(path.suffix)


def too_long(path, cap):
    count = len(path.read_text().splitlines())
    if count <= cap:
        return []
    return [f"{path.relative_to(ROOT)}: {count} lines, the cap is {cap}: split it by reason to change"]


def main():
    problems = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            cap = cap_of(path)
            if cap:
                problems += too_long(path, cap)
    for module in sorted(path.parent for path in (ROOT / "src").rglob("CMakeLists.txt")):
        readme = module / "README.md"
        if module == ROOT / "src":
            continue
        if not readme.exists():
            problems.append(f"{module.relative_to(ROOT)}: has no README.md")
        else:
            problems += too_long(readme, README_CAP)
    print("\n".join(problems) or "sizes: every file is within its cap")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
