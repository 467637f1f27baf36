#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`majed migrate` from outside: a team's work with files, races, kills in the middle, on SQLite and a real PostgreSQL."""
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest
import zlib

from majed_process import BOUND, PROGRAM, InstalledTest, bearer
from postgres_process import PostgresProcess

RACES = int(os.environ.get("RACES", "5"))
KILLS = int(os.environ.get("KILLS", "10"))

SOURCE = """
[[sources]]
name = "{name}"
url = "{url}"
read_only = false
{login}
[sources.migrations]
dir = "{folder}"
"""


class MigrateTest(InstalledTest):
    """A source and a folder of migrations of its own for each test."""

    engine = "sqlite"

    def setUp(self):
        self.name = self.id().rsplit(".", 1)[1][:40]
        self.folder = pathlib.Path(self.majed.path("migrations_" + self.name))
        self.folder.mkdir()
        self.addCleanup(shutil.rmtree, self.folder)
        self.configuration = self.majed.path(self.name + ".toml")

    def configure(self, url, login=""):
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write(self.majed.read("majed.toml").split("[[policies]]")[0].split("[[sources]]")[0] +
                       SOURCE.format(name="orders", url=url, login=login, folder=self.folder.name))

    def migrate(self, *arguments, expect=0):
        done = self.majed.run("migrate", *arguments, "--source", "orders", "--config", self.configuration)
        self.assertEqual(done.returncode, expect, f"{arguments}: {done.stdout}{done.stderr}")
        return done

    def report(self, *arguments, expect=0):
        return json.loads(self.migrate(*arguments, "--json", expect=expect).stdout)

    def states(self):
        return {one["version"]: one["state"] for one in self.report("status")["migrations"]}

    def write(self, file, text):
        (self.folder / file).write_text(text, encoding="utf-8")

    def starting(self, *arguments):
        return subprocess.Popen([PROGRAM, "migrate", *arguments, "--source", "orders", "--config", self.configuration],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.majed.environment())

    def write_twenty(self):
        """Two migrations of twenty statements each; each statement tells in `log` that it ran."""
        self.write("001_log.sql", "CREATE TABLE log (step INTEGER NOT NULL);\n")
        for version, first in (("002", 1), ("003", 21)):
            self.write(f"{version}_steps.sql", "".join(f"INSERT INTO log VALUES ({step});\n"
                                                        for step in range(first, first + 20)))

    def check_twenty(self):
        self.assertEqual([int(row[0]) for row in self.rows("SELECT step FROM log ORDER BY step")],
                         list(range(1, 41)), "each statement exactly once")
        self.assertEqual(self.states(), {"001": "applied", "002": "applied", "003": "applied"})


class Behaviour:
    """What holds on every engine; mixed into a class for each."""

    def test_a_team_walks_through_a_change(self):
        done = self.migrate("new", "Create the table of orders")
        self.assertIn("001_create_the_table_of_orders.sql", done.stdout)
        self.write("001_create_the_table_of_orders.sql",
                   "-- Ours.\nCREATE TABLE orders (id INTEGER PRIMARY KEY, note VARCHAR(20) DEFAULT 'a;b');\n"
                   "-- majed:down\nDROP TABLE orders;\n")
        self.write("2_fill.sql", "INSERT INTO orders (id) VALUES (1);\nINSERT INTO orders (id) VALUES (2);\n"
                                 "-- majed:down\nDELETE FROM orders;\n")
        self.assertEqual(self.states(), {"001": "pending", "2": "pending"})
        self.migrate("status", "--check", expect=1)
        tried = self.report("up", "--dry-run")
        self.assertEqual([one["version"] for one in tried["migrations"]], ["001", "2"])
        self.assertEqual(self.states(), {"001": "pending", "2": "pending"})
        done = self.migrate("up", "--to", "1")
        self.assertIn("001 create_the_table_of_orders", done.stderr)
        self.assertEqual(self.states(), {"001": "applied", "2": "pending"})
        self.migrate("up")
        self.migrate("status", "--check")
        self.migrate("verify")
        self.assertEqual(self.rows("SELECT id, note FROM orders ORDER BY id"), [["1", "a;b"], ["2", "a;b"]])
        self.migrate("up", "--to", "2", "--force", expect=1)
        self.migrate("down")
        self.assertEqual(self.states(), {"001": "applied", "2": "pending"})
        self.migrate("up")
        self.migrate("down", "--to", "0")
        self.assertEqual(self.states(), {"001": "pending", "2": "pending"})
        self.migrate("up")
        ledger = self.rows("SELECT version, description, length(checksum), success FROM schema_migrations ORDER BY id")
        self.assertEqual([row[:3] for row in ledger],
                         [["001", "create_the_table_of_orders", "64"], ["2", "fill", "64"]])

    def test_a_failure_leaves_nothing_and_names_its_place(self):
        self.write("001_a.sql", "CREATE TABLE a (x INTEGER);\n")
        self.write("002_b.sql", "CREATE TABLE b (x INTEGER);\n\nINSERT INTO missing VALUES (1);\n")
        self.write("003_c.sql", "CREATE TABLE c (x INTEGER);\n")
        done = self.migrate("up", expect=2)
        self.assertIn("002_b.sql", done.stderr)
        self.assertIn("line 3", done.stderr)
        self.assertEqual(self.states(), {"001": "applied", "002": "pending", "003": "pending"})
        self.write("002_b.sql", "CREATE TABLE b (x INTEGER);\n\nINSERT INTO b VALUES (1);\n")
        self.migrate("up")
        self.assertEqual(set(self.states().values()), {"applied"})

    def test_changed_files_and_a_changed_schema_are_found(self):
        self.write("001_a.sql", "CREATE TABLE a (x INTEGER);\n")
        self.migrate("up")
        self.write("001_a.sql", "-- A licence.\r\nCREATE TABLE a (x   INTEGER);\r\n")
        self.assertEqual(self.states(), {"001": "cosmetic"})
        self.migrate("verify")
        self.assertNotEqual(self.report("repair")["done"], [])
        self.assertEqual(self.states(), {"001": "applied"})
        self.write("001_a.sql", "CREATE TABLE a (x INTEGER, y INTEGER);\n")
        self.write("002_b.sql", "CREATE TABLE b (x INTEGER);\n")
        self.assertEqual(self.states(), {"001": "changed", "002": "pending"})
        self.migrate("verify", expect=1)
        self.assertIn("001", self.migrate("up", expect=1).stderr)
        self.migrate("repair", "--accept-changes")
        self.execute("ALTER TABLE a ADD COLUMN hotfix INTEGER")
        done = self.migrate("verify", expect=1)
        self.assertIn("hotfix", done.stdout)
        self.migrate("up", expect=1)
        self.migrate("repair", "--accept-drift")
        self.migrate("verify")
        self.migrate("up")

    def test_the_order_of_a_team_is_kept(self):
        self.write("001_a.sql", "CREATE TABLE a (x INTEGER);\n")
        self.write("003_c.sql", "CREATE TABLE c (x INTEGER);\n")
        self.migrate("up")
        self.write("002_b.sql", "CREATE TABLE b (x INTEGER);\n")
        self.write("R__v.sql", "DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT x FROM a;\n")
        self.assertEqual(self.states()["002"], "out_of_order")
        self.migrate("up", expect=1)
        self.migrate("up", "--allow-out-of-order")
        self.assertEqual(self.states(), {"001": "applied", "002": "applied", "003": "applied", "R__v": "applied"})
        self.write("R__v.sql", "DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT x + 1 AS x FROM a;\n")
        self.assertEqual(self.states()["R__v"], "outdated")
        self.migrate("up")
        os.remove(self.folder / "003_c.sql")
        self.assertEqual(self.states()["003"], "future")
        self.assertIn("003", self.migrate("up", expect=1).stderr)

    def test_a_database_that_is_there_already_needs_a_baseline(self):
        self.execute("CREATE TABLE old (x INTEGER)")
        self.write("001_old.sql", "CREATE TABLE old (x INTEGER);\n")
        self.write("002_new.sql", "CREATE TABLE fresh (x INTEGER);\n")
        self.assertIn("baseline", self.migrate("up", expect=1).stderr)
        self.migrate("baseline", "--to", "001")
        self.migrate("up")
        self.assertEqual(self.states()["002"], "applied")

    def test_runs_are_in_the_audit(self):
        self.write("001_a.sql", "CREATE TABLE a (x INTEGER);\n")
        self.migrate("up")
        self.write("002_b.sql", "nonsense;\n")
        self.migrate("up", expect=2)
        with contextlib.closing(sqlite3.connect(self.majed.path("majed.db"))) as store:
            found = store.execute("SELECT phase, success, details FROM audit_log WHERE action = 'migrate.up'"
                                  " ORDER BY id DESC LIMIT 4").fetchall()[::-1]
        self.assertEqual([row[:2] for row in found], [("intent", 1), ("outcome", 1), ("intent", 1), ("outcome", 0)])
        self.assertEqual(json.loads(found[1][2])["migrations"][0]["version"], "001")

    def test_the_ledger_is_told_over_http(self):
        self.write("001_a.sql", "CREATE TABLE a (x INTEGER);\n")
        self.migrate("up")
        with self.majed.serving("--config", self.configuration) as server:
            token = server.login("admin", self.majed.passwords["admin"])
            status, _, answer = server.call("GET", "/api/v1/migrations", headers=bearer(token))
            self.assertEqual(status, 200)
            self.assertEqual([one["source"] for one in answer["items"]], ["primary", "orders"])
            self.assertEqual(answer["items"][0]["migrations"][0]["description"], "create_users_table")
            self.assertEqual(answer["items"][0]["migrations"][1]["description"], "create_integration_clients")
            self.assertEqual([one["state"] for one in answer["items"][1]["migrations"]], ["applied"])
            status, _, _ = server.call("GET", "/api/v1/migrations",
                                       headers=bearer(server.login("nora", self.majed.passwords["nora"])))
            self.assertEqual(status, 403)

    def test_eight_at_once_apply_each_migration_once(self):
        self.write_twenty()
        for _ in range(RACES):
            self.empty()
            racers = [self.starting("up") for _ in range(8)]
            for racer in racers:
                out, err = racer.communicate(timeout=BOUND * 2)
                self.assertEqual(racer.returncode, 0, out + err)
            self.check_twenty()

    def test_killed_at_any_moment_it_ends_whole(self):
        self.write_twenty()
        chance = random.Random(7)
        whole = 0.3
        for _ in range(KILLS):
            self.empty()
            began = time.monotonic()
            process = self.starting("up")
            time.sleep(chance.uniform(0, whole))
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=BOUND)
            if process.returncode == 0:
                whole = max(0.02, (time.monotonic() - began) * 0.9)
            self.migrate("up")
            self.check_twenty()


class OnSqlite(Behaviour, MigrateTest):
    def setUp(self):
        super().setUp()
        self.file = self.majed.path(self.name + ".db")
        self.configure("sqlite:" + self.name + ".db")
        self.empty()

    def empty(self):
        for end in ("", "-wal", "-shm"):
            pathlib.Path(self.file + end).unlink(missing_ok=True)
        sqlite3.connect(self.file).close()

    def execute(self, sql):
        with contextlib.closing(sqlite3.connect(self.file, timeout=BOUND)) as database:
            database.execute(sql)
            database.commit()

    def rows(self, sql):
        with contextlib.closing(sqlite3.connect(self.file, timeout=BOUND)) as database:
            return [["" if cell is None else str(cell) for cell in row] for row in database.execute(sql)]

    def test_triggers_are_whole_statements(self):
        self.write("001_a.sql", "CREATE TABLE a (x INTEGER);\nCREATE TRIGGER t AFTER INSERT ON a BEGIN\n"
                                "  SELECT CASE WHEN NEW.x > 1 THEN 1 END; -- not the end;\n  DELETE FROM a WHERE x = 0;\nEND;\n"
                                "INSERT INTO a VALUES (0);\nINSERT INTO a VALUES (2);\n")
        self.assertEqual(self.report("up")["migrations"][0]["statements_total"], 4)
        self.assertEqual(self.rows("SELECT x FROM a"), [["2"]])


class OnPostgres(Behaviour, MigrateTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = PostgresProcess.for_class(cls)

    def setUp(self):
        super().setUp()
        self.database = "m" + str(zlib.crc32(self.name.encode()))
        self.configure(f"postgresql://127.0.0.1:{self.server.port}/{self.database}",
                       f'user = "{self.server.user}"\npassword = "{self.server.password}"')
        self.empty()

    def empty(self):
        for sql in (f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)",
                    f"CREATE DATABASE {self.database} OWNER {self.server.user}"):
            self.server.sql(sql, user=self.server.administrator)

    def execute(self, sql):
        self.server.sql(sql, self.database)

    def rows(self, sql):
        return self.server.sql(sql, self.database)

    def test_functions_copied_rows_and_concurrent_indexes(self):
        self.write("001_a.sql", "CREATE TABLE a (x integer, t text);\n"
                                "COPY a FROM STDIN;\n1\tone;\n2\ttwo\n\\.\n"
                                "CREATE FUNCTION f() RETURNS integer LANGUAGE plpgsql AS $f$ BEGIN RETURN 1; END; $f$;\n")
        self.write("002_i.sql", "CREATE INDEX CONCURRENTLY i ON a (x);\nCREATE INDEX CONCURRENTLY j ON a (t);\n")
        done = self.migrate("up", "--dry-run")
        self.assertIn("CREATE INDEX CONCURRENTLY j", done.stdout)
        self.migrate("up")
        self.assertEqual(self.rows("SELECT x, t, f() FROM a ORDER BY x"), [["1", "one;", "1"], ["2", "two", "1"]])
        self.assertEqual(self.rows("SELECT count(*) FROM pg_indexes WHERE tablename = 'a'"), [["2"]])


class OnThePrimaryStore(InstalledTest):
    def test_it_is_made_by_its_migrations(self):
        done = self.majed.run("migrate", "status", "--check", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual(told["source"], "primary")
        self.assertEqual([one["description"] for one in told["migrations"][:2]],
                         ["create_users_table", "create_integration_clients"])
        self.assertEqual(self.majed.run("migrate", "verify").returncode, 0)
        self.assertEqual(self.majed.run("migrate", "up").returncode, 0)

    def test_wrong_usage_is_told(self):
        for arguments, text in ((["new", "x"], "--source"), (["status", "--dir", "."], "built into"),
                                (["status", "--source", "nowhere"], "no source"),
                                (["status", "--source", "sales"], "[sources.migrations]"),
                                (["up", "--to", "x"], "version"), (["up", "--force"], "--to")):
            done = self.majed.run("migrate", *arguments)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(text, done.stderr, arguments)


if __name__ == "__main__":
    unittest.main()
