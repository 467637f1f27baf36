#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks a gateway over HTTP: MAJED_KEY=mv_... examples/query.py URL 'SELECT ...' [values...]"""
import json
import os
import sys
import urllib.error
import urllib.request


def ask(url, key, sql, params=()):
    """Yields the names of the columns, then the rows, as they arrive."""
    request = urllib.request.Request(
        url + "/api/v1/query",
        json.dumps({"sql": sql, "params": list(params)}).encode(),
        {"Content-Type": "application/json", "Accept": "application/x-ndjson", "Authorization": "Bearer " + key})
    with urllib.request.urlopen(request, timeout=60) as answer:
        for number, line in enumerate(answer):
            part = json.loads(line)
            if number == 0:
                yield [column["name"] for column in part["columns"]]
            elif isinstance(part, list):
                yield part
            elif "error" in part:
                raise RuntimeError(part["error"]["detail"])
            elif part["truncated"]:
                print("more rows exist", file=sys.stderr)


def main():
    if len(sys.argv) < 3 or "MAJED_KEY" not in os.environ:
        sys.exit(__doc__)
    url, sql, *params = sys.argv[1:]
    try:
        for row in ask(url, os.environ["MAJED_KEY"], sql, params):
            print("\t".join("" if cell is None else str(cell) for cell in row))
    except urllib.error.HTTPError as refused:
        problem = json.load(refused)
        sys.exit(f"{problem['code']}: {problem['detail']}")


if __name__ == "__main__":
    main()
