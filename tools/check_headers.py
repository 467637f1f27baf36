#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles every header under src/ on its own and remembers which could.

Usage: check_headers.py [--jobs N] [--all] BUILD

A header whose includes reach a hub is compiled after a precompiled header of that hub, and one that reaches another is
compiled behind it, in the same run. That shows the same: its own text sees what it includes and no more, and each header
it includes is compiled on its own as well.
"""
import argparse
import concurrent.futures
import json
import pathlib
import shlex
import subprocess
import sys

import include_graph
from include_graph import ROOT, SRC
from remembered_runs import RememberedRuns

# The later the more they reach; the last one that a header reaches is taken.
HUBS = ("core/result.h", "driver/connection.h", "gateway/gateway.h")

# Reads of a precompiled header what it needs, and no more.
COMPILER = "clang++-14"


def compiler_of(build):
    """The compiler with the search paths of any of our targets: a library that a module may not use stays hidden in
    the build, not here."""
    paths = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])
        for index, word in enumerate(words):
            if word == "-isystem":
                paths[("-isystem", words[index + 1])] = None
            elif word.startswith("-I"):
                paths[(word,)] = None
    mine = [("-I" + str(SRC),)] + [path for path in paths if not path[-1].startswith("-I" + str(ROOT))]
    return [COMPILER, "-std=c++20", "-O0", "-fPIC", "-D_GLIBCXX_ASSERTIONS", *(word for path in mine for word in path)]


def precompile(compiler, hub, folder):
    """What to `-include-pch` in place of the hub."""
    stand_in = folder / (hub.replace("/", "_") + ".pch")
    subprocess.run([*compiler, "-x", "c++-header", str(SRC / hub), "-o", str(stand_in)], check=True)
    return stand_in


def hub_of(header):
    reached = include_graph.reached(header)
    return next((hub for hub in reversed(HUBS) if SRC / hub in reached and SRC / hub != header), None)


def chains(headers):
    """The headers in as few chains as they make, in each of which every header reaches the one before it.

    Each header is matched with at most one that it reaches and at most one that reaches it: a largest matching leaves the
    fewest chains (Fulkerson 1956, "Note on Dilworth's decomposition theorem for partially ordered sets").
    """
    reached = {header: [each for each in include_graph.reached(header) if each in headers and each != header]
               for header in sorted(headers)}
    behind = {}  # Which header stands behind one.

    def place(header, tried):
        for each in reached[header]:
            if each not in tried:
                tried.add(each)
                if each not in behind or place(behind[each], tried):
                    behind[each] = header
                    return True
        return False

    followers = {header for header in reached if place(header, set())}
    for first in reached.keys() - followers:
        chain = [first]
        while chain[-1] in behind:
            chain.append(behind[chain[-1]])
        yield chain


def chains_by_hub(headers):
    groups = {}
    for header in headers:
        groups.setdefault(hub_of(header), set()).add(header)
    return [chain for group in groups.values() for chain in chains(group)]


def compile_alone(compiler, chain, stand_ins):
    hub = hub_of(chain[0])
    before = ["-include-pch", str(stand_ins[hub])] if hub else []
    main = "".join(f'#include "{header.relative_to(SRC)}"\n' for header in chain)
    done = subprocess.run([*compiler, "-fsyntax-only", *before, "-x", "c++", "-"], input=main, capture_output=True,
                          text=True, check=False)
    return done.returncode, done.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="compile again what was clean")
    parser.add_argument("build", type=pathlib.Path)
    options = parser.parse_args()

    build = options.build.resolve()
    compiler = compiler_of(build)
    version = subprocess.run([compiler[0], "--version"], capture_output=True, check=True).stdout
    fixed = version + repr(compiler).encode()
    runs = RememberedRuns(build / "headers", options.all)
    for header in sorted(SRC.rglob("*.h")):
        runs.add(header, include_graph.fingerprint(header, fixed + str(header).encode()))

    stand_ins = {}
    if runs.wanted:
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            stand_ins = dict(zip(HUBS, pool.map(lambda hub: precompile(compiler, hub, runs.folder), HUBS)))
    failed = runs.run(lambda *chain: compile_alone(compiler, chain, stand_ins), options.jobs, chains_by_hub(runs.wanted))
    print(f"headers: {len(runs.wanted)} compiled alone, {failed} that cannot be")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
