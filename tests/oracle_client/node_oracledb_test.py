#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs thick_scenario.js with Oracle's own node-oracledb on the Oracle client double.

The package is fetched with npm into the build folder, in the version package.json pins; without node, npm or the
package the test is skipped and says why.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
INSTALL_SECONDS = 120
RUN_SECONDS = 120


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(SKIPPED)


def install(folder):
    """The package of package.json into `folder`, unless it is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = (HERE / "package.json").read_text()
    done = folder / "installed.json"
    if done.exists() and done.read_text() == wanted:
        return
    (folder / "package.json").write_text(wanted)
    command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        skip(f"npm did not fetch the package within {INSTALL_SECONDS} s")
    if result.returncode != 0:
        skip(f"npm cannot provide the package: {result.stderr.strip().splitlines()[-1:]}")
    done.write_text(wanted)


def main():
    double, build = sys.argv[1], pathlib.Path(sys.argv[2])
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            skip(f"{program} is not installed")
    folder = build / "node"
    install(folder)
    with tempfile.TemporaryDirectory(prefix="majed-node-") as databases:
        environment = dict(os.environ, NODE_PATH=str(folder / "node_modules"), TZ="UTC",
                           MAJED_OCI_DOUBLE_FOLDER=databases, MAJED_OCI_DOUBLE_PASSWORD="good",
                           MAJED_OCI_DOUBLE_CONTROL=str(pathlib.Path(databases) / "control"))
        command = ["node", str(HERE / "thick_scenario.js"), double]
        return subprocess.run(command, env=environment, timeout=RUN_SECONDS).returncode


if __name__ == "__main__":
    sys.exit(main())
