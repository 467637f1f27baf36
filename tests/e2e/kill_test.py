#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server is killed at a random moment of a mixed load, again and again: nothing that was answered is lost, nothing that
is there was done off the record. MAJED_KILLS says how often (200 before a release), MAJED_KILL_SEED repeats a run."""
import contextlib
import json
import os
import random
import sqlite3
import time
import unittest

from kill_load import LOAD, WORDS, Worker, good
from majed_process import BOUND, Installation, bearer

KILLS = int(os.environ.get("MAJED_KILLS") or os.environ.get("KILLS", "15"))
KILLS_OF_ONE_STORE = 25  # Then a new one: the check reads the whole audit each time.
SEED = int(os.environ.get("MAJED_KILL_SEED", str(random.randrange(1 << 32))))
WORKERS = 6
LONGEST = 0.4  # Seconds from the first call to the kill,
FIRST = 1      # and to the first one of a store: late enough for answers on the slowest machine.

STRICT = 'table = "PRODUCTS"\naudit = "strict"'

# What is in the store must have been said before: table, its name in the audit's resource_id, the action that makes it.
MADE = (("users", "username", "user.add"), ("integration_clients", "client_name", "client.add"))
# Rows of which an intent each must be there; who they belong to is the audit's resource_id.
COUNTED = (("sessions JOIN users ON users.id = sessions.user_id", "users.username", "login"),
           ("access_tokens JOIN integration_clients ON integration_clients.id = access_tokens.client_row",
            "integration_clients.client_id", "token.issue"))


class KilledServer(unittest.TestCase):
    def setUp(self):
        self.chance = random.Random(SEED)
        self.counts = {"kills": 0, "calls": 0, "promises": 0, "interrupted": 0, "skipped": set()}

    def test_loses_nothing_and_does_nothing_off_the_record(self):
        began = time.monotonic()
        while self.counts["kills"] < KILLS:
            self.with_one_store(min(KILLS_OF_ONE_STORE, KILLS - self.counts["kills"]))
        print(f"seed {SEED}, {time.monotonic() - began:.1f} s: {self.counts}", flush=True)
        self.assertGreater(self.counts["promises"], KILLS, "the kills came too early to show anything")
        # A kill that meets nobody between intent and outcome shows little.
        self.assertGreaterEqual(self.counts["interrupted"], KILLS // 5)

    def with_one_store(self, kills):
        self.majed = Installation()
        self.addCleanup(self.majed.remove)
        text = self.majed.read("majed.toml")
        self.assertIn('table = "PRODUCTS"', text)
        with open(self.majed.path("majed.toml"), "w", encoding="utf-8") as file:
            file.write(text.replace('table = "PRODUCTS"', STRICT))
        self.users, self.workers, self.interrupted = [], [], 0
        for kill in range(kills):
            with self.subTest(seed=SEED, kill=self.counts["kills"]):
                self.counts["kills"] += 1
                self.load_and_kill(f"k{kill}", self.chance.uniform(0, LONGEST) if kill else FIRST)
                self.check_store()
        with self.majed.serving() as server:
            self.check_over_http(server)
        self.majed.remove()

    def load_and_kill(self, name, delay):
        with self.majed.serving() as server:
            self.check_over_http(server)
            admin = bearer(server.login("admin", self.majed.passwords["admin"]))
            while len(self.users) < WORKERS:
                status, _, made = server.call("POST", "/api/v1/users", {
                    "username": f"own-{len(self.users)}", "password": WORDS, "must_change_password": False}, admin)
                self.assertEqual(status, 201, made)
                self.users.append(made)
            self.workers = [Worker(f"{name}w{i}", server, admin, LOAD, self.chance) for i in range(WORKERS)]
            for worker, user in zip(self.workers, self.users):
                worker.user = user
                worker.start()
            time.sleep(delay)
            server.process.kill()
            server.process.wait(BOUND)
            for worker in self.workers:
                worker.join(BOUND)
                self.assertFalse(worker.is_alive())
        for worker in self.workers:
            self.assertEqual(worker.wrong, [], "an answer that was not to be expected")
            self.counts["calls"] += worker.calls
            self.counts["promises"] += len(worker.promises)
            self.counts["skipped"] |= worker.skipped

    def check_store(self):
        done = self.majed.run("audit", "verify", "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        self.assertTrue(report["intact"], report)
        self.counts["interrupted"] += report["interrupted"] - self.interrupted
        self.interrupted = report["interrupted"]
        with contextlib.closing(sqlite3.connect(self.majed.path("majed.db"))) as store:
            self.assertEqual(store.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertEqual(store.execute("PRAGMA foreign_key_check").fetchall(), [])
            self.check_answered(store)
            self.check_order(store)
            self.check_made(store)

    def check_answered(self, store):
        """What was answered as done is on record, with intent and outcome, and is there."""
        for worker in self.workers:
            for promise in worker.promises:
                found = store.execute("SELECT phase, success FROM audit_log WHERE request_id = ? AND action = ? ORDER BY id",
                                      (promise.call, promise.action)).fetchall()
                self.assertEqual(found, [("intent", 1), ("outcome", 1)], (promise.call, promise.action))
                if promise.in_store is not None:
                    self.assertTrue(promise.in_store(store), (promise.call, promise.action))

    def check_order(self, store):
        """No outcome without an intent before it, and one of each."""
        self.assertEqual(store.execute(
            "SELECT * FROM audit_log o WHERE phase = 'outcome' AND NOT EXISTS"
            " (SELECT 1 FROM audit_log i WHERE i.event_id = o.event_id AND i.phase = 'intent' AND i.id < o.id)").fetchall(), [])
        self.assertEqual(store.execute("SELECT event_id FROM audit_log WHERE phase IN ('intent', 'outcome')"
                                       " GROUP BY event_id, phase HAVING count(*) > 1").fetchall(), [])

    def check_made(self, store):
        """What is there was said before, and what was said to be done is there; whoever was answered or not."""
        for table, name, action in MADE:
            self.assertEqual(store.execute(
                f"SELECT {name} FROM {table} WHERE NOT EXISTS (SELECT 1 FROM audit_log WHERE action = ?"
                f" AND phase IN ('intent', 'event') AND resource_id = {table}.{name})", (action,)).fetchall(), [], "done off the record")
            self.assertEqual(store.execute(
                f"SELECT resource_id FROM audit_log WHERE action = ? AND phase = 'outcome' AND success"
                f" AND NOT EXISTS (SELECT 1 FROM {table} WHERE {name} = resource_id)", (action,)).fetchall(), [],
                "audited, and lost")
        for rows, name, action in COUNTED:
            self.assertEqual(store.execute(
                f"SELECT {name}, count(*) AS n FROM {rows} GROUP BY {name} HAVING n > (SELECT count(*) FROM audit_log"
                f" WHERE action = ? AND phase = 'intent' AND resource_id = {name})", (action,)).fetchall(), [], action)
        for username, value in store.execute("SELECT username, value FROM user_attributes JOIN users ON users.id = user_id"
                                             " WHERE name = 'call'").fetchall():
            told = store.execute("SELECT phase, success FROM audit_log WHERE request_id = ? AND action = 'user.set_attribute'"
                                 " AND resource_id = ? ORDER BY id", (value, username)).fetchall()
            self.assertIn(told, ([("intent", 1)], [("intent", 1), ("outcome", 1)]), value)
        for (username,) in store.execute("SELECT username FROM users WHERE NOT active").fetchall():
            self.assertEqual(store.execute("SELECT count(*) FROM audit_log WHERE action = 'user.disable' AND phase = 'intent'"
                                           " AND resource_id = ?", (username,)).fetchone(), (1,), username)

    def check_over_http(self, server):
        """What the last server promised holds at the next."""
        for worker in self.workers:
            for promise in worker.promises:
                if promise.over_http is not None:
                    self.assertTrue(promise.over_http(server), (promise.call, promise.action))
            for client in worker.clients:
                self.assertTrue(good(server, {"X-API-Key": client["api_key"]}), client["client_id"])
        self.workers = []


if __name__ == "__main__":
    unittest.main()
