#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes under policy, over the command line and HTTP: what is done, what is refused, and what is on record."""
import json
import os
import re
import signal
import sqlite3
import subprocess
import time
import unittest

from majed_process import PROGRAM, InstalledTest, bearer
from postgres_process import PostgresProcess

RULES = """
[[policies]]
table = "ORDERS"
roles = ["normal"]
rows = "CUSTOMER_ID IN (SELECT CUSTOMER_ID FROM CUSTOMERS WHERE REGION = :user.region)"
actions = ["insert", "update", "delete"]
"""


class Writes(InstalledTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        text = cls.majed.read("majed.toml")
        cls.read_only = text
        text = re.sub(r'(\n\[\[sources\]\]\nname = "sales"\n)', r"\1read_only = false\n", text, count=1)
        assert "read_only = false" in text
        with open(cls.majed.path("majed.toml"), "w", encoding="utf-8") as file:
            file.write(text + RULES)

    def stored(self, sql):
        connection = sqlite3.connect(self.majed.path("sales.db"))
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def customer(self, region):
        return self.stored(f"SELECT min(CUSTOMER_ID) FROM CUSTOMERS WHERE REGION = '{region}'")[0][0]

    def test_the_command_line_inserts_updates_and_deletes(self):
        north, south = self.customer("NORTH"), self.customer("SOUTH")
        hidden = "SELECT * FROM ORDERS WHERE CUSTOMER_ID NOT IN (SELECT CUSTOMER_ID FROM CUSTOMERS WHERE REGION = 'NORTH')"
        before = self.stored(hidden)
        added = self.majed.query("nora", "INSERT INTO ORDERS (ORDER_ID, CUSTOMER_ID, STATUS) VALUES (900001, ?, 'NEW') "
                                         "RETURNING ORDER_ID, STATUS", str(north))
        self.assertEqual((added["rows"], added["rows_affected"]), ([[900001, "NEW"]], 1))
        changed = self.majed.run("query", "--as", "nora", "UPDATE ORDERS SET STATUS = 'HELD'")
        self.assertRegex(changed.stdout, r"^\d+ rows affected · filtered: ORDERS\n$", changed.stderr)
        answer = self.majed.query("nora", "DELETE FROM ORDERS WHERE ORDER_ID = 900001")
        self.assertEqual(sorted(answer), ["elapsed_ms", "query_id", "rows_affected", "source"])
        self.assertEqual(answer["rows_affected"], 1)
        self.assertEqual(self.stored(hidden), before)

        refused = self.majed.run("query", "--as", "nora", f"UPDATE ORDERS SET CUSTOMER_ID = {south}")
        self.assertEqual(refused.returncode, 3, refused.stderr)
        self.assertIn("nothing was written", refused.stderr)
        refused = self.majed.run("query", "--as", "nora", "UPDATE CUSTOMERS SET REGION = 'EAST'")
        self.assertEqual(refused.returncode, 3, refused.stderr)
        self.assertIn("no rule lets role normal update rows of table CUSTOMERS", refused.stderr)
        self.assertEqual(self.stored(hidden), before)

    def test_check_explains_a_write(self):
        sql = "UPDATE ORDERS SET STATUS = 'X' WHERE ORDER_ID = 1"
        report = json.loads(self.majed.run("check", "--as", "nora", "--json", sql).stdout)
        self.assertTrue(report["allowed"], report)
        self.assertEqual((report["class"], report["audit"]), ("write", "strict"))
        target = report["tables"][0]
        self.assertEqual((target["table"], target["action"], target["written"], target["decision"]),
                         ("ORDERS", "update", ["STATUS"], "filter"))
        self.assertRegex(target["rule"], r"majed\.toml:\d+$")
        self.assertIn("update: ORDERS (STATUS)", self.majed.run("check", "--as", "nora", sql).stdout)

    def test_http_inserts_updates_and_deletes(self):
        north = self.customer("NORTH")
        with self.majed.serving() as server:
            token = server.login("nora", self.majed.passwords["nora"])

            def query(sql, **more):
                status, _, answer = server.call("POST", "/api/v1/query", {"sql": sql, **more}, bearer(token))
                return status, answer

            status, answer = query("INSERT INTO ORDERS (ORDER_ID, CUSTOMER_ID) VALUES (900002, ?)", params=[north])
            self.assertEqual((status, answer.get("rows_affected"), "rows" in answer), (200, 1, False), answer)
            status, answer = query("UPDATE ORDERS SET STATUS = 'SENT' WHERE ORDER_ID = 900002 RETURNING STATUS")
            self.assertEqual((status, answer["rows"], answer["rows_affected"]), (200, [["SENT"]], 1))
            status, answer = query("INSERT INTO ORDERS (ORDER_ID, CUSTOMER_ID) VALUES (900002, ?)", params=[north])
            self.assertEqual((status, answer["code"]), (409, "conflict"))
            status, answer = query("INSERT INTO ORDERS (CUSTOMER_ID) VALUES (?)", params=[self.customer("SOUTH")])
            self.assertEqual((status, answer["code"]), (403, "denied"))
            status, answer = query("DELETE FROM ORDERS WHERE ORDER_ID = 900002")
            self.assertEqual((status, answer["rows_affected"]), (200, 1))
        records = [json.loads(line) for line in self.majed.run("audit", "export").stdout.splitlines()]
        outcomes = [record for record in records if record["phase"] == "outcome"
                    and "rows_affected" in json.dumps(record["details"])]
        self.assertGreaterEqual(len(outcomes), 3)

    def test_a_source_that_is_read_only_says_so(self):
        with open(self.majed.path("closed.toml"), "w", encoding="utf-8") as file:
            file.write(self.read_only + RULES)
        done = self.majed.run("query", "--as", "nora", "DELETE FROM ORDERS",
                              MAJED_CONFIG=self.majed.path("closed.toml"))
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("the source is read only: it takes no writes", done.stderr)

    def test_rules_with_unknown_actions_are_refused(self):
        with open(self.majed.path("wrong.toml"), "w", encoding="utf-8") as file:
            file.write(self.read_only + RULES.replace('"delete"', '"truncate"'))
        done = self.majed.run("config", "check", MAJED_CONFIG=self.majed.path("wrong.toml"))
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn('expected select, insert, update or delete, found "truncate"', done.stderr)


SHOP = """read_only = false

[[policies]]
source = "shop"
table = "item"
roles = ["normal"]
rows = "region = :user.region"
actions = ["select", "insert", "update", "delete"]
"""


class WritesOnPostgres(InstalledTest):
    """The same on a real server, and a kill in the middle of a write."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = PostgresProcess.for_class(cls)
        cls.server.sql("CREATE TABLE item (id int PRIMARY KEY, region text, stock int); "
                       "INSERT INTO item VALUES (1, 'NORTH', 5), (2, 'SOUTH', 5)")
        with open(cls.majed.path("majed.toml"), "a", encoding="utf-8") as file:
            file.write(cls.server.source("shop") + SHOP)

    def rows(self):
        return [",".join(row) for row in self.server.sql("SELECT * FROM item ORDER BY id")]

    def test_rules_hold_and_a_kill_leaves_nothing(self):
        shop = ("--source", "shop")
        answer = self.majed.query("nora", "UPDATE item SET stock = stock - $1 RETURNING id, stock", "2", options=shop)
        self.assertEqual((answer["rows"], answer["rows_affected"]), ([[1, 3]], 1))
        refused = self.majed.run("query", "--as", "nora", *shop, "UPDATE item SET region = 'SOUTH'")
        self.assertEqual(refused.returncode, 3, refused.stderr)
        self.assertIn("nothing was written", refused.stderr)
        self.assertEqual(self.rows(), ["1,NORTH,3", "2,SOUTH,5"])
        report = json.loads(self.majed.run("check", "--as", "nora", "--json", *shop, "DELETE FROM item").stdout)
        self.assertEqual((report["allowed"], report["tables"][0]["action"]), (True, "delete"), report)

        # Somebody holds the row: the write waits for it, and is killed.
        holder = subprocess.Popen(
            ["/usr/lib/postgresql/15/bin/psql", "-X", "-q", "-h", "127.0.0.1", "-p", self.server.port, "-U", self.server.user,
             self.server.database], stdin=subprocess.PIPE, text=True, env={**os.environ, "PGPASSWORD": self.server.password})
        holder.stdin.write("BEGIN; UPDATE item SET stock = 9 WHERE id = 1;\n")
        holder.stdin.flush()
        writer = subprocess.Popen([PROGRAM, "query", "--as", "nora", *shop, "DELETE FROM item"],
                                  env=self.majed.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        for _ in range(400):
            if self.server.sql(waiting, user=self.server.administrator) != [["0"]]:
                break
            time.sleep(0.02)
        writer.send_signal(signal.SIGKILL)
        writer.wait(30)
        holder.communicate("COMMIT;\n", timeout=30)
        self.assertEqual(self.rows(), ["1,NORTH,9", "2,SOUTH,5"])
        records = [json.loads(line) for line in self.majed.run("audit", "export").stdout.splitlines()]
        killed = [record for record in records if record["phase"] == "intent" and "delete" in json.dumps(record).lower()]
        self.assertEqual(len(killed), 1)
        done = [record for record in records if record["phase"] == "outcome" and record["event_id"] == killed[0]["event_id"]]
        self.assertEqual(done, [])


if __name__ == "__main__":
    unittest.main()
