#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles every header under src/ on its own and remembers which could.

Usage: check_headers.py [--jobs N] [--all] BUILD

A header whose includes reach a hub is compiled after a precompiled header of that hub. That shows the same: its own text
sees what it includes and no more, and each header it includes is compiled on its own as well.
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
HUBS = ("core/error.h", "core/result.h", "driver/connection.h", "source/source.h", "gateway/gateway.h")


def compiler_of(build):
    """The compiler with the search paths of any of our targets: a library that a module may not use stays hidden in
    the build, not here."""
    command, paths = None, {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])
        if command is None:
            command = next(word for word in words if word.endswith(("c++", "g++", "clang++")))
        for index, word in enumerate(words):
            if word == "-isystem":
                paths[("-isystem", words[index + 1])] = None
            elif word.startswith("-I"):
                paths[(word,)] = None
    mine = [("-I" + str(SRC),)] + [path for path in paths if not path[-1].startswith("-I" + str(ROOT))]
    return [command, "-std=c++20", "-O0", "-fPIC", "-D_GLIBCXX_ASSERTIONS", *(word for path in mine for word in path)]


def precompile(compiler, hub, folder):
    """A file to `-include` in place of the hub."""
    stand_in = folder / hub.replace("/", "_")
    stand_in.write_text(f'#include "{hub}"\n')
    subprocess.run([*compiler, "-x", "c++-header", str(stand_in), "-o", f"{stand_in}.gch"], check=True)
    return stand_in


def compile_alone(compiler, header, stand_ins):
    reached = include_graph.reached(header)
    hub = next((hub for hub in reversed(HUBS) if SRC / hub in reached and SRC / hub != header), None)
    before = ["-include", str(stand_ins[hub])] if hub else []
    main = f'#include "{header.relative_to(SRC)}"\n'
    done = subprocess.run([*compiler, "-Winvalid-pch", "-fsyntax-only", *before, "-x", "c++", "-"], input=main,
                          capture_output=True, text=True, check=False)
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
    failed = runs.run(lambda header: compile_alone(compiler, header, stand_ins), options.jobs)
    print(f"headers: {len(runs.wanted)} compiled alone, {failed} that cannot be")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
