#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the documents say agrees with the program, and the examples run."""
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

from majed_process import BOUND, InstalledTest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


class Documents(InstalledTest):
    def test_the_page_of_errors_has_a_row_for_each_code(self):
        rows = re.findall(r"\{ErrorCode::(\w+), \"(\w+)\", \"[^\"]*\", (\d+), (\d)\}", read("src/core/error.h"))
        self.assertEqual(len(rows), 16)
        told = re.findall(r"^\| `(\w+)` \| (\d+) \| (\d) \|", read("docs/reference/errors.md"), re.M)
        self.assertEqual(told, [row[1:] for row in rows])

    def test_the_page_of_configuration_has_every_key_with_its_default(self):
        page = read("docs/reference/configuration.md")
        told = dict(re.findall(r"^\| `([\w.]+)` \| `\"?([^`\"]*)\"?` \|", page, re.M))
        self.assertIn("server.listen", told)
        shown = json.loads(self.majed.run("config", "show", "--json").stdout)["items"]
        for item in shown:
            if re.match(r"(server|primary|keys|audit|telemetry|health|process)\.", item["key"]):
                self.assertIn(item["key"], told)
                if item["origin"] == "default":
                    self.assertEqual(told.pop(item["key"]).replace("60s", "1m"), item["value"], item["key"])
                else:
                    told.pop(item["key"])
            elif item["key"].startswith("sources[sales]."):
                key = item["key"].split(".", 1)[1]
                self.assertIn("`" + key + "`", page)
                default = told.pop(key, None)
                if item["origin"] == "default":
                    self.assertEqual("" if default == "[]" else default, item["value"], item["key"])
        of_policies = ("actions", "audit")  # Which are not shown one by one.
        self.assertEqual([key for key in told if key not in of_policies], [])

    def test_the_page_of_commands_names_every_command(self):
        page = read("docs/reference/cli.md")

        def commands(*before):
            help_text = self.majed.run(*before, "--help").stdout
            after = help_text.split("Subcommands:\n", 1)
            return re.findall(r"^  ([\w-]+) ", after[1], re.M) if len(after) == 2 else []

        names = commands()
        self.assertIn("query", names)
        for name in names:
            self.assertIn("majed " + name, page)
            for part in commands(name):
                self.assertIn(part, page)

    def test_the_example_client_streams_rows(self):
        with self.majed.serving() as server:
            done = subprocess.run([sys.executable, ROOT / "examples/query.py", f"http://{server.host}:{server.port}",
                                   "SELECT count(*) AS n FROM CUSTOMERS WHERE REGION <> ?", "NORTH"],
                                  capture_output=True, text=True, timeout=BOUND, check=False,
                                  env={**os.environ, "MAJED_KEY": self.majed.api_key})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^n\n\d+\n$")

    def test_the_example_rules_hold(self):
        text = self.majed.read("majed.toml").split("# Nobody sees anything")[0]
        path = self.majed.path("example.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'include = ["{ROOT / "examples/policies.toml"}"]\n' + text)
        done = self.majed.run("query", "--as", "nora", "--format", "json", "--config", path,
                              "SELECT * FROM CUSTOMERS WHERE PHONE IS NOT NULL AND EMAIL IS NOT NULL LIMIT 1")
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual([column["name"] for column in answer["columns"]],
                         ["CUSTOMER_ID", "CUSTOMER_NAME", "EMAIL", "PHONE"])
        self.assertRegex(answer["rows"][0][2], r"^[0-9a-f]{32}$")
        self.assertRegex(answer["rows"][0][3], r"^\+1\*\*\*\d{4}$")
        refused = self.majed.run("query", "--as", "nora", "--config", path, "SELECT REGION FROM CUSTOMERS")
        self.assertNotEqual(refused.returncode, 0)
        done = self.majed.run("query", "--as", "nora", "--format", "json", "--config", path,
                              "SELECT DISTINCT STATUS FROM ORDERS ORDER BY 1")
        self.assertEqual(json.loads(done.stdout)["rows"], [["PENDING"], ["PROCESSING"], ["RETURNED"], ["SHIPPED"]])


if __name__ == "__main__":
    unittest.main()
