#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Statements about the schema: run for an administrator at the command line where the source allows them, else refused."""
import json
import re
import sqlite3
import unittest

from majed_process import InstalledTest, bearer
from postgres_process import PostgresProcess

OPEN = 'read_only = false\nallow = ["ddl"]\n'


class Administered(InstalledTest):
    def configure(self, name, text):
        with open(self.majed.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.majed.path(name)

    def refused(self, user, sql, said, code=3, **environment):
        done = self.majed.run("query", "--as", user, sql, **environment)
        self.assertEqual(done.returncode, code, f"{sql}: {done.stderr}")
        self.assertIn(said, done.stderr)

    def records(self):
        return [json.loads(line) for line in self.majed.run("audit", "export").stdout.splitlines()]


class OnSqlite(Administered):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.closed = cls.majed.read("majed.toml")
        text = re.sub(r'(\n\[\[sources\]\]\nname = "sales"\n)', r"\1" + OPEN, cls.closed, count=1)
        assert OPEN in text
        with open(cls.majed.path("majed.toml"), "w", encoding="utf-8") as file:
            file.write(text)

    def stored(self, sql):
        connection = sqlite3.connect(self.majed.path("sales.db"))
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def test_an_administrator_changes_the_schema_while_a_server_runs(self):
        with self.majed.serving() as server:
            admin = bearer(server.login("admin", self.majed.passwords["admin"]))

            def columns():
                status, _, answer = server.call("POST", "/api/v1/query", {"sql": "SELECT * FROM PRODUCTS", "max_rows": 1},
                                                admin)
                self.assertEqual(status, 200, answer)
                return [column["name"] for column in answer["columns"]]

            before = columns()
            answer = self.majed.query("admin", "ALTER TABLE PRODUCTS ADD COLUMN NOTE TEXT DEFAULT 'tiger'")
            self.assertEqual(answer["rows_affected"], 0)
            self.assertEqual(columns(), before + ["NOTE"])
            status, _, answer = server.call("POST", "/api/v1/query", {"sql": "DROP TABLE X"}, admin)
            self.assertEqual((status, answer["code"]), (403, "denied"))
            self.assertIn("majed migrate", answer["hint"])
        done = self.majed.run("query", "--as", "admin", "-", stdin="-- notes\nCREATE TABLE NOTES (ID INTEGER);\n")
        self.assertEqual((done.returncode, done.stdout), (0, "0 rows affected\n"), done.stderr)
        self.assertEqual(self.stored("SELECT name FROM sqlite_schema WHERE name = 'NOTES'"), [("NOTES",)])
        records = [record for record in self.records() if "ddl" in json.dumps(record["details"])]
        self.assertEqual([record["phase"] for record in records], ["intent", "outcome", "event", "intent", "outcome"])
        self.assertEqual(records[0]["details"]["sql"], "alter table products add column note text default ?")
        self.assertNotIn("tiger", json.dumps(records))

    def test_nobody_else_and_nothing_else(self):
        self.refused("sam", "CREATE TABLE T (A)", "statements of class ddl are not allowed")
        self.refused("admin", "PRAGMA writable_schema = ON", "statements about the schema")
        self.refused("admin", "CREATE TABLE T (A); DROP TABLE ORDERS", "only one statement", code=1)
        closed = self.configure("closed.toml", self.closed)
        self.refused("admin", "CREATE TABLE T (A)", "statements of class ddl are not allowed", MAJED_CONFIG=closed)
        self.assertEqual(self.stored("SELECT name FROM sqlite_schema WHERE name = 'T'"), [])

    def test_the_key_is_checked(self):
        for text, said in ((OPEN.replace("ddl", "dml"), 'expected "ddl" or nothing, found "dml"'),
                           ('allow = ["ddl"]\n', "read_only = false beside it")):
            wrong = self.configure("wrong.toml", self.closed.replace('name = "sales"\n', 'name = "sales"\n' + text, 1))
            done = self.majed.run("config", "check", MAJED_CONFIG=wrong)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertRegex(done.stderr, r"wrong\.toml:\d+: .*allow: .*" + re.escape(said))


class OnPostgres(Administered):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = PostgresProcess.for_class(cls)
        cls.server.sql("CREATE TABLE secrets (id integer, word text); INSERT INTO secrets VALUES (1, 'x');"
                       "CREATE TABLE notes (id integer)")
        cls.server.sql(f"ALTER ROLE {cls.server.user} CREATEROLE", user=cls.server.administrator)
        closed = cls.majed.read("majed.toml").split("[[sources]]")[0]
        with open(cls.majed.path("majed.toml"), "w", encoding="utf-8") as file:
            file.write(f'''{closed}{cls.server.source("pg")}{OPEN}
[[policies]]
table = "notes"
roles = ["admin"]
rows = "*"
''')

    def test_an_administrator_changes_the_schema(self):
        for sql in ("ALTER TABLE notes ADD COLUMN word text DEFAULT upper('a')",
                    "CREATE INDEX CONCURRENTLY by_word ON notes (lower(word))",
                    "VACUUM (ANALYZE) notes",
                    "CREATE ROLE visitor LOGIN PASSWORD 'tiger'"):
            self.assertEqual(self.majed.query("admin", sql)["rows_affected"], 0)
        self.assertEqual([column["name"] for column in self.majed.query("admin", "SELECT * FROM notes")["columns"]],
                         ["id", "word"])
        self.assertEqual(self.server.sql("SELECT count(*) FROM pg_indexes WHERE indexname = 'by_word'"), [["1"]])
        self.refused("admin", "CREATE TABLE copy (a text DEFAULT query_to_xml('TABLE secrets', true, true, ''))",
                     "a function that is called here may not be")
        self.assertEqual(self.server.sql("SELECT word FROM secrets"), [["x"]])
        details = json.dumps([record["details"] for record in self.records()])
        self.assertIn("create role visitor login password ?", details)
        self.assertNotIn("tiger", details)


if __name__ == "__main__":
    unittest.main()
