#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Commands, their output for people and programs, and their exit codes."""
import csv
import io
import json
import os
import stat
import tempfile
import unittest

from majed_process import InstalledTest


class CommandLine(InstalledTest):
    def run_ok(self, *arguments, **options):
        done = self.majed.run(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def run_bad(self, code, *arguments, **options):
        done = self.majed.run(*arguments, **options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stderr

    def test_init_writes_private_files_and_never_over_others(self):
        for name in ("majed.key", "majed.db", "LOGINS.txt"):
            self.assertEqual(stat.S_IMODE(os.stat(self.majed.path(name)).st_mode), 0o600, name)
        before = sorted(os.listdir(self.majed.folder))
        error = self.run_bad(1, "init", "--dir", self.majed.folder)
        self.assertIn("conflict", error)
        self.assertEqual(sorted(os.listdir(self.majed.folder)), before)

    def test_init_without_demo_starts_with_one_administrator(self):
        with tempfile.TemporaryDirectory() as folder:
            self.run_ok("init", "--dir", folder)
            self.assertEqual(sorted(os.listdir(folder)), ["majed.db", "majed.heads", "majed.key", "majed.toml"])
            config = os.path.join(folder, "majed.toml")
            self.assertIn("ok", self.run_ok("config", "check", "--config", config))
            self.run_ok("user", "add", "root", "--role", "admin", "--password-stdin", "--config", config,
                        stdin="correct horse battery\n")
            self.run_bad(1, "query", "--as", "root", "SELECT 1", "--config", config)

    def test_version_and_help(self):
        self.assertRegex(self.run_ok("version"), r"^majed \d+\.\d+\.\d+\n$")
        self.assertRegex(json.loads(self.run_ok("version", "--json"))["version"], r"^\d+\.\d+\.\d+$")
        self.assertIn("query", self.run_ok("--help"))
        self.assertIn("--as", self.run_ok("query", "--help"))

    def test_wrong_usage_is_exit_code_2(self):
        self.run_bad(2)
        self.run_bad(2, "no-such-command")
        self.run_bad(2, "query", "SELECT 1")
        self.run_bad(2, "query", "--as", "admin", "--format", "xml", "SELECT 1")
        self.assertIn("name=value", self.run_bad(2, "query", "--as", "admin", "--param", "x", "SELECT 1"))
        self.assertIn("majed init", self.run_bad(2, "user", "list", "--config", "/nonexistent/majed.toml"))

    def test_a_configuration_with_mistakes_is_refused_with_their_lines(self):
        text = self.majed.read("majed.toml")
        path = self.majed.path("wrong.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace('listen = ', 'lissten = ', 1))
        error = self.run_bad(2, "config", "check", "--config", path)
        self.assertRegex(error, r"wrong\.toml:5: .*lissten")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace('table = "ORDERS"', 'table = "ORDERZ"', 1))
        self.assertIn("ORDERZ", self.run_bad(2, "config", "check", "--config", path))

    def test_configuration_shows_origins(self):
        items = json.loads(self.run_ok("config", "show", "--json"))["items"]
        listen = next(item for item in items if item["key"] == "server.listen")
        self.assertEqual(listen["value"], "127.0.0.1:8080")
        self.assertRegex(listen["origin"], r"majed\.toml:\d+$")
        shown = self.run_ok("config", "show", MAJED_SERVER_LISTEN="127.0.0.1:9")
        self.assertIn("MAJED_SERVER_LISTEN", shown)

    def test_a_table_is_aligned_and_says_what_was_applied(self):
        out = self.run_ok("query", "--as", "nora", "SELECT REGION, NULL AS n FROM CUSTOMERS LIMIT 1")
        self.assertEqual(out, "REGION │ n\n───────┼─────\nNORTH  │ NULL\n1 row · filtered: CUSTOMERS\n")

    def test_formats_for_programs(self):
        sql = "SELECT 1 AS a, 'x,\"y' AS b, NULL AS c, 9007199254740993 AS d, x'ff' AS e"
        lines = self.run_ok("query", "--as", "admin", "--format", "ndjson", sql).splitlines()
        self.assertEqual([column["name"] for column in json.loads(lines[0])["columns"]], list("abcde"))
        self.assertEqual(json.loads(lines[1]), [1, 'x,"y', None, "9007199254740993", "/w=="])
        self.assertEqual(json.loads(lines[2])["row_count"], 1)
        text = self.run_ok("query", "--as", "admin", "--format", "csv", sql)
        self.assertEqual(list(csv.reader(io.StringIO(text))),
                         [list("abcde"), ["1", 'x,"y', "", "9007199254740993", "/w=="]])

    def test_parameters_are_typed_and_never_text_of_the_statement(self):
        types = self.majed.query("admin", "SELECT typeof(?), typeof(?), typeof(?)", "42", "4.5", "0042")
        self.assertEqual(types["rows"], [["integer", "real", "text"]])
        named = self.majed.query("admin", "SELECT count(*) FROM CUSTOMERS WHERE REGION = :region",
                                 options=("--param", "region=' OR 1=1 --"))
        self.assertEqual(named["rows"], [[0]])

    def test_sql_from_standard_input(self):
        out = self.run_ok("query", "--as", "admin", "--format", "csv", "-", stdin="SELECT 7 AS n")
        self.assertEqual(out.split(), ["n", "7"])

    def test_limits_truncate_and_say_so(self):
        answer = self.majed.query("admin", "SELECT ORDER_ID FROM ORDERS", options=("--max-rows", "3"))
        self.assertEqual((answer["row_count"], answer["truncated"]), (3, True))
        exact = self.majed.query("admin", "SELECT ORDER_ID FROM ORDERS LIMIT 3", options=("--max-rows", "3"))
        self.assertEqual((exact["row_count"], exact["truncated"]), (3, False))

    def test_a_statement_out_of_time_is_exit_code_5(self):
        error = self.run_bad(5, "query", "--as", "admin",
                             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
                             MAJED_SOURCES_SALES_LIMITS_STATEMENT_TIMEOUT="300ms")
        self.assertIn("timeout", error)

    def test_problems_show_the_place(self):
        error = self.run_bad(1, "query", "--as", "admin", "SELECT * FRM CUSTOMERS")
        lines = error.splitlines()
        self.assertTrue(lines[0].startswith("majed: parse_error: "), error)
        self.assertEqual(lines[1].strip(), "SELECT * FRM CUSTOMERS")
        self.assertEqual(lines[2].index("^") - 2, "SELECT * FRM CUSTOMERS".index("FRM"))
        problem = json.loads(self.run_bad(3, "query", "--as", "nora", "--format", "json", "SELECT * FROM PRODUCTS"))
        self.assertEqual((problem["code"], problem["offset"]), ("denied", 14))

    def test_statements_that_are_no_reads_are_not_offered(self):
        for sql in ("DELETE FROM CUSTOMERS", "CREATE TABLE t (a)", "PRAGMA table_list", "ATTACH 'x' AS y", "BEGIN"):
            self.assertNotEqual(self.majed.run("query", "--as", "admin", sql).returncode, 0, sql)

    def test_check_explains_and_runs_nothing(self):
        report = json.loads(self.run_ok("check", "--as", "nora", "--json", "SELECT EMAIL FROM CUSTOMERS"))
        self.assertTrue(report["allowed"])
        self.assertEqual(report["class"], "read")
        self.assertEqual([table["table"] for table in report["tables"]], ["CUSTOMERS"])
        self.assertEqual(report["tables"][0]["decision"], "filter")
        self.assertRegex(report["fingerprint"], r"^[0-9a-f]{16}$")
        refused = self.majed.run("check", "--as", "nora", "SELECT * FROM PRODUCTS")
        self.assertEqual(refused.returncode, 3)
        self.assertIn("refused", refused.stdout)
        self.assertEqual(refused.stderr, "")

    def test_check_says_where_and_what_is_near(self):
        refused = self.majed.run("check", "--as", "nora", "SELECT 1\nFROM CUSTOMRES")
        self.assertEqual(refused.returncode, 3)
        self.assertIn("line 2, column 6: denied", refused.stdout)
        self.assertIn("hint: Tables you may read with such a name: CUSTOMERS", refused.stdout)
        self.assertIn("  FROM CUSTOMRES\n       ^", refused.stdout)
        self.assertIn("hint: What may be run: SELECT", self.majed.run("check", "--as", "nora", "DELETE FROM CUSTOMERS").stdout)
        denied = self.majed.run("check", "--as", "nora", "SELECT * FROM PRODUCTS").stdout
        absent = self.majed.run("check", "--as", "nora", "SELECT * FROM PRODUCTZ").stdout
        self.assertEqual(denied.replace("PRODUCTS", "PRODUCTZ").splitlines()[1:], absent.splitlines()[1:])
        self.assertRegex(self.run_ok("check", "--as", "nora", "SELECT EMAIL FROM CUSTOMERS"), r"rule: CUSTOMERS by .+:\d+")

    def test_users_are_administered(self):
        self.run_ok("user", "add", "zed", "--role", "normal", "--attribute", "region=WEST", "--password-stdin",
                    stdin="a long enough password\n")
        shown = json.loads(self.run_ok("user", "show", "zed", "--json"))
        self.assertEqual((shown["role"], shown["attributes"]), ("normal", {"region": ["WEST"]}))
        self.assertTrue(shown["must_change_password"])
        self.assertNotIn("password", shown["username"])
        self.run_ok("user", "set-role", "zed", "superuser")
        self.run_ok("user", "set-attribute", "zed", "regions", "WEST", "SOUTH")
        rows = self.majed.query("zed", "SELECT DISTINCT REGION FROM CUSTOMERS ORDER BY 1")["rows"]
        self.assertEqual(rows, [["SOUTH"], ["WEST"]])
        self.run_ok("user", "disable", "zed")
        self.run_bad(3, "query", "--as", "zed", "SELECT 1")
        self.run_ok("user", "enable", "zed")
        self.run_ok("query", "--as", "zed", "SELECT 1")
        self.assertIn("zed", self.run_ok("user", "list"))
        self.run_bad(1, "user", "add", "zed", "--password-stdin", stdin="a long enough password\n")
        self.run_bad(2, "user", "set-role", "zed", "king")
        self.run_bad(1, "user", "show", "nobody")

    def test_passwords_are_never_arguments(self):
        self.run_bad(2, "user", "add", "eve", "--password", "secret")
        path = self.majed.path("password")
        with open(path, "w", encoding="utf-8") as file:
            file.write("a password in a file\n")
        self.run_ok("user", "set-password", "nora", "--password-file", path)
        self.majed.passwords["nora"] = "a password in a file"

    def test_clients_are_administered(self):
        made = json.loads(self.run_ok("client", "add", "partner", "--json"))
        self.assertRegex(made["api_key"], r"^mv_[0-9a-f]{12}_[\w-]{43}_[0-9a-f]{8}$")
        self.assertEqual(made["role"], "integration")
        self.run_ok("query", "--as", "partner", "SELECT 1")
        rotated = json.loads(self.run_ok("client", "rotate", made["client_id"], "--json"))
        self.assertNotEqual(rotated["api_key"], made["api_key"])
        self.run_ok("client", "revoke", made["client_id"])
        self.run_bad(3, "query", "--as", made["client_id"], "SELECT 1")
        with open(self.majed.path("majed.db"), "rb") as file:
            stored = file.read()
        self.assertNotIn(rotated["api_key"].encode(), stored)
        self.assertNotIn(made["client_secret"].encode(), stored)

    def test_sources_are_described(self):
        self.assertIn("sales", self.run_ok("source", "list"))
        self.assertIn("answers", self.run_ok("source", "ping"))
        tables = json.loads(self.run_ok("source", "tables", "--json"))["items"]
        self.assertEqual([table["table"] for table in tables], ["CUSTOMERS", "ORDERS", "PRODUCTS"])
        columns = json.loads(self.run_ok("source", "describe", "orders", "--json"))["items"]
        self.assertEqual(columns[3]["column"], "TOTAL_AMOUNT")
        self.run_bad(1, "source", "describe", "nothing")
        self.run_bad(1, "source", "ping", "nowhere")

    def test_a_source_that_is_gone_is_said_so(self):
        text = self.majed.read("majed.toml").replace("sqlite:sales.db", "sqlite:gone.db")
        with open(self.majed.path("gone.toml"), "w", encoding="utf-8") as file:
            file.write(text)
        done = self.majed.run("query", "--as", "admin", "SELECT 1", "--config", self.majed.path("gone.toml"))
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("source sales: there is no database file", done.stderr)
        listed = self.run_ok("source", "list", "--config", self.majed.path("gone.toml"))
        self.assertIn("gone.db", listed)

    def test_the_demonstration_shows_four_answers_and_a_refusal(self):
        out = self.run_ok("demo")
        for name in ("admin", "sam", "nora", "acme"):
            self.assertEqual(out.count("▸ " + name + ","), 3, out)
        self.assertIn("denied: ", out)
        self.assertIn("Audit: 20 records written. 8 statements ran", out)
        self.assertNotIn("\x1b", out, "no colour when it is not a terminal")
        self.assertLessEqual(max(len(line) for line in out.splitlines()), 120)


if __name__ == "__main__":
    unittest.main()
