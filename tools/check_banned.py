#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails on what our code may not contain. Exceptions are exact files, and their lists may only shrink."""
import dataclasses
import pathlib
import re
import sys
from collections.abc import Callable

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("src", "tests", "bench")

# Comments, string literals (raw ones first) and character literals.
NOISE = re.compile(
    r'R"(?P<tag>[^()\s\\]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/'
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
    re.S)
INCLUDE = re.compile(r'^\s*#\s*include\b[^\n]*', re.M)

# The wall clock is read where a time of day is the point; everything else takes the time as an argument.
WALL_CLOCK_FILES = {
    "src/app/health_clock.cpp",
    "src/app/root_keys.cpp",  # A root key says when it was made.
    "src/audit/audit_trail.cpp",
    "src/audit/record_writer.cpp",
    "src/store/store_connection.cpp",
    "src/telemetry/log.cpp",
}


def is_test(path):
    return path.startswith("tests/") or path.endswith("_test.cpp") or "/fake_" in path


@dataclasses.dataclass(frozen=True)
class Ban:
    pattern: re.Pattern
    why: str
    applies: Callable[[str], bool] = lambda path: True


CODE_BANS = (
    Ban(re.compile(r"\bstd::w?regex\b"), "std::regex runs in exponential time and stack: scan by hand",
        lambda path: not is_test(path)),
    Ban(re.compile(r"\busing\s+namespace\b"), "'using namespace' in a header reaches everyone who includes it",
        lambda path: path.endswith(".h")),
    Ban(re.compile(r"\bthrow\b"), "we throw nothing: return an Error", lambda path: not is_test(path)),
    # Allowed: placement, and a unique_ptr or an owning member that takes what a private constructor made.
    Ban(re.compile(r"(?P<allowed>(?:unique_ptr<[^;{}]*>\s*\w*|\w_)\s*\(\s*)?\bnew\b(?!\s*\()"),
        "ownership by value, then std::make_unique", lambda path: not is_test(path)),
    Ban(re.compile(r"(?P<allowed>=\s*)?\bdelete\b"), "ownership by value, then std::unique_ptr",
        lambda path: not is_test(path)),
    Ban(re.compile(r"\bsystem_clock\s*::\s*now\b"), "the wall clock is not in the list of tools/check_banned.py",
        lambda path: path not in WALL_CLOCK_FILES),
    Ban(re.compile(r"\b(?:class|struct|enum\s+class)\s+\w*"
                   r"(?:Manager|Helper|Utils?|Handler|Processor|Data|Info|Impl|Base)\b(?!\s*;)"),
        "the name says nothing: name the type for its role"),
    Ban(re.compile(r"\bDISABLED_"), "a test is not switched off"),
)

INCLUDE_BANS = (
    Ban(re.compile(r"[<\"](?:postgresql/)?libpq[\w/-]*\.h[>\"]"), "only src/driver/postgres knows the library",
        lambda path: not path.startswith(("src/driver/postgres/", "tests/", "bench/"))),
    Ban(re.compile(r"[<\"]dpi\.h[>\"]"), "only src/driver/oracle knows the library",
        lambda path: not path.startswith(("src/driver/oracle/", "tests/"))),
    Ban(re.compile(r"[<\"]sqlite3\.h[>\"]"), "only src/driver/sqlite knows the library",
        lambda path: not path.startswith(("src/driver/sqlite/", "tests/", "bench/"))),
)

TEXT_BANS = (
    Ban(re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b"), "finish it, or open an issue"),
    Ban(re.compile(r"^/// .*\S (?:Life|Threads|Not here) {1,5}(?=[A-Z])", re.M),
        "a heading of the contract block begins a line", lambda path: path.endswith(".h")),
)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def blank(match):
    """Keeps the lines, so that positions stay right."""
    return re.sub(r"[^\n]", " ", match.group(0))


def findings(path, text):
    # Includes are read before literals go, since their names look like literals.
    includes = "\n".join(INCLUDE.findall(text))
    code = NOISE.sub(blank, INCLUDE.sub(blank, text))
    for bans, where in ((CODE_BANS, code), (INCLUDE_BANS, includes), (TEXT_BANS, text)):
        for ban in bans:
            if ban.applies(path):
                for match in ban.pattern.finditer(where):
                    if match.groupdict().get("allowed"):
                        continue
                    place = path if where is includes else f"{path}:{line_of(where, match.start())}"
                    yield f"{place}: '{match.group(0).strip()}': {ban.why}"
    if "SPDX-License-Identifier: Apache-2.0" not in text:
        yield f"{path}: has no SPDX line"


def main():
    problems = []
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in (".h", ".cpp"):
                problems += findings(file.relative_to(ROOT).as_posix(), file.read_text())
    for path in sorted(WALL_CLOCK_FILES):
        if not (ROOT / path).exists():
            problems.append(f"tools/check_banned.py: allows {path}, which does not exist")
    print("\n".join(problems) or "banned: nothing found")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
