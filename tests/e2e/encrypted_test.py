#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Encrypted source columns: plaintext for the roles listed, NULL for others, an error for a cell that is no token, and
the key nowhere.

Tokens are of a fixed set made once by Python's cryptography; where python3-cryptography is installed, further ones are
made by it in every run.
"""
import csv
import io
import json
import sqlite3
import unittest

from majed_process import InstalledTest, bearer

try:
    from cryptography.fernet import Fernet
except ModuleNotFoundError:
    Fernet = None

KEY = "3LuJKtO_JrintVIxU3cPwNtafS4L6EdDz4gMD8ZHLiE="
PREVIOUS = "ayoTH9EiYSCNR3P0CsBRkuRPfNyoF9tQOQCmxrQeYUk="
TOKEN = "gAAAAABrC3mgNbQlGart9dx6iwEee7VKwXxLGZAofFu8AFGcE06VuasGb5wMMjmq7G-jIGK34uWmI1NNek9nxHf6EYwhJklC0g=="  # 078-05-1120
OF_PREVIOUS = "gAAAAABrC3mgpc0j6ldRxHQ2x0f_BNXEfHq8nrR5kzhYA2SF5i1pNVvSCv1gvPdEGKXoziwCz_nlWfyZfvvQ9n6wDs4Z4fBtVarhyFxnRsA_yN0BIizf4JI="  # Ünïcode, "quoted"
BROKEN = '{"error":"undecryptable"}'

RULES = """
[[policies]]
table = "PATIENTS"
roles = ["admin", "superuser", "integration"]
rows = "*"

[[policies]]
table = "PATIENTS"
roles = ["normal"]
rows = "REGION = :user.region"

[[encrypted]]
table = "PATIENTS"
column = "SSN"
roles = ["admin", "normal"]
key_file = "ssn.key"
previous_key = "%s"
""" % PREVIOUS

ROWS = [
    (1, "NORTH", TOKEN),
    (2, "NORTH", None),
    (3, "NORTH", OF_PREVIOUS),
    (4, "NORTH", TOKEN[:50] + ("A" if TOKEN[50] != "A" else "B") + TOKEN[51:]),
    (5, "NORTH", "#undecryptable"),
    (6, "NORTH", ""),
    (7, "NORTH", TOKEN.encode()),
    (8, "EAST", TOKEN),
]
SHOWN = [[1, "078-05-1120"], [2, None], [3, 'Ünïcode, "quoted"']] + [[i, json.loads(BROKEN)] for i in (4, 5, 6, 7)]


class Encrypted(InstalledTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with open(cls.majed.path("ssn.key"), "w", encoding="utf-8") as file:
            file.write(KEY + "\n")
        with open(cls.majed.path("majed.toml"), "a", encoding="utf-8") as file:
            file.write(RULES)
        database = sqlite3.connect(cls.majed.path("sales.db"))
        database.execute("CREATE TABLE PATIENTS (ID INTEGER PRIMARY KEY, REGION TEXT, SSN TEXT)")
        database.executemany("INSERT INTO PATIENTS VALUES (?, ?, ?)", ROWS)
        database.commit()
        database.close()

    def ask(self, principal, sql, *options):
        done = self.majed.run("query", "--as", principal, *options, sql)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_secret(done.stdout + done.stderr)
        return done.stdout

    def assert_secret(self, text):
        for secret in (KEY, PREVIOUS, "gAAAA"):
            self.assertNotIn(secret, text)

    def test_those_listed_see_plaintext_and_errors_in_every_format(self):
        sql = "SELECT ID, SSN FROM PATIENTS ORDER BY ID"
        answer = json.loads(self.ask("nora", sql, "--format", "json"))
        self.assertEqual(answer["rows"], SHOWN)
        self.assertEqual(answer["columns"][1], {"name": "SSN", "type": "TEXT", "masked": False})
        self.assertEqual(answer["applied"], {"row_filters": ["PATIENTS"], "masked_columns": [],
                                             "decrypted_columns": ["PATIENTS.SSN"], "undecryptable": 4})
        lines = [json.loads(line) for line in self.ask("nora", sql, "--format", "ndjson").splitlines()]
        self.assertEqual(lines[1:-1], SHOWN)
        self.assertEqual(lines[-1]["applied"]["undecryptable"], 4)
        self.assertEqual(self.ask("nora", sql, "--format", "csv").splitlines(),
                         ["ID,SSN", "1,078-05-1120", "2,", '3,"Ünïcode, ""quoted"""', "4,#undecryptable",
                          "5,#undecryptable", "6,#undecryptable", "7,#undecryptable"])
        table = self.ask("nora", sql)
        self.assertIn("078-05-1120", table)
        self.assertEqual(table.count("#undecryptable"), 4)
        self.assertIn("decrypted: PATIENTS.SSN · 4 cells undecryptable", table)

    def test_others_see_null_and_may_compute_on_it(self):
        for principal in ("sam", "acme"):
            answer = json.loads(self.ask(principal, "SELECT SSN, upper(SSN), SSN = 'x' FROM PATIENTS", "--format", "json"))
            self.assertEqual(answer["rows"], [[None, None, None]] * len(ROWS))
            self.assertEqual(answer["applied"], {"row_filters": [], "masked_columns": ["PATIENTS.SSN"]})
            self.assertTrue(answer["columns"][0]["masked"])

    def test_what_would_compute_on_ciphertext_is_refused(self):
        for sql, offset in (("SELECT ID FROM PATIENTS WHERE SSN LIKE 'gAAAA%'", 30), ("SELECT SSN FROM PATIENTS ORDER BY 1", 34),
                            ("SELECT DISTINCT SSN FROM PATIENTS", 16), ("SELECT max(SSN) FROM PATIENTS", 11),
                            ("SELECT SSN FROM PATIENTS UNION ALL SELECT REGION FROM PATIENTS", 42)):
            done = self.majed.run("check", "--as", "nora", "--json", sql)
            self.assertEqual(done.returncode, 1, sql)
            problem = json.loads(done.stdout)["problems"][0]
            self.assertEqual((problem["code"], problem["offset"]), ("unsupported", offset), sql)
            self.assertIn("hint", problem)
        report = json.loads(self.majed.run("check", "--as", "nora", "--json", "SELECT SSN FROM PATIENTS").stdout)
        self.assertEqual(report["tables"][0]["decrypted"], ["SSN"])

    def test_over_http_and_in_no_log_or_audit(self):
        with self.majed.serving() as server:
            token = server.login("nora", self.majed.passwords["nora"])
            sql = "SELECT ID, SSN FROM PATIENTS ORDER BY ID"
            for accept in ("application/json", "application/x-ndjson", "text/csv"):
                status, _, answer = server.call("POST", "/api/v1/query", {"sql": sql}, {**bearer(token), "Accept": accept})
                self.assertEqual(status, 200)
                self.assert_secret(str(answer))
                if accept == "application/json":
                    self.assertEqual(answer["rows"], SHOWN)
                if accept == "text/csv":
                    self.assertEqual([row[1] for row in csv.reader(io.StringIO(answer))][:2], ["SSN", "078-05-1120"])
            status, _, answer = server.call("POST", "/api/v1/query", {"sql": "SELECT SSN || '' FROM PATIENTS"}, bearer(token))
            self.assertEqual((status, answer["code"], answer["offset"]), (422, "unsupported", 7))
        self.assert_secret("".join(server.log))
        audited = self.majed.run("audit", "tail", "--json").stdout
        self.assert_secret(audited)
        self.assertNotIn("078-05", audited)
        self.assertIn("undecryptable", audited)
        self.assert_secret(self.majed.run("config", "show").stdout + self.majed.run("config", "show", "--json").stdout)

    def test_a_configuration_that_is_wrong_refuses_the_start_and_keeps_the_key_to_itself(self):
        whole = self.majed.read("majed.toml")
        for change, expected in (((KEY_LINE, 'key = "%sx"' % KEY), "expected a Fernet key"),
                                 ((KEY_LINE, ""), "missing; expected a Fernet key"),
                                 (('column = "SSN"', 'column = "SNN"'), "table PATIENTS has no column SNN"),
                                 (('column = "SSN"', 'column = "ID"'), "is the table's row id"),
                                 (('roles = ["admin", "normal"]\n' + KEY_LINE, 'roles = ["boss"]\n' + KEY_LINE), "boss")):
            path = self.majed.path("wrong.toml")
            self.assertIn(change[0], whole)
            with open(path, "w", encoding="utf-8") as file:
                file.write(whole.replace(*change))
            done = self.majed.run("config", "check", "--config", path)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(expected, done.stderr)
            self.assertIn("wrong.toml:", done.stderr)
            self.assert_secret(done.stdout + done.stderr)

    @unittest.skipIf(Fernet is None, "needs the Debian package python3-cryptography")
    def test_opens_what_another_implementation_makes(self):
        values = ["", "x", "a" * 5000, "مرحبا", "tab\tand\nline"]
        key = Fernet.generate_key().decode()
        path = self.majed.path("fresh.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.majed.read("majed.toml").replace(KEY_LINE, 'key = "%s"' % key).replace("PATIENTS", "NOTES"))
        database = sqlite3.connect(self.majed.path("sales.db"))
        database.execute("CREATE TABLE NOTES (ID INTEGER PRIMARY KEY, REGION TEXT, SSN TEXT)")
        database.executemany("INSERT INTO NOTES (REGION, SSN) VALUES ('NORTH', ?)",
                             [(Fernet(key).encrypt(value.encode()).decode(),) for value in values])
        database.commit()
        database.close()
        try:
            done = self.majed.run("query", "--as", "nora", "--format", "json", "--config", path, "SELECT SSN FROM NOTES ORDER BY ID")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual([row[0] for row in json.loads(done.stdout)["rows"]], values)
        finally:
            database = sqlite3.connect(self.majed.path("sales.db"))
            database.execute("DROP TABLE NOTES")
            database.close()


KEY_LINE = 'key_file = "ssn.key"'

if __name__ == "__main__":
    unittest.main(verbosity=2)
