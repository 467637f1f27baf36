#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a document names a path that does not exist, or ARCHITECTURE.md misses a module.

A word in backticks counts as a path when its first part is a folder or file of the project, of src/, or of the
document's own folder. Fenced code is not read; what a build or the demo makes (build/, demo/) is not looked for.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MADE_LATER = {"build", "demo"}
FENCE = re.compile(r"^```.*?^```", re.M | re.S)
QUOTED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
PATH = re.compile(r"(\./)?[\w.-]+(/[\w.-]+)*/?")


def documents():
    yield from sorted(ROOT.glob("*.md"))
    for folder in ("docs", "src", "tests", "bench", "tools"):
        yield from sorted((ROOT / folder).rglob("*.md"))


def looks_like_path(word, places):
    if not PATH.fullmatch(word) or ("/" not in word and not word.endswith(".md")):
        return False
    first = word.removeprefix("./").split("/")[0]
    return first not in MADE_LATER and any((place / first).exists() for place in places)


def missing_paths(document):
    text = FENCE.sub("", document.read_text())
    places = (ROOT, ROOT / "src", document.parent)
    for word in QUOTED.findall(text):
        if looks_like_path(word, places) and not any((place / word).exists() for place in places):
            yield f"{document.relative_to(ROOT)}: names `{word}`, which does not exist"
    for target in LINK.findall(text):
        if "://" not in target and not target.startswith("mailto:") and not (document.parent / target).exists():
            yield f"{document.relative_to(ROOT)}: links to {target}, which does not exist"


def missing_modules():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    for lists in sorted((ROOT / "src").rglob("CMakeLists.txt")):
        module = lists.parent.relative_to(ROOT / "src").as_posix()
        if module != "." and f"`{module}/`" not in text:
            yield f"ARCHITECTURE.md: has no row for the module `{module}/`"


def main():
    problems = [problem for document in documents() for problem in missing_paths(document)]
    problems += missing_modules()
    print("\n".join(problems) or "documents: every path they name exists")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
