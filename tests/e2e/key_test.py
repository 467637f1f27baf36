#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Root keys: made, added to, listed; an installation that rotates goes on as before."""
import contextlib
import json
import os
import pathlib
import re
import sqlite3
import stat
import subprocess
import tempfile
import unittest

from majed_process import PROGRAM, InstalledTest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


class Keys(InstalledTest):
    """Each test rotates: what the others need of the installation is that it still works."""

    def ok(self, *arguments, **environment):
        done = self.majed.run(*arguments, **environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def roots(self):
        return json.loads(self.ok("key", "list", "--json"))["items"]

    def mode(self):
        return stat.S_IMODE(os.stat(self.majed.path("majed.key")).st_mode)

    def key_texts(self):
        """Every key in the file, as it stands there."""
        return re.findall(r"[\w-]{43}(?=\n)", self.majed.read("majed.key"))

    def pseudonyms(self):
        config = self.majed.path("hashed.toml")
        text = self.majed.read("majed.toml").split("# Nobody sees anything")[0]
        with open(config, "w", encoding="utf-8") as file:
            file.write(f'include = ["{ROOT / "examples/policies.toml"}"]\n' + text)
        out = self.ok("query", "--as", "nora", "--format", "json", "--config", config,
                      "SELECT CUSTOMER_ID, EMAIL FROM CUSTOMERS WHERE EMAIL IS NOT NULL ORDER BY 1 LIMIT 20")
        rows = json.loads(out)["rows"]
        self.assertEqual(len(rows), 20)
        self.assertRegex(rows[0][1], r"^[0-9a-f]{32}$")
        return rows

    def test_rotation_adds_a_root_in_front(self):
        before = self.roots()
        out = self.ok("key", "rotate")
        after = self.roots()
        self.assertEqual([root["id"] for root in after[1:]], [root["id"] for root in before])
        self.assertIn(after[0]["id"], out)
        self.assertEqual([root["encrypts"] for root in after], [True] + [False] * len(before))
        self.assertEqual([root["derives"] for root in after], [False] * len(before) + [True])
        self.assertRegex(after[0]["created"], f"^{TIME}$")
        self.assertEqual(self.mode(), 0o600)
        self.assertEqual([name for name in os.listdir(self.majed.folder) if name.startswith("majed.key")],
                         ["majed.key"])
        again = json.loads(self.ok("key", "rotate", "--json"))
        self.assertEqual(again, {"id": self.roots()[0]["id"], "file": self.majed.path("majed.key")})

    def test_what_was_pseudonymous_stays_so_and_the_audit_verifies(self):
        before = self.pseudonyms()
        self.ok("audit", "verify")
        self.ok("key", "rotate")
        self.assertEqual(self.pseudonyms(), before)
        report = json.loads(self.ok("audit", "verify", "--json"))
        self.assertTrue(report["intact"])
        self.assertGreaterEqual(report["heads"], 2)

    def test_a_running_server_is_not_disturbed(self):
        with self.majed.serving() as server:
            self.ok("key", "rotate")
            server.login("nora", self.majed.passwords["nora"])
        self.assertTrue(json.loads(self.ok("audit", "verify", "--json"))["intact"])

    def test_a_file_of_version_1_is_read_and_rotated_with_the_same_pseudonyms(self):
        oldest = self.majed.read("majed.key").splitlines()[-1].split(" ")
        with open(self.majed.path("majed.key"), "w", encoding="utf-8") as file:
            file.write(f"majed-key-v1:{oldest[2]}\n")
        before = self.pseudonyms()
        self.assertEqual(self.roots(), [{"id": oldest[0], "created": None, "encrypts": True, "derives": True}])
        self.assertRegex(self.ok("key", "list"), rf"{oldest[0]} .*unknown .*encrypts; pseudonyms, signatures")
        self.ok("key", "rotate")
        self.assertEqual(self.pseudonyms(), before)
        self.assertEqual([root["id"] for root in self.roots()][1:], [oldest[0]])
        self.assertTrue(json.loads(self.ok("audit", "verify", "--json"))["intact"])

    def test_no_key_is_shown_or_recorded(self):
        self.ok("key", "rotate")
        said = [self.ok("key", "rotate"), self.ok("key", "rotate", "--json"), self.ok("key", "list"),
                self.ok("key", "list", "--json")]
        with contextlib.closing(sqlite3.connect(self.majed.path("majed.db"))) as connection:
            said += [str(row) for row in connection.execute("SELECT * FROM audit_log WHERE resource = 'key'")]
        keys = self.key_texts()
        self.assertGreaterEqual(len(keys), 3)
        for key in keys:
            for text in said:
                self.assertNotIn(key[:12], text)

    def test_rotation_is_audited_with_the_new_id(self):
        made = json.loads(self.ok("key", "rotate", "--json"))["id"]
        with contextlib.closing(sqlite3.connect(self.majed.path("majed.db"))) as connection:
            rows = connection.execute("SELECT phase, username, resource, success, details FROM audit_log"
                                      " WHERE action = 'key.rotate' ORDER BY id DESC LIMIT 2").fetchall()
        self.assertEqual([row[:4] for row in rows], [("outcome", "local", "key", 1), ("intent", "local", "key", 1)])
        self.assertEqual(json.loads(rows[0][4]), {"id": made})

    def test_a_file_that_others_can_read_is_not_touched(self):
        path = self.majed.path("majed.key")
        before = self.majed.read("majed.key")
        os.chmod(path, 0o640)
        try:
            for command in ("rotate", "list"):
                done = self.majed.run("key", command)
                self.assertEqual(done.returncode, 3, done.stdout)
                self.assertIn("chmod 600", done.stderr)
        finally:
            os.chmod(path, 0o600)
        self.assertEqual(self.majed.read("majed.key"), before)

    def test_generate_needs_no_configuration_and_writes_over_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            def generate(*more):
                return subprocess.run([PROGRAM, "key", "generate", "--file", "own.key", *more], cwd=folder, text=True,
                                      capture_output=True, check=False, timeout=60,
                                      env=self.majed.environment(MAJED_CONFIG=os.path.join(folder, "none.toml")))

            done = generate()
            self.assertEqual(done.returncode, 0, done.stderr)
            path = os.path.join(folder, "own.key")
            self.assertEqual(os.listdir(folder), ["own.key"])
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            found = re.fullmatch(r"majed-key-v2:1\n([0-9a-f]{16}) \d+ ([\w-]{43})\n", text)
            self.assertTrue(found, "not one root")
            self.assertEqual(done.stdout, f"wrote own.key with the root key {found.group(1)}\n")
            self.assertEqual(generate().returncode, 1)
            with open(path, encoding="utf-8") as file:
                self.assertEqual(file.read(), text)
            self.assertEqual(self.ok("key", "list", MAJED_KEYS_FILE=path).count(found.group(1)), 1)

    def test_generate_without_a_file_takes_the_configured_one(self):
        done = self.majed.run("key", "generate")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("majed.key", done.stderr)
        other = self.majed.path("other.key")
        made = json.loads(self.ok("key", "generate", "--json", MAJED_KEYS_FILE=other))
        self.assertEqual(made["file"], other)
        self.assertTrue(os.path.exists(other))
        self.assertEqual(self.majed.run("key", "generate", MAJED_CONFIG="/nonexistent/majed.toml").returncode, 2)


if __name__ == "__main__":
    unittest.main()
