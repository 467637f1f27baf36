# SPDX-License-Identifier: Apache-2.0
"""Runs a check over files side by side and leaves a mark for each that is clean, so that it is not run again."""
import concurrent.futures
import pathlib

from include_graph import ROOT


class RememberedRuns:
    """The files that have no mark in `folder`; `everything` takes the others too."""

    def __init__(self, folder, everything):
        self.folder = folder
        self.everything = everything
        self.wanted = {}
        folder.mkdir(exist_ok=True)

    def add(self, file: pathlib.Path, fingerprint: str):
        """`fingerprint` names all that the outcome hangs on."""
        mark = self.folder / fingerprint
        if self.everything or not mark.exists():
            self.wanted[file] = mark

    def run(self, check, jobs, groups=None):
        """`check(*group)` answers an exit status and what to print when it is not 0. Without groups each wanted file is
        one. Answers how many failed."""
        failed = 0
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            runs = {pool.submit(check, *group): group for group in groups or [(file,) for file in self.wanted]}
            for done in concurrent.futures.as_completed(runs):
                group = runs[done]
                status, output = done.result()
                if status == 0:
                    for file in group:
                        self.wanted[file].touch()
                else:
                    failed += 1
                    print(f"{', '.join(str(file.relative_to(ROOT)) for file in group)}:\n{output}", flush=True)
        return failed
