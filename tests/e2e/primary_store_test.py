#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The gateway's own store from outside: older than the program, newer, full disks, races, kills in the middle."""
import contextlib
import json
import os
import pathlib
import random
import re
import resource
import signal
import sqlite3
import stat
import subprocess
import time
import unittest

from majed_process import BOUND, PROGRAM, InstalledTest, bearer

BEFORE_MIGRATIONS = pathlib.Path(__file__).with_name("store_before_migrations.sql")
TABLES = ("users", "user_attributes", "integration_clients", "audit_log")
MIGRATIONS = sorted((pathlib.Path(__file__).parents[2] / "migrations/primary").glob("*.sql"))
NEWEST = int(MIGRATIONS[-1].name[:3])
LAST_WITHOUT_WAY_DOWN = [file.name for file in MIGRATIONS if "majed:down" not in file.read_text()][-1]
LEDGER = {"004": "baseline"} | {f"{version:03}": "applied" for version in range(5, NEWEST + 1)}
USERS = ("SELECT id, username, hashed_password, role, must_change_password, active, created_at, updated_at"
         " FROM users ORDER BY id")
KILLS = int(os.environ.get("KILLS", "30"))


class PrimaryStoreTest(InstalledTest):
    """Each test begins with a store as a program without migrations left it, with the users of the installation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.store = pathlib.Path(cls.majed.path("majed.db"))
        cls.current = cls.store.read_bytes()
        old = pathlib.Path(cls.majed.path("old.db"))
        with contextlib.closing(sqlite3.connect(old)) as made:
            made.executescript(BEFORE_MIGRATIONS.read_text(encoding="utf-8"))
            made.execute("ATTACH ? AS now", (str(cls.store),))
            for table in TABLES:
                columns = ", ".join(row[1] for row in made.execute(f"PRAGMA main.table_info({table})"))
                made.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM now.{table}")
            made.execute("INSERT INTO audit_log (action, details) VALUES ('of.before', 'kept')")
            made.commit()
            cls.users = made.execute(USERS).fetchall()
        cls.old = old.read_bytes()
        old.unlink()
        pathlib.Path(cls.majed.path("majed.heads")).unlink()  # They vouch for the audit of another store now.

    def setUp(self):
        self.put(self.old)

    def put(self, content):
        """The store and nothing of earlier ones."""
        for left in self.store.parent.glob(self.store.name + "*"):
            left.unlink()
        self.store.touch(mode=0o600)
        self.store.write_bytes(content)

    def beside(self):
        """What lies beside the store; SQLite's own files go with the last connection."""
        return sorted(file.name for file in self.store.parent.glob(self.store.name + "*") if file != self.store)

    def backups(self):
        return [name for name in self.beside() if ".before-" in name]

    def rows(self, sql, store=None):
        with contextlib.closing(sqlite3.connect(store or self.store, timeout=BOUND)) as database:
            return database.execute(sql).fetchall()

    def change(self, *statements):
        with contextlib.closing(sqlite3.connect(self.store)) as database:
            for sql in statements:
                database.execute(sql)
            database.commit()
        self.assertEqual(self.beside(), self.backups())

    def run_majed(self, *arguments, expect=0):
        done = self.majed.run(*arguments)
        self.assertEqual(done.returncode, expect, f"{arguments}: {done.stdout}{done.stderr}")
        return done

    def migrate(self, *arguments, expect=0):
        return self.run_majed("migrate", *arguments, expect=expect)

    def states(self):
        told = json.loads(self.migrate("status", "--json").stdout)
        return {one["version"]: one["state"] for one in told["migrations"]}

    def starting(self, *arguments, **more):
        return subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=self.majed.environment(), **more)

    def check_upgraded(self):
        self.assertEqual(self.rows("PRAGMA user_version"), [(NEWEST,)])
        self.assertEqual(self.rows("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(self.rows(USERS), self.users)
        self.assertEqual(self.rows("SELECT details FROM audit_log WHERE action = 'of.before'"), [("kept",)])
        self.assertEqual({key: state for key, state in self.states().items() if key in LEDGER}, LEDGER)
        self.assertEqual(self.rows("SELECT version, success FROM schema_migrations ORDER BY id"),
                         [(version, 1) for version in sorted(LEDGER)], "each migration once")
        self.migrate("verify")

    def check_backup(self, name):
        copy = self.store.with_name(name)
        self.assertEqual(stat.S_IMODE(copy.stat().st_mode) & 0o077, 0, "for its owner alone")
        self.assertEqual(self.rows("PRAGMA integrity_check", copy), [("ok",)])
        self.assertEqual(self.rows("PRAGMA user_version", copy), [(1,)])
        self.assertEqual(self.rows(USERS, copy), self.users)
        self.assertEqual(self.rows("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'schema_migrations%'", copy),
                         [(0,)])

    def check_recorded(self, backup):
        recorded = self.rows("SELECT phase, success, resource, details FROM audit_log WHERE action = 'migrate.up'")
        self.assertEqual([row[:3] for row in recorded], [("event", 1, "primary")])
        details = json.loads(recorded[0][3])
        self.assertEqual((details["backup"], details["adopted"], details["from"], details["to"],
                          details["migrations"]), (backup, True, 1, NEWEST, sorted(LEDGER)[1:]))

    def check_usable(self):
        listed = self.run_majed("user", "list").stdout
        for name in self.majed.passwords:
            self.assertIn(name, listed)
        self.majed.query("nora", "SELECT count(*) AS n FROM orders")

    def check_untouched(self, content):
        self.assertEqual(self.beside(), [])
        self.assertEqual(self.store.read_bytes(), content)


class OfAnOlderProgram(PrimaryStoreTest):
    def test_other_commands_refuse_it_and_say_what_to_do(self):
        for arguments in (["user", "list"], ["client", "list"], ["query", "--as", "admin", "SELECT 1"],
                          ["check", "--as", "admin", "SELECT 1"], ["config", "check"], ["migrate", "down"],
                          ["migrate", "baseline", "--to", "004"], ["migrate", "repair"]):
            done = self.run_majed(*arguments, expect=1)
            self.assertIn("older majed", done.stderr, arguments)
            self.assertIn("majed migrate up", done.stderr, arguments)
            self.assertEqual(done.stdout, "", arguments)
        self.assertEqual(self.states()["005"], "pending")
        self.migrate("status", "--check", expect=1)
        self.check_untouched(self.old)

    def test_up_copies_it_adopts_it_and_is_recorded(self):
        done = self.migrate("up")
        self.assertIn("majed.db.before-005", done.stderr)
        self.assertEqual(self.beside(), ["majed.db.before-005"])
        self.check_backup("majed.db.before-005")
        self.check_upgraded()
        self.check_recorded("majed.db.before-005")
        self.check_usable()
        self.migrate("up")
        self.assertEqual(self.backups(), ["majed.db.before-005"], "nothing to do: no second backup")

    def test_a_backup_of_before_is_never_replaced(self):
        earlier = self.store.with_name("majed.db.before-005")
        earlier.write_text("of another day", encoding="utf-8")
        self.migrate("up")
        self.assertEqual(earlier.read_text(encoding="utf-8"), "of another day")
        self.check_backup("majed.db.before-005-2")
        self.check_recorded("majed.db.before-005-2")

    def test_serve_upgrades_it_when_it_starts(self):
        with self.majed.serving() as server:
            token = server.login("admin", self.majed.passwords["admin"])
            status, _, answer = server.call("GET", "/api/v1/migrations", headers=bearer(token))
            self.assertEqual(status, 200)
            primary = {one["version"]: one["state"] for one in answer["items"][0]["migrations"]}
            self.assertEqual({key: primary[key] for key in LEDGER}, LEDGER)
        log = "".join(server.log)
        self.assertIn("005_index_adopted_stores.sql", log)
        self.assertIn("majed.db.before-005", log)
        self.check_backup("majed.db.before-005")
        self.check_upgraded()
        self.check_recorded("majed.db.before-005")
        with self.majed.serving():
            pass
        self.assertEqual(self.backups(), ["majed.db.before-005"])

    def test_without_room_for_its_backup_nothing_is_changed(self):
        # Room for SQLite's own small files, not for the copy; it holds for root too.
        room = len(self.old) - 4096
        self.assertGreater(room, 32768)
        for arguments in (["serve", "--listen", "127.0.0.1:0"], ["migrate", "up"]):
            process = self.starting(*arguments, restore_signals=False,  # A signal of the limit would kill it.
                                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)))
            out, err = process.communicate(timeout=BOUND)
            self.assertGreater(process.returncode, 0, out + err)
            self.assertIn("cannot be backed up", err)
            self.assertIn("nothing was changed", err)
            self.assertNotIn("serving on", out)
            self.check_untouched(self.old)
        self.migrate("up")
        self.check_upgraded()

    def test_eight_at_once_upgrade_it_once(self):
        for _ in range(2):
            self.put(self.old)
            servers = [self.starting("serve", "--listen", "127.0.0.1:0") for _ in range(4)]
            racers = [self.starting("migrate", "up") for _ in range(4)]
            try:
                for racer in racers:
                    out, err = racer.communicate(timeout=BOUND)
                    self.assertEqual(racer.returncode, 0, out + err)
                for server in servers:
                    self.assertRegex(server.stdout.readline(), "^serving on ")
            finally:
                for process in servers + racers:
                    if process.poll() is None:
                        process.send_signal(signal.SIGTERM)
                ends = [process.communicate(timeout=BOUND) for process in servers]
            self.assertEqual([server.returncode for server in servers], [0] * 4, ends)
            self.assertEqual(self.backups(), ["majed.db.before-005"])
            self.check_backup("majed.db.before-005")
            self.check_upgraded()

    def test_killed_at_any_moment_it_is_upgraded_by_the_next(self):
        chance = random.Random(5)
        whole = 0.1
        killed = 0
        for _ in range(KILLS):
            self.put(self.old)
            began = time.monotonic()
            process = self.starting("migrate", "up")
            time.sleep(chance.uniform(0, whole))
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=BOUND)
            if process.returncode == 0:
                whole = max(0.01, (time.monotonic() - began) * 0.9)
            else:
                killed += 1
            self.migrate("up")
            self.check_upgraded()
            self.assertEqual([name for name in self.beside() if ".partial" in name], [])
            if self.backups():
                self.check_backup("majed.db.before-005")
        self.assertGreater(killed, KILLS // 3, "the kills came too late to show anything")


class OfANewerProgram(PrimaryStoreTest):
    def setUp(self):
        super().setUp()
        self.migrate("up")

    def write_future(self):
        """A migration in the ledger that this program does not have."""
        columns = [row[1] for row in self.rows("PRAGMA table_info(schema_migrations)")]
        kept = ", ".join(name for name in columns if name not in ("id", "version"))
        self.change(f"INSERT INTO schema_migrations (version, {kept})"
                    f" SELECT '099', {kept} FROM schema_migrations WHERE version = '005'")

    def check_refused(self, *commands):
        content, beside = self.store.read_bytes(), self.beside()
        for arguments in commands:
            done = self.majed.run(*arguments)
            self.assertNotEqual(done.returncode, 0, arguments)
            self.assertIn("newer majed", done.stderr, arguments)
            self.assertIn("upgrade the program", done.stderr, arguments)
            self.assertEqual(self.store.read_bytes(), content, arguments)
            self.assertEqual(self.beside(), beside, arguments)

    def test_it_is_refused_and_left_as_it_is(self):
        commands = (["serve", "--listen", "127.0.0.1:0"], ["migrate", "up"], ["migrate", "down"], ["user", "list"],
                    ["query", "--as", "admin", "SELECT 1"])
        self.change("PRAGMA user_version = 99")
        self.check_refused(*commands)
        self.write_future()
        self.check_refused(*commands)

    def test_its_ledger_alone_stops_a_start(self):
        self.write_future()
        self.check_refused(["serve", "--listen", "127.0.0.1:0"])
        content = self.rows("SELECT * FROM schema_migrations ORDER BY id")
        self.assertIn("099", self.migrate("up", expect=1).stderr)
        self.assertEqual(self.rows("SELECT * FROM schema_migrations ORDER BY id"), content)


class OfThisProgram(PrimaryStoreTest):
    def test_down_stops_where_evidence_would_be_lost(self):
        self.migrate("up")
        before = self.rows("SELECT name, sql FROM sqlite_schema ORDER BY name")
        done = self.migrate("down", "--to", "005", expect=1)
        self.assertIn(LAST_WITHOUT_WAY_DOWN, done.stderr)
        self.assertIn("majed.db.before-migrate", done.stderr)
        copy = self.store.with_name("majed.db.before-migrate")
        self.assertEqual(self.rows("PRAGMA user_version", copy), [(NEWEST,)])
        self.assertEqual(self.rows(USERS, copy), self.users)
        self.assertRegex(self.migrate("down", "--to", "0", expect=1).stderr, re.compile("004.*baseline", re.S))
        self.assertEqual(self.rows("SELECT name, sql FROM sqlite_schema ORDER BY name"), before, "refused as a whole")
        self.assertEqual([self.states()[version] for version in sorted(LEDGER)],
                         [LEDGER[version] for version in sorted(LEDGER)])
        self.check_usable()

    def test_an_index_of_the_operators_own_is_told_and_hinders_nothing(self):
        self.put(self.current)
        self.migrate("verify")
        self.change("CREATE INDEX hotfix ON users (created_at)")
        done = self.migrate("verify", expect=1)
        self.assertIn("hotfix", done.stdout)
        self.assertIn("repair", done.stderr)
        self.migrate("up")
        self.migrate("verify", expect=1)
        with self.majed.serving() as server:
            server.login("admin", self.majed.passwords["admin"])
        self.assertIn("baseline", self.migrate("baseline", "--to", "005", expect=1).stderr)
        self.assertIn("nothing to repair", self.migrate("repair").stdout)
        self.migrate("repair", "--accept-drift")
        self.migrate("verify")
        self.assertEqual(self.backups(), [])

    def test_an_older_store_with_an_index_of_the_operators_own_is_upgraded(self):
        self.change("CREATE INDEX hotfix ON users (created_at)")
        self.migrate("up")
        self.check_upgraded()
        self.check_usable()


if __name__ == "__main__":
    unittest.main()
