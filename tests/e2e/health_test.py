#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sources that come and go: health over HTTP and on the command line, readiness, metrics, a real PostgreSQL."""
import contextlib
import json
import os
import resource
import sqlite3
import time
import unittest

from majed_process import BOUND, InstalledTest, bearer
from postgres_process import PostgresProcess

NOWHERE = """
[[sources]]
name = "reports"
url = "postgresql://127.0.0.1:1/reports"
user = "gateway"
password = "hush hush"
%s
"""


QUICK = """
[health]
interval = "200ms"
recheck = "100ms"
"""


def eventually(question):
    """The first true answer; the last one when none comes in time."""
    deadline = time.monotonic() + BOUND
    while True:
        answer = question()
        if answer or time.monotonic() > deadline:
            return answer
        time.sleep(0.05)


class Health(InstalledTest):
    def configured(self, addition, change=lambda text: text):
        path = self.majed.path(f"{self.id().rsplit('.', 1)[1]}.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(QUICK + change(self.majed.read("majed.toml")) + addition)
        return path

    def health(self, server, token):
        status, headers, document = server.call("GET", "/api/v1/health", headers=bearer(token))
        self.assertEqual(headers["Content-Type"], "application/health+json")
        self.assertEqual(headers["Cache-Control"], "no-store")
        return status, document

    def test_everything_well_is_pass(self):
        with self.majed.serving() as server:
            token = server.login("admin", self.majed.passwords["admin"])
            self.assertTrue(eventually(lambda: self.health(server, token)[1]["status"] == "pass"))
            status, document = self.health(server, token)
            self.assertEqual(status, 200)
            self.assertEqual(set(document["databases"]), {"primary", "sales"})
            self.assertEqual(document["databases"]["sales"]["status"], "healthy")
            self.assertEqual(document["circuit_breakers"]["sales"]["state"], "CLOSED")
            self.assertEqual(document["checks"]["sales:responseTime"][0]["componentType"], "datastore")
            self.assertNotIn("output", document["checks"]["sales:responseTime"][0])
            self.assertEqual(server.call("GET", "/readyz")[0], 200)

    def test_only_who_runs_the_place_sees_it(self):
        with self.majed.serving() as server:
            self.assertEqual(server.call("GET", "/api/v1/health")[0], 401)
            nora = server.login("nora", self.majed.passwords["nora"])
            self.assertEqual(server.call("GET", "/api/v1/health", headers=bearer(nora))[0], 403)

    def test_an_optional_source_that_is_down_is_a_warning(self):
        config = self.configured(NOWHERE % "")
        with self.majed.serving("--config", config) as server:
            token = server.login("admin", self.majed.passwords["admin"])
            self.assertTrue(eventually(lambda: "output" in self.health(server, token)[1]["checks"]["reports:responseTime"][0]
                                       and self.health(server, token)[1]["databases"]["sales"]["status"] == "healthy"))
            status, document = self.health(server, token)
            self.assertEqual((status, document["status"]), (200, "warn"))
            self.assertEqual(document["databases"]["reports"]["status"], "unhealthy")
            self.assertEqual(server.call("GET", "/readyz")[0], 200)
            self.assertNotIn("hush", json.dumps(document))
            answer = server.call("POST", "/api/v1/query", {"sql": "SELECT 1", "source": "sales"}, bearer(token))
            self.assertEqual(answer[0], 200)
            log = "".join(server.log)
        self.assertNotIn("hush", log)

    def test_a_required_source_that_is_down_makes_the_gateway_not_ready(self):
        config = self.configured(NOWHERE % "required = true\n")
        with self.majed.serving("--config", config) as server:
            token = server.login("admin", self.majed.passwords["admin"])
            self.assertEqual(self.health(server, token)[0], 503)
            ready = server.call("GET", "/readyz")
            self.assertEqual(ready[0], 503)
            self.assertNotIn("reports", json.dumps(ready[2]))
            self.assertEqual(server.call("GET", "/livez")[0], 200)
        done = self.majed.run("health", "--config", config)
        self.assertEqual(done.returncode, 4)
        self.assertIn("reports", done.stdout)

    def test_metrics_are_for_loopback_unless_nobody_may(self):
        with self.majed.serving() as server:
            status, headers, text = server.call("GET", "/metrics")
            self.assertEqual(status, 200)
            self.assertTrue(headers["Content-Type"].startswith("text/plain; version=0.0.4"))
            self.assertIn('majed_breaker_state{source="sales",state="closed"} 1\n', text)
            self.assertIn('db_client_connection_max{source="sales"} 10\n', text)
        config = self.configured("", lambda text: text.replace("[server]\n", '[server]\nmetrics = "nobody"\n'))
        with self.majed.serving("--config", config) as server:
            self.assertEqual(server.call("GET", "/metrics")[0], 401)
            nora = server.login("nora", self.majed.passwords["nora"])
            self.assertEqual(server.call("GET", "/metrics", headers=bearer(nora))[0], 403)
            admin = server.login("admin", self.majed.passwords["admin"])
            self.assertEqual(server.call("GET", "/metrics", headers=bearer(admin))[0], 200)

    def test_the_audit_is_counted_and_is_well(self):
        with self.majed.serving() as server:
            token = server.login("admin", self.majed.passwords["admin"])
            self.assertTrue(eventually(lambda: self.health(server, token)[1]["status"] == "pass"))
            for name in ("failedCommits", "droppedRecords", "unfiledHeads", "slowCommits", "unsealedDetails"):
                check = self.health(server, token)[1]["checks"]["audit:" + name][0]
                self.assertEqual((check["status"], check["observedValue"]), ("pass", 0))
            text = server.call("GET", "/metrics")[2]
            self.assertRegex(text, r"(?m)^majed_audit_records_total [1-9]\d*$")
            for name in ("dropped_total", "refused_total", "late_total", "failed_commits_total", "unfiled_heads",
                         "unsealed_total"):
                self.assertIn(f"\nmajed_audit_{name} 0\n", text)

    def test_an_audit_whose_heads_are_in_one_place_only_is_a_warning(self):
        config = self.configured("", lambda text: text.replace("[audit]\n", f'[audit]\nheads_file = "{self.majed.folder}"\n'))
        with self.majed.serving("--config", config) as server:
            token = server.login("admin", self.majed.passwords["admin"])
            check = eventually(lambda: self.health(server, token)[1]["checks"]["audit:unfiledHeads"][0])
            self.assertEqual((check["status"], check["observedValue"]), ("warn", 1))
            status, document = self.health(server, token)
            self.assertEqual((status, document["status"]), (200, "warn"))
            self.assertIn("audit", document["output"])
            self.assertIn("\nmajed_audit_unfiled_heads 1\n", server.call("GET", "/metrics")[2])
            self.assertEqual(server.call("GET", "/readyz")[0], 200)

    def test_an_audit_that_cannot_be_written_fails_until_it_can(self):
        with self.majed.serving() as server:
            token = server.login("admin", self.majed.passwords["admin"])
            with contextlib.closing(sqlite3.connect(self.majed.path("majed.db"), isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                self.assertNotEqual(server.call("POST", "/api/v1/login", {"username": "nobody", "password": "x"})[0], 200)
                self.assertTrue(eventually(lambda: self.health(server, token)[0] == 503))
                document = self.health(server, token)[1]
                self.assertEqual(document["checks"]["audit:failedCommits"][0]["status"], "fail")
                other.execute("ROLLBACK")
            server.login("admin", self.majed.passwords["admin"])
            self.assertTrue(eventually(lambda: self.health(server, token)[1]["checks"]["audit:failedCommits"][0]["status"] == "pass"))

    def test_an_audit_on_a_full_disk_refuses_the_strict_counts_the_others_and_tells(self):
        config = self.configured("", lambda text: text.replace('table = "PRODUCTS"', 'table = "PRODUCTS"\naudit = "strict"'))
        with self.majed.serving("--config", config) as server:
            token = server.login("admin", self.majed.passwords["admin"])

            def ask(table):
                return server.call("POST", "/api/v1/query", {"sql": f"SELECT count(*) FROM {table}"}, bearer(token))

            self.assertEqual([ask("CUSTOMERS")[0], ask("PRODUCTS")[0]], [200, 200], "the strict one takes all on disk")
            before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1, before[1]))
            status, headers, problem = ask("PRODUCTS")
            self.assertEqual((status, problem["code"]), (503, "unavailable"))
            self.assertTrue(headers["Retry-After"])
            self.assertEqual([ask("CUSTOMERS")[0] for _ in range(5)], [200] * 5)
            self.assertTrue(eventually(lambda: "\nmajed_audit_dropped_total 10\n" in server.call("GET", "/metrics")[2]))
            self.assertIn("\nmajed_audit_refused_total 1\n", server.call("GET", "/metrics")[2])
            self.assertEqual(self.health(server, token)[0], 503)
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, before)
            self.assertTrue(eventually(lambda: self.health(server, token)[0] == 200), "tells of the gap by itself")
            self.assertEqual(self.health(server, token)[1]["checks"]["audit:droppedRecords"][0]["observedValue"], 10)
            self.assertEqual(ask("PRODUCTS")[0], 200)
        with contextlib.closing(sqlite3.connect(self.majed.path("majed.db"))) as database:
            gaps = database.execute("SELECT details FROM audit_log WHERE action = 'audit.gap'").fetchall()
        self.assertEqual([json.loads(gap[0])["dropped"] for gap in gaps], [10])
        self.assertEqual(self.majed.run("audit", "verify").returncode, 0)

    def test_the_name_of_the_primary_store_is_taken(self):
        done = self.majed.run("config", "check", "--config",
                              self.configured("", lambda text: text.replace('name = "sales"', 'name = "primary"')))
        self.assertEqual(done.returncode, 2)
        self.assertIn("own store", done.stderr)

    def test_the_wrong_file_of_a_source_is_noticed_and_the_right_one_again(self):
        config = self.configured("", lambda text: text.replace('url = "sqlite:sales.db"',
                                                               'url = "sqlite:sales.db"\nrequired = true\n'
                                                               'breaker = { open_for = "200ms" }'))
        away, home = self.majed.path("away.db"), self.majed.path("sales.db")
        with self.majed.serving("--config", config) as server:
            self.assertTrue(eventually(lambda: server.call("GET", "/readyz")[0] == 200))
            os.rename(home, away)
            try:
                self.assertTrue(eventually(lambda: server.call("GET", "/readyz")[0] == 503))
            finally:
                os.rename(away, home)
            self.assertTrue(eventually(lambda: server.call("GET", "/readyz")[0] == 200))


class OnPostgres(InstalledTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postgres = PostgresProcess.for_class(cls)

    def setUp(self):
        self.config = self.majed.path("postgres.toml")
        with open(self.majed.path("pg.password"), "w", encoding="utf-8") as file:
            file.write(self.postgres.password + "\n")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(QUICK + self.majed.read("majed.toml") +
                       self.postgres.source("shop", 'password_file = "pg.password"') + """required = true
breaker = { failure_threshold = 2, open_for = "200ms" }
""")

    def run_ok(self, *arguments):
        done = self.majed.run(*arguments, "--config", self.config)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_a_postgresql_source_answers_and_shows_what_is_in_it(self):
        sources = json.loads(self.run_ok("source", "list", "--json"))["items"]
        self.assertEqual([source["engine"] for source in sources], ["sqlite", "postgresql"])
        self.assertIn("answers", self.run_ok("source", "ping", "shop"))
        self.run_ok("source", "tables", "shop")
        self.assertEqual(json.loads(self.run_ok("health", "--json"))["databases"]["shop"]["status"], "healthy")

    def test_a_source_without_a_password_in_the_file_takes_the_stored_one(self):
        config = self.majed.path("stored.toml")
        with open(self.config, encoding="utf-8") as file, open(config, "w", encoding="utf-8") as other:
            other.write(file.read().replace('password_file = "pg.password"\n', ""))
        password = self.postgres.password

        def run(code, *arguments, stdin="", taken=config):
            done = self.majed.run(*arguments, "--config", taken, stdin=stdin)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            return done

        run(4, "source", "ping", "shop")
        run(0, "source", "set-password", "shop", "--password-stdin", stdin="wrong\n")
        run(4, "source", "ping", "shop")
        self.assertEqual(run(0, "source", "set-password", "shop", "--password-stdin", stdin=password + "\n").stderr, "")
        self.assertIn("answers", run(0, "source", "ping", "shop").stdout)
        self.assertEqual(json.loads(run(0, "key", "rotate", "--json").stdout)["reseal"]["resealed"], 2,
                             "the password, and the key of the audit's sensitive details")
        with self.majed.serving("--config", config) as server:
            self.assertTrue(eventually(lambda: server.call("GET", "/readyz")[0] == 200))
        # What is in the file goes first.
        warned = run(0, "source", "set-password", "shop", "--password-stdin", stdin="wrong\n", taken=self.config)
        self.assertIn("not used", warned.stderr)
        run(0, "source", "ping", "shop", taken=self.config)
        run(0, "source", "forget-password", "shop")
        run(1, "source", "forget-password", "shop")
        run(4, "source", "ping", "shop")
        with contextlib.closing(sqlite3.connect(self.majed.path("majed.db"))) as connection:
            acts = [row[0] for row in connection.execute(
                "SELECT action || ' ' || phase || ' ' || success FROM audit_log WHERE action LIKE 'source.%'"
                " AND resource = 'source' AND resource_id = 'shop' ORDER BY id")]
        self.assertEqual(acts, ["source.set_password intent 1", "source.set_password outcome 1"] * 3 +
                         ["source.forget_password intent 1", "source.forget_password outcome 1",
                          "source.forget_password intent 1", "source.forget_password outcome 0"])
        for name in os.listdir(self.majed.folder):
            if name == "pg.password":
                continue
            with open(self.majed.path(name), "rb") as file:
                self.assertNotIn(password.encode(), file.read(), name)

    def test_a_source_that_can_have_no_password_is_refused_one(self):
        for name, code, word in (("sales", 2, "SQLite"), ("nowhere", 1, "there is no source"), ("", 1, "no source")):
            done = self.majed.run("source", "set-password", name, "--password-stdin", stdin="hush hush\n")
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(word, done.stderr)
        self.assertEqual(self.majed.run("source", "forget-password", "sales").returncode, 1)
        for empty in ("", "\n"):
            done = self.majed.run("source", "set-password", "shop", "--password-stdin", "--config", self.config,
                                  stdin=empty)
            self.assertEqual(done.returncode, 2, done.stderr)

    def test_users_statements_on_it_are_governed(self):
        config = self.with_rule("rewrite")
        self.postgres.sql("INSERT INTO secret VALUES (1, 'NORTH'), (2, 'SOUTH')")

        def ask(user, sql):
            return self.majed.run("query", "--as", user, "--source", "shop", "--format", "json", sql, "--config", config)

        self.assertEqual(json.loads(ask("nora", "SELECT id FROM secret").stdout)["rows"], [[1]])
        self.assertEqual(ask("admin", "SELECT id FROM secret").returncode, 3)
        self.assertEqual(ask("nora", "SELECT * FROM pg_class").returncode, 3)
        self.assertEqual(ask("nora", "SELECT 1 / (id - 1) FROM secret").returncode, 2)

    def with_rule(self, enforcement):
        self.postgres.sql("DROP TABLE IF EXISTS secret; CREATE TABLE secret (id int, region text)")
        self.addCleanup(self.postgres.sql, "DROP TABLE IF EXISTS secret")
        config = self.majed.path("ruled.toml")
        with open(self.config, encoding="utf-8") as file, open(config, "w", encoding="utf-8") as other:
            other.write(file.read().replace('name = "shop"', f'name = "shop"\nenforcement = "{enforcement}"') + """
[[policies]]
source = "shop"
table = "secret"
roles = ["normal"]
rows = "region = :user.region"
""")
        return config

    def test_what_the_login_can_read_past_the_rules_is_said_in_health_and_log(self):
        config = self.with_rule("rewrite")
        said = "role majed_test can read protected tables directly (public.secret)"
        health = json.loads(self.majed.run("health", "--json", "--config", config).stdout)
        check = health["checks"]["shop:exposedTables"][0]
        self.assertEqual((check["observedValue"], check["status"]), (1, "warn"))
        self.assertIn(said, check["output"])
        with self.majed.serving("--config", config) as server:
            self.assertTrue(eventually(lambda: server.call("GET", "/readyz")[0] == 200))
            self.assertTrue(eventually(lambda: any("protection" in line and said in line for line in server.log)),
                            server.log)

    def test_a_source_whose_server_does_not_hold_the_rules_is_not_served(self):
        config = self.with_rule("native")

        def run(code, *arguments):
            done = self.majed.run(*arguments, "--config", config)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            return done

        query = ("query", "--as", "admin", "--source", "shop", "SELECT 1")
        self.assertIn("source shop is not served", run(4, *query).stderr)
        self.assertIn("public.secret: row-level security is off", run(1, "policy", "verify", "--source", "shop").stdout)
        script = run(0, "policy", "export", "--source", "shop").stdout
        self.postgres.sql(script)
        self.postgres.sql(script)
        self.assertEqual(json.loads(run(0, "policy", "verify", "--source", "shop", "--json").stdout),
                         {"holds": True, "differences": []})
        run(0, *query)
        self.postgres.sql("INSERT INTO secret VALUES (1, 'NORTH'), (2, 'south')",
                          user=self.postgres.administrator)
        seen = run(0, "query", "--as", "nora", "--source", "shop", "--format", "json", "SELECT id FROM secret")
        self.assertEqual(json.loads(seen.stdout)["rows"], [[1]])
        self.assertEqual(self.postgres.sql("SELECT count(*) FROM secret"), [["0"]])
        self.assertEqual(self.postgres.sql(
            "BEGIN; DO $$ BEGIN PERFORM set_config('majed.role', 'normal', true),"
            " set_config('majed.user.region', '{south}', true); END $$; SELECT id FROM secret"), [["2"]])
        self.postgres.sql("ALTER TABLE secret NO FORCE ROW LEVEL SECURITY")
        self.assertIn("source shop is not served", run(4, *query).stderr)
        self.assertIn("SQLite", run(2, "policy", "export", "--source", "sales").stderr)

    def test_a_killed_server_is_noticed_and_its_return_too_without_a_restart(self):
        with self.majed.serving("--config", self.config) as server:
            self.assertTrue(eventually(lambda: server.call("GET", "/readyz")[0] == 200))
            self.postgres.tell("kill")
            self.assertTrue(eventually(lambda: server.call("GET", "/readyz")[0] == 503))
            self.postgres.tell("restart")
            self.assertTrue(eventually(lambda: server.call("GET", "/readyz")[0] == 200))
            self.assertTrue(any("breaker" in line and "to=open" in line for line in server.log), server.log)


if __name__ == "__main__":
    unittest.main()
