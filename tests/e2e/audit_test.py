#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What was asked is written down: an intent before and an outcome after each statement, none missing."""
import contextlib
import json
import os
import re
import sqlite3
import stat
import subprocess
import time
import unittest

from majed_process import BOUND, PROGRAM, InstalledTest, bearer


class Audit(InstalledTest):
    def rows(self, condition, *values):
        connection = sqlite3.connect(self.majed.path("majed.db"))
        connection.row_factory = sqlite3.Row
        try:
            return connection.execute(f"SELECT * FROM audit_log WHERE {condition} ORDER BY id", values).fetchall()
        finally:
            connection.close()

    def test_each_statement_that_ran_has_an_intent_and_then_an_outcome(self):
        with self.majed.serving() as server:
            token = server.login("nora", self.majed.passwords["nora"])
            for i in range(20):
                headers = {**bearer(token), "X-Request-Id": f"audit-{i}", "User-Agent": "e2e"}
                status, _, answer = server.call("POST", "/api/v1/query",
                                                {"sql": "SELECT * FROM CUSTOMERS WHERE CUSTOMER_NAME = ? LIMIT 3",
                                                 "params": ["Very Secret"]}, headers)
                self.assertEqual(status, 200, answer)
            self.assertEqual(server.call("POST", "/api/v1/query", {"sql": "SELECT * FROM PRODUCTS"},
                                         {**bearer(token), "X-Request-Id": "audit-denied"})[0], 403)
        for i in range(20):
            found = self.rows("request_id = ?", f"audit-{i}")
            self.assertEqual([row["phase"] for row in found], ["intent", "outcome"])
            self.assertEqual(len({row["event_id"] for row in found}), 1)
            self.assertEqual({row["username"] for row in found}, {"nora"})
            self.assertEqual({row["role"] for row in found}, {"normal"})
            self.assertEqual({row["ip_address"] for row in found}, {"127.0.0.1"})
            self.assertEqual({row["user_agent"] for row in found}, {"e2e"})
            self.assertEqual({row["resource"] for row in found}, {"sales"})
            details = json.loads(found[1]["details"])
            self.assertEqual((details["rows"], details["class"]), (0, "read"))
            self.assertIn("CUSTOMERS.CUSTOMER_NAME", details["columns"])
            self.assertEqual(json.loads(found[0]["details"])["authenticated_by"], "password")
        served = [(row["action"], json.loads(row["details"])["pid"]) for row in self.rows("resource = 'server'")]
        self.assertEqual(served, [("server.start", server.process.pid), ("server.stop", server.process.pid)])
        denied = self.rows("request_id = 'audit-denied'")
        self.assertEqual([row["success"] for row in denied], [0])
        self.assertIn("denied", denied[0]["error_message"])

    def test_values_and_secrets_are_not_written_down(self):
        self.majed.query("admin", "SELECT count(*) FROM CUSTOMERS WHERE EMAIL = ?", "someone@example.com")
        self.majed.query("admin", "SELECT count(*) FROM CUSTOMERS WHERE EMAIL = 'literal@example.com'")
        text = " ".join(str(tuple(row)) for row in self.rows("1 = 1"))
        for secret in ("someone@example.com", "literal@example.com", *self.majed.passwords.values(), self.majed.api_key):
            self.assertNotIn(secret, text)

    def test_logins_good_and_bad_are_recorded(self):
        with self.majed.serving() as server:
            server.login("sam", self.majed.passwords["sam"])
            server.call("POST", "/api/v1/login", {"username": "sam", "password": "wrong"})
        self.assertEqual([row["success"] for row in self.rows("action = 'login' AND username = 'sam' AND phase <> 'intent'")],
                         [1, 0])

    def test_administration_is_recorded_before_and_after(self):
        self.majed.run("user", "set-attribute", "nora", "region", "NORTH")
        self.majed.run("user", "set-attribute", "nobody", "region", "NORTH")
        good = self.rows("action = 'user.set_attribute' AND resource_id = 'nora'")
        self.assertEqual([(row["phase"], row["success"]) for row in good], [("intent", 1), ("outcome", 1)])
        bad = self.rows("action = 'user.set_attribute' AND resource_id = 'nobody'")
        self.assertEqual([(row["phase"], row["success"]) for row in bad], [("intent", 1), ("outcome", 0)])

    def test_the_trail_cannot_be_changed(self):
        connection = sqlite3.connect(self.majed.path("majed.db"))
        self.majed.query("admin", "SELECT 1")
        for sql in ("DELETE FROM audit_log", "UPDATE audit_log SET username = 'x'"):
            with self.assertRaises(sqlite3.DatabaseError):
                connection.execute(sql)
        connection.close()

    def verify(self, expect=0):
        done = self.majed.run("audit", "verify", "--json")
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_it_is_as_it_was_written_beside_a_server_too(self):
        with self.majed.serving() as server:
            token = server.login("nora", self.majed.passwords["nora"])
            for _ in range(5):
                server.call("POST", "/api/v1/query", {"sql": "SELECT count(*) FROM CUSTOMERS"}, bearer(token))
            self.assertTrue(self.verify()["intact"])
        report = self.verify()
        self.assertGreaterEqual(report["records"], 12)
        self.assertGreaterEqual(report["filed_heads"], 2)
        self.assertIsNone(report["finding"])
        self.assertIn("are as written", self.majed.run("audit", "verify").stdout)
        self.assertTrue(self.rows("action = 'audit.verify'"))


HOSTILE = "x\r\nCEF:0|evil=1|\\ \x1b[2J\u2028 outcome=success"


def cef_parts(line):
    """The fields of the header, and the extension as a dictionary, read as the format says."""
    header = re.match(r"((?:[^|\\]|\\.)*\|){7}", line).group(0)
    fields = [re.sub(r"\\(.)", r"\1", field) for field in re.findall(r"((?:[^|\\]|\\.)*)\|", header)]
    pairs = re.findall(r"(\w+)=((?:[^=\\]|\\.)*?)(?= \w+=|$)", line[len(header):])
    plain = {"n": "\n", "r": "\r"}
    return fields, {key: re.sub(r"\\(.)", lambda m: plain.get(m.group(1), m.group(1)), value) for key, value in pairs}


def without_sealed(details):
    """What is sealed in the file is shown open: SealedAudit looks at that."""
    return {name: value for name, value in details.items() if name != "sensitive"} if isinstance(details, dict) else details


class ReadAudit(InstalledTest):
    rows = Audit.rows

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.majed.serving() as server:
            token = server.login("nora", cls.majed.passwords["nora"])
            for sql in ("SELECT count(*) FROM CUSTOMERS", "SELECT 'a=b|c\\d' AS x\r\n, 'CEF:0|' AS y",
                        "SELECT * FROM PRODUCTS"):
                server.call("POST", "/api/v1/query", {"sql": sql}, bearer(token))
            server.call("POST", "/api/v1/login", {"username": HOSTILE, "password": "wrong"})

    def done(self, *arguments, expect=0):
        done = self.majed.run("audit", *arguments)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done

    def tail(self, *arguments):
        return json.loads(self.done("tail", "--json", *arguments).stdout)["items"]

    def expect_row(self, record, row):
        self.assertEqual(list(record), row.keys())
        for name in row.keys():
            if name == "details" and row[name] is not None:
                self.assertEqual(without_sealed(record[name]), without_sealed(json.loads(row[name])))
            elif name == "success":
                self.assertIs(record[name], bool(row[name]))
            else:
                self.assertEqual(record[name], row[name], name)

    def test_tail_shows_the_last_ones_the_oldest_of_them_first(self):
        items = self.tail("-n", "3")
        stored = self.rows("1 = 1")[-3:]
        self.assertEqual(len(items), 3)
        for record, row in zip(items, stored):
            self.expect_row(record, row)
        self.assertEqual({record["username"] for record in self.tail("--user", "nora")}, {"nora"})
        self.assertEqual({record["action"] for record in self.tail("--action", "log*")}, {"login"})
        self.assertEqual(len(self.tail("--user", HOSTILE)), 1)
        self.assertEqual(self.tail("--action", "' OR 1=1 --"), [])
        self.done("tail", "-n", "0", expect=2)
        self.done("tail", "-n", "1001", expect=2)

    def test_tail_is_a_table_for_people(self):
        lines = self.done("tail", "-n", "1000").stdout.splitlines()
        self.assertRegex(lines[0], r"^TIME +│ PHASE +│ WHO +│ ACTION +│ RESOURCE +│ RESULT$")
        self.assertEqual(len(lines), 2 + len(self.rows("1 = 1")))
        self.assertTrue(any(re.search(r"│ outcome │ nora +│ query +│ sales CUSTOMERS +│ success", line) for line in lines))
        self.assertTrue(any(re.search(r"│ nora +│ query +│ .*│ denied", line) for line in lines))

    def test_export_gives_every_record_as_it_is_stored_and_is_recorded_itself(self):
        done = self.done("export")
        lines = done.stdout.split("\n")
        self.assertEqual(lines.pop(), "")
        records = [json.loads(line) for line in lines]
        stored = self.rows("1 = 1")
        # The last of all says what came of the export, and so cannot be in it.
        self.assertEqual(len(records), len(stored) - 1)
        for record, row in zip(records, stored):
            self.expect_row(record, row)
        self.assertEqual((records[-1]["action"], records[-1]["phase"]), ("audit.export", "intent"))
        outcome = stored[-1]
        self.assertEqual((outcome["action"], outcome["phase"], outcome["success"]), ("audit.export", "outcome", 1))
        self.assertEqual(outcome["event_id"], records[-1]["event_id"])
        self.assertEqual(json.loads(outcome["details"]), {"format": "jsonl", "records": len(records)})

    def test_export_keeps_to_the_times_it_is_given(self):
        middle = self.rows("action = 'query'")[1]["timestamp"]
        before = [json.loads(line) for line in self.done("export", "--until", middle).stdout.splitlines()]
        after = [json.loads(line) for line in self.done("export", "--since", middle).stdout.splitlines()]
        self.assertEqual([record["id"] for record in before],
                         [row["id"] for row in self.rows("timestamp < ?", middle)])
        self.assertEqual(after[0]["timestamp"], middle)
        self.assertEqual(self.done("export", "--until", "2000-01-01").stdout, "")
        self.done("export", "--since", "yesterday", expect=2)
        self.assertEqual(self.rows("action = 'audit.export'")[-1]["success"], 0)

    def test_export_as_cef_has_a_line_for_each_record_whatever_is_in_it(self):
        text = self.done("export", "--format", "cef").stdout
        lines = text.split("\n")
        self.assertEqual(lines.pop(), "")
        stored = self.rows("1 = 1")
        self.assertEqual(len(lines), len(stored) - 1)
        version = json.loads(self.majed.run("version", "--json").stdout)["version"]
        for line, row in zip(lines, stored):
            self.assertEqual(line.splitlines(), [line])
            self.assertNotRegex(line, r"[\x00-\x1f\x7f]")
            header, members = cef_parts(line)
            self.assertEqual(header, ["CEF:0", "Majed Vanna", "majed", version, row["action"], row["action"],
                                      "2" if row["success"] else "6"])
            self.assertEqual(members["externalId"], str(row["id"]))
            self.assertRegex(members["rt"], r"^\d{13}$")
            self.assertEqual(members["outcome"], "success" if row["success"] else "failure")
            for key, name in (("suser", "username"), ("src", "ip_address"), ("reason", "error_message"),
                              ("requestClientApplication", "user_agent"), ("cs1", "event_id"), ("cs6", "details")):
                if key == "cs6" and row[name] and "sensitive" in row[name]:
                    self.assertEqual(without_sealed(json.loads(members[key])), without_sealed(json.loads(row[name])))
                    continue
                self.assertEqual(members.get(key), row[name] or None, line)

    def test_export_makes_a_file_for_its_owner_alone_and_overwrites_none(self):
        path = self.majed.path("audit.jsonl")
        self.assertIn("records are in " + path, self.done("export", "--output", path).stdout)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, encoding="utf-8") as file:
            first = file.read()
        self.assertTrue(all(json.loads(line) for line in first.splitlines()))
        self.assertIn("is there already", self.done("export", "--output", path, expect=1).stderr)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), first)
        kept = self.rows("action = 'audit.export' AND resource_id = ?", path)
        self.assertEqual([(row["phase"], row["success"]) for row in kept],
                         [("intent", 1), ("outcome", 1), ("intent", 1), ("outcome", 0)])
        self.assertIn("conflict", kept[-1]["error_message"])


class LongAudit(InstalledTest):
    rows = Audit.rows
    done = ReadAudit.done

    def test_export_goes_through_more_than_one_page_beside_a_server(self):
        with self.majed.serving() as server:
            token = server.login("nora", self.majed.passwords["nora"])
            while len(self.rows("1 = 1")) < 1200:
                for _ in range(100):
                    server.call("POST", "/api/v1/query", {"sql": "SELECT 1"}, bearer(token))
            lines = self.done("export").stdout.splitlines()
        self.assertEqual([json.loads(line)["id"] for line in lines], list(range(1, len(lines) + 1)))
        self.assertGreater(len(lines), 1000)


class TamperedAudit(InstalledTest):
    verify = Audit.verify

    def tamper(self, sql):
        with contextlib.closing(sqlite3.connect(self.majed.path("majed.db"))) as connection:
            connection.executescript("DROP TRIGGER IF EXISTS audit_log_is_never_updated;" + sql)

    def test_a_changed_record_is_named(self):
        self.majed.query("admin", "SELECT 1")
        self.tamper("UPDATE audit_log SET username = 'nobody' WHERE id = 2")
        report = self.verify(expect=1)
        self.assertEqual((report["intact"], report["finding"]["record_id"]), (False, 2))
        self.assertIn("record 2 was changed", self.majed.run("audit", "verify").stderr)


WORD = "pomegranate-of-samarkand"


class SealedAudit(InstalledTest):
    rows = Audit.rows
    done = ReadAudit.done
    tail = ReadAudit.tail
    verify = Audit.verify

    def sensitive(self, request, **environment):
        found = self.majed.run("audit", "tail", "--json", "-n", "1000", **environment)
        self.assertEqual(found.returncode, 0, found.stderr)
        return [record["details"]["sensitive"] for record in json.loads(found.stdout)["items"]
                if record["details"] and "sensitive" in record["details"] and record["action"] == request]

    def test_what_was_sent_is_kept_sealed_and_opens_after_a_rotation(self):
        text = self.majed.read("majed.toml")
        with open(self.majed.path("majed.toml"), "w", encoding="utf-8") as file:
            file.write(text.replace("[audit]\n", '[audit]\nstatements = "sealed"\n'))
        with self.majed.serving() as server:
            token = server.login("nora", self.majed.passwords["nora"])
            body = {"sql": f"SELECT  '{WORD}' AS x, ? AS y", "params": [WORD]}
            self.assertEqual(server.call("POST", "/api/v1/query", body, bearer(token))[0], 200)
            self.assertEqual(server.call("POST", "/api/v1/query", {"sql": f"SELECT {WORD} FROM"}, bearer(token))[0], 400)
            self.assertEqual(self.majed.run("key", "rotate").returncode, 0)
            self.assertEqual(server.call("POST", "/api/v1/query", body, bearer(token))[0], 200)
            admin = server.login("admin", self.majed.passwords["admin"])
            found = server.call("GET", "/api/v1/audit?action=query&limit=1&order=oldest", None, bearer(admin))[2]["items"]
            self.assertEqual(found[0]["details"]["sensitive"]["parameters"], [WORD])
            self.assertIn('"status":"pass"', json.dumps(server.call("GET", "/api/v1/health", None, bearer(admin))[2],
                                                        separators=(",", ":")))
        kept = self.sensitive("query")
        self.assertEqual([one["statement"] for one in kept], [body["sql"], f"SELECT {WORD} FROM", body["sql"]])
        self.assertEqual(kept[2], {"statement": body["sql"], "parameters": [WORD], "cut": False})
        self.assertIn(WORD, self.done("export").stdout)
        for folder, _, names in os.walk(self.majed.folder):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(WORD.encode(), file.read(), name)
        self.assertTrue(self.verify()["intact"])
        self.assertEqual({one["after"]["username"] for one in self.sensitive("user.add")}, {"admin", "sam", "nora"})
        self.assertNotIn("NORTH", " ".join(str(tuple(row)) for row in self.rows("resource = 'user'")))
        other = self.majed.path("other.key")
        self.assertEqual(self.majed.run("key", "generate", "--file", other).returncode, 0)
        for one in self.sensitive("query", MAJED_KEYS_FILE=other):
            self.assertRegex(one, "^unreadable: ")


OLD_RECORDS = 12000


class PurgedAudit(InstalledTest):
    rows = Audit.rows
    done = ReadAudit.done
    verify = Audit.verify

    @classmethod
    def setUpClass(cls):
        """What is there is of long ago, and taken in by the program as the records of before there was a tree."""
        super().setUpClass()
        with contextlib.closing(sqlite3.connect(cls.majed.path("majed.db"))) as connection:
            triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
            connection.executescript(
                "".join(f"DROP TRIGGER {name};" for name, _ in triggers) +
                "UPDATE audit_log SET timestamp = '2020-01-01T00:00:00.000000Z';"
                f"INSERT INTO audit_log (action, username, details, timestamp) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
                f" SELECT i + 1 FROM n WHERE i < {OLD_RECORDS}) SELECT 'old', 'nora', '{{\"word\":\"pamplemousse\"}}',"
                " '2020-02-01 00:00:00' FROM n;"
                "DELETE FROM audit_tree; DELETE FROM audit_leaves; DELETE FROM audit_heads;" +
                "".join(sql + ";" for _, sql in triggers))
        os.remove(cls.majed.path("majed.heads"))
        cls.majed.query("admin", "SELECT 1")

    def purge(self, *arguments, expect=0):
        done = self.done("purge", "--json", *arguments, expect=expect)
        return json.loads(done.stdout) if expect == 0 else done.stderr

    def count(self):
        return len(self.rows("action = 'old'"))

    def test_retention_takes_what_is_old_and_nothing_else_may_be_missing(self):
        self.assertIn("30 days at least", self.purge("--older-than", "29d", expect=2))
        self.assertIn("400d", self.purge("--older-than", "long", expect=2))
        first = self.purge("--older-than", "400d", "--dry-run")
        self.assertGreater(first["records"], OLD_RECORDS)
        self.assertEqual((self.count(), self.rows("action = 'audit.purge'")), (OLD_RECORDS, []))
        self.kill_a_purge()
        self.assertTrue(0 < self.count() < OLD_RECORDS, self.count())
        self.assertEqual([row["phase"] for row in self.rows("action = 'audit.purge'")], ["intent"])
        killed = self.verify()
        self.assertEqual((killed["purged"] > 0, killed["interrupted"]), (True, 1))
        young = [tuple(row) for row in self.rows("action IN ('query', 'audit.verify')")]
        with self.majed.serving() as server:
            token = server.login("admin", self.majed.passwords["admin"])
            status, _, told = server.call("PUT", "/api/v1/configuration/audit.retention", {"value": "400d"}, bearer(token))
            self.assertEqual((status, told["value"]), (200, "400d"))
        with self.majed.serving() as server:
            self.wait_for_the_retention(first["records"])
            report = server.call("GET", "/api/v1/audit/verify", None, bearer(token))[2]
            self.assertEqual((report["intact"], report["purged"]), (True, first["records"]))
            items = server.call("GET", "/api/v1/audit?order=oldest&limit=1", None, bearer(token))[2]["items"]
            self.assertEqual(items[0]["id"], first["through"] + 1)
        self.assertEqual([tuple(row) for row in self.rows("action IN ('query', 'audit.verify')")][:len(young)], young)
        self.assertEqual(self.purge("--older-than", "400d")["records"], 0)
        self.assertIn("purged", self.done("verify").stdout)
        self.assertGreater(len(self.done("export").stdout.splitlines()), 5)
        for name in ("majed.db", "majed.db-wal"):
            if os.path.exists(self.majed.path(name)):
                with open(self.majed.path(name), "rb") as file:
                    self.assertNotIn(b"pamplemousse", file.read())
        self.tamper_after_a_purge(first["through"])

    def wait_for_the_retention(self, records):
        """What the killed one left, the server purges by itself: as it is set, at its start."""
        give_up = time.monotonic() + BOUND
        while not (done := self.rows("action = 'audit.purge' AND phase = 'outcome'")) and time.monotonic() < give_up:
            time.sleep(0.02)
        self.assertEqual([(row["username"], row["success"]) for row in done], [("majed", 1)])
        self.assertEqual(self.verify()["purged"], records)

    def kill_a_purge(self):
        process = subprocess.Popen([PROGRAM, "audit", "purge", "--older-than", "400d"], env=self.majed.environment(),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        give_up = time.monotonic() + BOUND
        with contextlib.closing(sqlite3.connect(self.majed.path("majed.db"))) as connection:
            while time.monotonic() < give_up and process.poll() is None:
                if connection.execute("SELECT min(id) FROM audit_log").fetchone()[0] > 1:
                    break
        process.kill()
        process.wait()

    def tamper_after_a_purge(self, through):
        with contextlib.closing(sqlite3.connect(self.majed.path("majed.db"))) as connection:
            with self.assertRaises(sqlite3.DatabaseError):
                connection.execute("DELETE FROM audit_log WHERE id = ?", (through + 1,))
            connection.executescript("DROP TRIGGER audit_log_is_deleted_by_purges_only; "
                                     f"DELETE FROM audit_log WHERE id = {through + 2}")
        self.assertEqual(self.verify(expect=1)["finding"]["record_id"], through + 2)


if __name__ == "__main__":
    unittest.main()
