#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy over src/ (not its tests) and remembers what was clean.

Usage: check_tidy.py [--jobs N] [--all] BUILD

What is compiled together is read together. It is run again only when its text, a project header it reaches, its
compile command, .clang-tidy or the version of clang-tidy changed. Headers are checked through the files that include
them.
"""
import argparse
import json
import pathlib
import subprocess
import sys

import include_graph
from include_graph import ROOT, SRC
from remembered_runs import RememberedRuns

TIDY = "clang-tidy-14"
# The deep mode of the analyzer doubles the time of the whole run; sanitizers look there too.
FLAGS = ("-Wthread-safety", "-Wno-unknown-warning-option", "-Xclang", "-analyzer-config", "-Xclang", "mode=shallow")


def run(file, build):
    command = [TIDY, "--quiet", "-p", str(build), *(f"--extra-arg={flag}" for flag in FLAGS), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + ("" if done.returncode == 0 else done.stderr)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="run clean files again")
    parser.add_argument("build", type=pathlib.Path)
    options = parser.parse_args()

    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    fixed = version + repr(FLAGS).encode() + (ROOT / ".clang-tidy").read_bytes()
    runs = RememberedRuns(options.build.resolve() / "tidy", options.all)
    ours = (SRC, options.build.resolve() / "src")
    for entry in json.loads((options.build / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["file"])
        of_tests = file.name.endswith("_test.cpp") or any(part.endswith(("_test.dir", "_test_headers.dir")) for part in file.parts)
        if any(file.is_relative_to(folder) for folder in ours) and not of_tests:
            runs.add(file, include_graph.fingerprint(file, fixed + entry["command"].encode()))

    failed = runs.run(lambda file: run(file, options.build), options.jobs)
    print(f"tidy: {len(runs.wanted)} files read, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
