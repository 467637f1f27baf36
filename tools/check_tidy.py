#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy over src/ (not its tests) and remembers what was clean.

Usage: check_tidy.py [--jobs N] [--all] BUILD

What is compiled together is read together. It is run again only when its text, a project header it reaches, its
compile command, .clang-tidy or the version of clang-tidy changed. Headers are checked through the files that include
them.
"""
import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import sys

import include_graph
from include_graph import ROOT, SRC

TIDY = "clang-tidy-14"
# The deep mode of the analyzer doubles the time of the whole run; sanitizers look there too.
FLAGS = ("-Wthread-safety", "-Wno-unknown-warning-option", "-Xclang", "-analyzer-config", "-Xclang", "mode=shallow")


def run(entry, build):
    command = [TIDY, "--quiet", "-p", str(build), *(f"--extra-arg={flag}" for flag in FLAGS), entry["file"]]
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
    clean = options.build.resolve() / "tidy"
    clean.mkdir(exist_ok=True)

    entries = json.loads((options.build / "compile_commands.json").read_text())
    ours = (SRC, options.build.resolve() / "src")
    wanted = {}
    for entry in entries:
        file = pathlib.Path(entry["file"])
        of_tests = file.name.endswith("_test.cpp") or any(part.endswith(("_test.dir", "_test_headers.dir")) for part in file.parts)
        if any(file.is_relative_to(folder) for folder in ours) and not of_tests:
            mark = clean / include_graph.fingerprint(file, fixed + entry["command"].encode())
            if options.all or not mark.exists():
                wanted[file] = (entry, mark)

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        runs = {pool.submit(run, entry, options.build): (file, mark) for file, (entry, mark) in wanted.items()}
        for done in concurrent.futures.as_completed(runs):
            file, mark = runs[done]
            status, output = done.result()
            if status == 0:
                mark.touch()
            else:
                failed += 1
                print(f"{file.relative_to(ROOT)}:\n{output}", flush=True)
    print(f"tidy: {len(wanted)} files read, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
