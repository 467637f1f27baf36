#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a module includes what it may not: undeclared, of its own layer or above, or a test double.

Usage: check_layers.py LAYERS SRC     LAYERS: written by majed_module() into the build folder
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def read_modules(path):
    """Per module: its layer, what it may use, and what its tests may use beside that."""
    layers, deps, test_deps = {}, {}, {}
    for line in pathlib.Path(path).read_text().splitlines():
        declared, for_tests = line.split("|")
        name, layer, *wanted = (word for word in re.split(r"[ ;]+", declared) if word)
        layers[name], deps[name] = int(layer), set(wanted)
        test_deps[name] = {word for word in re.split(r"[ ;]+", for_tests) if word}
    return layers, deps, test_deps


def owner_of(path, modules):
    """The module a path lies in: the longest module name that begins it ('driver/sqlite' before 'driver')."""
    return max((m for m in modules if path.startswith(m + "/")), key=len, default=None)


def is_test(path):
    return path.endswith(("_test.cpp", "_fixture.h"))


def wrong_deps(layers, deps, test_deps):
    for name in sorted(layers):
        for dep in sorted(deps[name] | test_deps[name]):
            if dep not in layers:
                yield f"{name}: DEPS names {dep}, which is no module"
            elif layers[dep] >= layers[name]:
                yield f"{name} (layer {layers[name]}) may not depend on {dep} (layer {layers[dep]})"


def wrong_includes(src, layers, deps, test_deps):
    for path in sorted(p for p in src.rglob("*") if p.suffix in (".h", ".cpp")):
        here = path.relative_to(src).as_posix()
        module = owner_of(here, layers)
        if module is None:
            yield f"{here}: lies in no module"
            continue
        allowed = {module} | deps[module] | (test_deps[module] if is_test(here) else set())
        for used in INCLUDE.findall(path.read_text()):
            target = owner_of(used, layers)
            if target is None:
                yield f'{here}: includes "{used}", which is in no module (libraries go in <>)'
            elif target not in allowed:
                yield f"{here}: includes {used}, but {module} does not list {target} in DEPS"
            file = used.rsplit("/", 1)[-1]
            if (file.startswith("fake_") or is_test(file)) and not is_test(here):
                yield f"{here}: includes {used}, which is for tests only"


def main(layers_file, src):
    layers, deps, test_deps = read_modules(layers_file)
    problems = [*wrong_deps(layers, deps, test_deps), *wrong_includes(pathlib.Path(src), layers, deps, test_deps)]
    print("\n".join(problems) or f"layers: {len(layers)} modules include only what they may")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
