#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What was asked is written down: an intent before and an outcome after each statement, none missing."""
import contextlib
import http.client
import json
import sqlite3
import threading
import unittest

from majed_process import InstalledTest, bearer

KILLS = 20


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
            self.assertEqual(details["rows"], 0)
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


class KilledAudit(InstalledTest):
    verify = Audit.verify

    def test_a_kill_at_any_moment_leaves_a_trail_that_verifies(self):
        answered = 0
        # The last one late enough for answers on the slowest machine.
        for delay in [0.004 * i for i in range(KILLS)] + [2]:
            with self.majed.serving() as server:
                token = server.login("nora", self.majed.passwords["nora"])
                killer = threading.Timer(delay, server.process.kill)
                killer.start()
                with contextlib.suppress(OSError, http.client.HTTPException):
                    while True:
                        status, _, _ = server.call("POST", "/api/v1/query", {"sql": "SELECT count(*) FROM CUSTOMERS"},
                                                   bearer(token))
                        answered += status == 200
                killer.join()
                server.process.wait()
            self.assertTrue(self.verify()["intact"])
        self.assertGreater(answered, 0)
        with contextlib.closing(sqlite3.connect(self.majed.path("majed.db"))) as connection:
            self.assertEqual(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)])


if __name__ == "__main__":
    unittest.main()
