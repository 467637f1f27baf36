#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Root keys: made, added to, listed, retired; what is sealed follows them, and an installation that rotates goes on."""
import contextlib
import copy
import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import stat
import subprocess
import tempfile
import time
import unittest

from majed_process import BOUND, PROGRAM, InstalledTest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


SEALED_ROWS = os.environ["SEALED_ROWS"]
OF_THE_AUDIT = 1  # The key of its sensitive details, which is sealed as well.
KILLS = int(os.environ.get("KILLS", "30"))


class KeyTest(InstalledTest):
    def ok(self, *arguments, **environment):
        done = self.majed.run(*arguments, **environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def failed(self, code, *arguments):
        done = self.majed.run(*arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stderr

    def listed(self):
        return json.loads(self.ok("key", "list", "--json"))

    def roots(self):
        return self.listed()["items"]

    def acts(self, action):
        with contextlib.closing(sqlite3.connect(self.majed.path("majed.db"))) as connection:
            return connection.execute("SELECT phase, resource_id, success, details, error_message FROM audit_log"
                                      " WHERE action = ? ORDER BY id", (action,)).fetchall()


class Keys(KeyTest):
    """Each test rotates: what the others need of the installation is that it still works."""

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
        newest = self.roots()[0]["id"]
        self.assertEqual(again, {"id": newest, "file": self.majed.path("majed.key"),
                                 "reseal": {"root": newest, "complete": True, "texts": OF_THE_AUDIT,
                                            "resealed": OF_THE_AUDIT, "unopened": 0,
                                            "unopened_places": []}})

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
        self.assertEqual(self.roots(), [{"id": oldest[0], "created": None, "encrypts": True, "derives": True,
                                         "texts": OF_THE_AUDIT}])
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
        self.assertEqual(json.loads(rows[0][4]), {"id": made, "root": made, "complete": True,
                                                   "texts": OF_THE_AUDIT, "resealed": OF_THE_AUDIT,
                                                  "unopened": 0, "unopened_places": []})

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


class SealedTexts(KeyTest):
    """An installation of its own for each test, for what is sealed in it is counted: a copy, which is made sooner."""

    def setUp(self):
        self.majed = copy.copy(type(self).majed)
        self.majed.folder = tempfile.mkdtemp(prefix="majed_e2e_")
        self.addCleanup(self.majed.remove)
        shutil.copytree(type(self).majed.folder, self.majed.folder, dirs_exist_ok=True)

    def sealed_rows(self, what, *more):
        done = subprocess.run([SEALED_ROWS, what, self.majed.path("majed.db"), self.majed.path("majed.key"), *more],
                              capture_output=True, text=True, timeout=BOUND, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def texts(self):
        """How many there are; each was opened."""
        return int(self.sealed_rows("check"))

    def assert_all_under_the_newest(self, texts):
        listed = self.listed()
        self.assertEqual([root["texts"] for root in listed["items"]],
                         [texts + OF_THE_AUDIT] + [0] * (len(listed["items"]) - 1))
        self.assertEqual((listed["resealed"], listed["unknown_texts"]), (True, 0))
        self.assertEqual(self.texts(), texts)

    def test_a_rotation_puts_everything_under_the_new_root(self):
        self.sealed_rows("fill", "250")
        former = self.roots()[0]
        self.assertEqual(former["texts"], 500 + OF_THE_AUDIT)
        done = json.loads(self.ok("key", "rotate", "--json"))
        self.assertEqual(done["reseal"], {"root": done["id"], "complete": True, "texts": 501, "resealed": 501,
                                          "unopened": 0, "unopened_places": []})
        self.assertEqual(self.roots()[0]["id"], done["id"])
        self.assert_all_under_the_newest(500)
        self.assertIn("501 texts under the root key " + done["id"] + ", 0 of them resealed now",
                      self.ok("key", "reseal"))
        self.assertEqual([act[0] for act in self.acts("key.reseal")], ["intent", "outcome"])
        self.assertTrue(json.loads(self.ok("audit", "verify", "--json"))["intact"])

    def test_nothing_is_lost_wherever_it_is_killed(self):
        seed = random.randrange(1 << 32)
        chance = random.Random(seed)
        self.sealed_rows("fill", "400")
        began = time.monotonic()
        self.ok("key", "rotate")
        whole = time.monotonic() - began
        interrupted = 0
        for number in range(KILLS):
            # A root each time would soon be as many as there may be.
            command = "rotate" if number % 2 == 0 else "reseal"
            with subprocess.Popen([PROGRAM, "key", command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  env=self.majed.environment()) as process:
                try:
                    process.wait(chance.uniform(0, whole))
                except subprocess.TimeoutExpired:
                    process.kill()
                    interrupted += 1
            if number % 5 == 4:
                self.assertEqual(self.texts(), 800, f"seed {seed}, after {number}")
        self.assertGreater(interrupted, 0)
        self.ok("key", "reseal")
        self.assert_all_under_the_newest(800)
        self.assertTrue(json.loads(self.ok("audit", "verify", "--json"))["intact"])

    def test_rotations_while_a_server_runs_and_others_write(self):
        self.sealed_rows("fill", "200")
        with self.majed.serving() as server:
            with subprocess.Popen([SEALED_ROWS, "write", self.majed.path("majed.db"), self.majed.path("majed.key")],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
                self.assertEqual(writer.stdout.readline(), "writing\n")
                for _ in range(3):
                    self.ok("key", "rotate")
                    server.login("nora", self.majed.passwords["nora"])
                written = int(writer.communicate(timeout=BOUND)[0])
            self.assertEqual(writer.returncode, 0)
        self.assertGreater(written, 0)
        self.assert_all_under_the_newest(2 * (200 + written))

    def test_a_server_that_starts_finishes_what_was_left(self):
        self.sealed_rows("fill", "150")
        self.sealed_rows("rotate")
        listed = self.listed()
        self.assertEqual([root["texts"] for root in listed["items"]], [0, 300 + OF_THE_AUDIT])
        self.assertFalse(listed["resealed"])
        self.assertIn("majed key reseal", self.ok("key", "list"))
        with self.majed.serving() as server:
            deadline = time.monotonic() + BOUND
            while not self.listed()["resealed"] and time.monotonic() < deadline:
                time.sleep(0.05)
            self.assert_all_under_the_newest(300)
        self.assertTrue(any("resealed stored texts" in line for line in server.log), server.log)

    def test_a_root_goes_only_when_nothing_is_under_it(self):
        self.ok("key", "rotate")
        self.sealed_rows("fill", "20")
        middle, oldest = [root["id"] for root in self.roots()]
        self.sealed_rows("rotate")
        self.assertIn("majed key reseal", self.failed(1, "key", "retire", middle))
        self.ok("key", "reseal")
        for root in (oldest, self.roots()[0]["id"], "0" * 16):
            self.failed(1, "key", "retire", root)
        for bad in ("", "x", middle.upper() + "0", middle + "\n"):
            self.failed(2, "key", "retire", bad)
        self.assertEqual(json.loads(self.ok("key", "retire", middle, "--json")),
                         {"id": middle, "file": self.majed.path("majed.key")})
        self.assertEqual([root["id"] for root in self.roots()][1:], [oldest])
        self.assert_all_under_the_newest(40)
        acts = self.acts("key.retire")
        self.assertEqual([act[:3] for act in acts[-2:]], [("intent", middle, 1), ("outcome", middle, 1)])
        self.assertEqual([act[2] for act in acts if act[0] == "outcome"], [0, 0, 0, 0, 1])

    def test_what_does_not_open_is_said_and_left(self):
        self.sealed_rows("fill", "3")
        with contextlib.closing(sqlite3.connect(self.majed.path("majed.db"))) as connection:
            connection.execute("UPDATE conversations SET message = 'gAAAA' || substr(message, 7) WHERE id = 2")
            connection.commit()
        done = self.majed.run("key", "rotate", "--json")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("conversations.message 2", done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(report["id"], self.roots()[0]["id"])
        self.assertEqual((report["reseal"]["complete"], report["reseal"]["unopened"]), (False, 1))
        outcome = self.acts("key.rotate")[-1]
        self.assertEqual((outcome[2], json.loads(outcome[3])["unopened"]), (0, 1))
        listed = self.listed()
        self.assertEqual((listed["resealed"], listed["unknown_texts"]), (False, 1))
        self.failed(1, "key", "reseal")
        with contextlib.closing(sqlite3.connect(self.majed.path("majed.db"))) as connection:
            connection.execute("DELETE FROM conversations WHERE id = 2")
            connection.commit()
        self.ok("key", "reseal")
        self.assert_all_under_the_newest(4)

    def test_an_old_copy_of_the_file_gets_no_root(self):
        self.sealed_rows("fill", "1")
        before = self.majed.read("majed.key")
        self.ok("key", "rotate")
        with open(self.majed.path("majed.key"), "w", encoding="utf-8") as file:
            file.write(before)
        self.assertIn("lacks the root key", self.failed(4, "key", "rotate"))
        self.assertEqual(self.majed.read("majed.key"), before)
        listed = self.listed()
        self.assertEqual((listed["items"][0]["texts"], listed["unknown_texts"]), (0, 2 + OF_THE_AUDIT))


if __name__ == "__main__":
    unittest.main()
