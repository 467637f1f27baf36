#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Statements of someone who wants more: every one is refused with a code and gives nothing away."""
import json
import os
import sqlite3
import unittest

from majed_process import InstalledTest, bearer

HOSTILE = [
    "SELECT * FROM PRODUCTS",
    "SELECT * FROM main.PRODUCTS",
    "SELECT sql FROM sqlite_schema",
    "SELECT sql FROM sqlite_master",
    "SELECT sql FROM main.sqlite_schema",
    "SELECT * FROM sqlite_temp_master",
    "SELECT * FROM pragma_table_list",
    "SELECT * FROM pragma_table_info('PRODUCTS')",
    "SELECT * FROM dbstat",
    "SELECT * FROM sqlite_dbpage",
    "SELECT * FROM bytecode('SELECT 1')",
    "SELECT load_extension('x')",
    "SELECT readfile('/etc/passwd')",
    "SELECT writefile('/tmp/majed_hostile', 'x')",
    "SELECT zeroblob(1000000000)",
    "SELECT fts3_tokenizer('x')",
    "PRAGMA database_list",
    "PRAGMA writable_schema = 1",
    "ATTACH 'majed.db' AS m",
    "DETACH main",
    "VACUUM INTO '/tmp/majed_hostile'",
    "BEGIN; SELECT 1",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE CUSTOMERS",
    "DROP TABLE CUSTOMERS",
    "UPDATE CUSTOMERS SET REGION = 'NORTH'",
    "INSERT INTO CUSTOMERS SELECT * FROM CUSTOMERS",
    "WITH x AS (SELECT 1) DELETE FROM ORDERS",
    "CREATE TEMP VIEW v AS SELECT * FROM PRODUCTS",
    "EXPLAIN SELECT * FROM CUSTOMERS",
    "EXPLAIN QUERY PLAN SELECT * FROM CUSTOMERS",
    "REINDEX",
    "ANALYZE",
    "SELECT * FROM CUSTOMERS NATURAL JOIN PRODUCTS",
    "SELECT (SELECT count(*) FROM PRODUCTS)",
    "SELECT * FROM CUSTOMERS WHERE EXISTS (SELECT 1 FROM PRODUCTS)",
    "SELECT * FROM (SELECT * FROM (SELECT * FROM PRODUCTS))",
    "WITH p AS (SELECT * FROM PRODUCTS) SELECT * FROM p",
    "SELECT 'x' FROM CUSTOMERS /* unterminated",
    "SELECT \"",
    "",
    ";",
    "-- nothing",
]
# Allowed, but no way to a row of another region.
FUTILE = [
    "SELECT DISTINCT REGION FROM CUSTOMERS WHERE REGION = 'EAST' OR 1 = 1",
    "SELECT DISTINCT REGION FROM CUSTOMERS c WHERE c.REGION <> 'NORTH' UNION SELECT REGION FROM CUSTOMERS",
    "SELECT DISTINCT a.REGION FROM CUSTOMERS a CROSS JOIN (SELECT 1) b",
    "WITH CUSTOMERS AS (SELECT * FROM CUSTOMERS) SELECT DISTINCT REGION FROM CUSTOMERS",
    "SELECT DISTINCT c.REGION FROM ORDERS o LEFT JOIN CUSTOMERS c USING (CUSTOMER_ID)",
    "SELECT DISTINCT REGION FROM CUSTOMERS -- WHERE 1",
]


class Hostile(InstalledTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.enterClassContext(cls.majed.serving())
        cls.nora = cls.server.login("nora", cls.majed.passwords["nora"])

    def ask(self, sql):
        return self.server.call("POST", "/api/v1/query", {"sql": sql, "timeout_ms": 5000}, bearer(self.nora))

    def test_every_attempt_is_refused_with_a_code(self):
        before = self.digest()
        for sql in HOSTILE:
            with self.subTest(sql=sql):
                status, _, problem = self.ask(sql)
                self.assertIn(status, (400, 403, 404, 413, 422), problem)
                self.assertIn("code", problem)
                self.assertNotIn("rows", problem)
        self.assertEqual(self.digest(), before)
        self.assertFalse(os.path.exists("/tmp/majed_hostile"))

    def test_no_refusal_shows_what_it_protects(self):
        secrets = ("Kettle", "SUPPLIER_ID", "CREATE TABLE", "sales.db", self.majed.folder)
        for sql in HOSTILE:
            text = json.dumps(self.ask(sql)[2])
            for secret in secrets:
                self.assertNotIn(secret, text.replace(sql, ""), sql)

    def test_tricks_that_are_allowed_win_nothing(self):
        for sql in FUTILE:
            with self.subTest(sql=sql):
                status, _, answer = self.ask(sql)
                if status == 200:
                    self.assertEqual(answer["rows"], [["NORTH"]])
                else:
                    self.assertIn("code", answer)

    def test_errors_of_hidden_rows_stay_hidden(self):
        """abs of the smallest integer raises; it would say that a hidden row was looked at."""
        for region, hidden in (("EAST", True), ("NORTH", False)):
            sql = f"SELECT count(*) FROM CUSTOMERS WHERE abs(CASE WHEN REGION = '{region}' THEN -9223372036854775808 END) = 1"
            status, _, answer = self.ask(sql)
            if hidden:
                self.assertEqual((status, answer.get("rows")), (200, [[0]]), answer)
            else:
                self.assertEqual(status, 400, answer)

    def digest(self):
        connection = sqlite3.connect(self.majed.path("sales.db"))
        try:
            return connection.execute("SELECT count(*), sum(CUSTOMER_ID), group_concat(DISTINCT REGION) FROM CUSTOMERS").fetchall()
        finally:
            connection.close()


if __name__ == "__main__":
    unittest.main()
