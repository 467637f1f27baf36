#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The HTTP door: credentials, answers, problems, limits, and the end of the server."""
import csv
import io
import json
import signal
import socket
import time
import unittest

from majed_process import BOUND, InstalledTest, bearer

QUERY = "/api/v1/query"


class Http(InstalledTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.enterClassContext(cls.majed.serving())
        cls.admin = cls.server.login("admin", cls.majed.passwords["admin"])
        cls.nora = cls.server.login("nora", cls.majed.passwords["nora"])

    def ask(self, sql, token=None, headers=None, **members):
        return self.server.call("POST", QUERY, {"sql": sql, **members}, {**bearer(token or self.admin), **(headers or {})})

    def expect_problem(self, answer, status, code):
        self.assertEqual((answer[0], answer[2].get("code")), (status, code), answer[2])
        self.assertEqual(answer[1]["Content-Type"], "application/problem+json")
        problem = answer[2]
        self.assertEqual(problem["status"], status)
        self.assertEqual(problem["request_id"], answer[1]["X-Request-Id"])
        self.assertEqual(problem["type"], "urn:majed:error:" + code)
        self.assertTrue(problem["title"] and problem["detail"])
        return problem

    def test_life_and_readiness_need_no_credentials(self):
        self.assertEqual(self.server.call("GET", "/livez")[0], 200)
        self.assertEqual(self.server.call("GET", "/readyz")[0], 200)

    def test_me_is_who_logged_in(self):
        status, _, me = self.server.call("GET", "/api/v1/me", headers=bearer(self.nora))
        self.assertEqual(status, 200)
        self.assertEqual((me["name"], me["roles"], me["attributes"]), ("nora", ["normal"], {"region": ["NORTH"]}))

    def test_an_answer_has_the_shape_of_the_contract(self):
        status, headers, answer = self.ask("SELECT EMAIL, REGION FROM CUSTOMERS ORDER BY CUSTOMER_ID LIMIT 2", self.nora)
        self.assertEqual(status, 200)
        self.assertEqual(headers["Content-Type"], "application/json")
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertEqual(set(answer), {"query_id", "source", "columns", "rows", "row_count", "truncated", "elapsed_ms",
                                       "applied"})
        self.assertEqual(answer["source"], "sales")
        self.assertEqual(answer["row_count"], 2)
        self.assertEqual(answer["columns"][0], {"name": "EMAIL", "type": "TEXT", "masked": True})
        self.assertEqual(answer["applied"]["row_filters"], ["CUSTOMERS"])
        self.assertTrue(all(email[1:4] == "***" and region == "NORTH" for email, region in answer["rows"]))

    def test_an_api_key_works_in_both_headers_and_not_when_changed(self):
        for headers in (bearer(self.majed.api_key), {"X-API-Key": self.majed.api_key}):
            status, _, answer = self.server.call("POST", QUERY, {"sql": "SELECT EMAIL FROM CUSTOMERS LIMIT 1"}, headers)
            self.assertEqual((status, answer["rows"]), (200, [[None]]))
        key = self.majed.api_key
        for wrong in (key[:-1] + ("0" if key[-1] != "0" else "1"), key[:20], "mv_", "x", ""):
            self.expect_problem(self.server.call("POST", QUERY, {"sql": "SELECT 1"}, bearer(wrong)), 401, "unauthenticated")

    def test_without_credentials_there_is_nothing(self):
        for method, path in (("POST", QUERY), ("POST", QUERY + "/check"), ("GET", "/api/v1/me"), ("POST", "/api/v1/logout")):
            answer = self.server.call(method, path, {"sql": "SELECT 1"} if method == "POST" else None)
            self.expect_problem(answer, 401, "unauthenticated")
            self.assertIn("Bearer", answer[1]["WWW-Authenticate"])
        both = {"Authorization": "Bearer " + self.admin, "X-API-Key": self.majed.api_key}
        self.expect_problem(self.server.call("POST", QUERY, {"sql": "SELECT 1"}, both), 400, "invalid_argument")

    def test_a_session_ends_with_logout(self):
        token = self.server.login("sam", self.majed.passwords["sam"])
        self.assertEqual(self.ask("SELECT 1", token)[0], 200)
        self.assertEqual(self.server.call("POST", "/api/v1/logout", headers=bearer(token))[0], 204)
        self.expect_problem(self.ask("SELECT 1", token), 401, "unauthenticated")

    def test_a_user_who_must_change_the_password_can_do_nothing_else(self):
        self.majed.run("user", "add", "newcomer", "--password-stdin", stdin="the first password\n")
        token = self.server.login("newcomer", "the first password")
        problem = self.expect_problem(self.ask("SELECT 1", token), 403, "denied")
        self.assertIn("/api/v1/password", problem["hint"])
        self.expect_problem(self.server.call("GET", "/api/v1/me", headers=bearer(token)), 403, "denied")
        change = {"current_password": "the first password", "new_password": "the second password"}
        other = self.server.login("newcomer", "the first password")
        self.expect_problem(self.server.call("POST", "/api/v1/password", {**change, "current_password": "wrong"},
                                             bearer(token)), 403, "denied")
        self.assertEqual(self.server.call("POST", "/api/v1/password", change, bearer(token))[0], 204)
        self.assertEqual(self.ask("SELECT 1", token)[0], 200)
        self.expect_problem(self.ask("SELECT 1", other), 401, "unauthenticated")

    def test_a_disabled_user_is_out_at_once(self):
        self.majed.run("user", "add", "leaver", "--keep-password", "--password-stdin", stdin="a fine password\n")
        token = self.server.login("leaver", "a fine password")
        self.assertEqual(self.ask("SELECT 1", token)[0], 200)
        self.majed.run("user", "disable", "leaver")
        self.expect_problem(self.ask("SELECT 1", token), 401, "unauthenticated")
        self.expect_problem(self.server.call("POST", "/api/v1/login", {"username": "leaver", "password": "a fine password"}),
                            401, "unauthenticated")

    def test_a_wrong_password_and_an_unknown_name_answer_alike_and_are_slowed_down(self):
        wrong = self.server.call("POST", "/api/v1/login", {"username": "sam", "password": "wrong"})
        unknown = self.server.call("POST", "/api/v1/login", {"username": "ghost", "password": "wrong"})
        self.expect_problem(wrong, 401, "unauthenticated")
        self.assertEqual(wrong[2]["detail"], unknown[2]["detail"])
        for _ in range(4):
            self.server.call("POST", "/api/v1/login", {"username": "ghost", "password": "wrong"})
        limited = self.server.call("POST", "/api/v1/login", {"username": "ghost", "password": "wrong"})
        problem = self.expect_problem(limited, 429, "rate_limited")
        self.assertEqual(int(limited[1]["Retry-After"]), problem["retry_after"])
        self.assertLessEqual(problem["retry_after"], 60)

    def test_parameters_and_limits_of_a_request(self):
        answer = self.ask("SELECT CUSTOMER_ID FROM CUSTOMERS WHERE REGION = ? ORDER BY 1", params=["EAST"], max_rows=2)[2]
        self.assertEqual((answer["row_count"], answer["truncated"]), (2, True))
        self.assertEqual(self.ask("SELECT :a", params={"a": 5}, source="sales")[2]["rows"], [[5]])
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        self.expect_problem(self.ask(endless, timeout_ms=200), 504, "timeout")

    def test_problems_name_code_and_place(self):
        problem = self.expect_problem(self.ask("SELECT * FRM x"), 400, "parse_error")
        self.assertEqual(problem["offset"], 9)
        self.expect_problem(self.ask("SELECT * FROM PRODUCTS", self.nora), 403, "denied")
        self.expect_problem(self.ask("DELETE FROM CUSTOMERS"), 403, "denied")
        self.assertEqual(self.ask("SELECT 1", source="nowhere")[0], 404)

    def test_denied_and_unknown_tables_look_the_same(self):
        for path in (QUERY, QUERY + "/check"):
            answers = []
            for table in ("PRODUCTS", "PRODUCTZ"):
                status, _, body = self.server.call("POST", path, {"sql": f"SELECT * FROM {table}"}, bearer(self.nora))
                body.pop("request_id", None)
                body.pop("fingerprint", None)
                answers.append((status, json.dumps(body).replace("PRODUCTZ", "PRODUCTS")))
            self.assertEqual(answers[0], answers[1])

    def test_check_shows_filters_to_admins_only(self):
        sql = {"sql": "SELECT EMAIL FROM CUSTOMERS"}
        status, _, report = self.server.call("POST", QUERY + "/check", sql, bearer(self.nora))
        self.assertEqual(status, 200)
        self.assertEqual((report["allowed"], report["class"], report["problems"]), (True, "read", []))
        self.assertEqual(report["tables"], [{"table": "CUSTOMERS", "columns": ["EMAIL"], "decision": "filter"}])
        self.assertNotIn("rewritten", report)
        _, _, report = self.server.call("POST", QUERY + "/check", sql, bearer(self.admin))
        self.assertIn("rewritten", report)

    def test_what_is_not_known_is_refused(self):
        for body in ({"sql": "SELECT 1", "maxrows": 1}, {"sql": "SELECT 1", "params": [[1]]}, {}, {"sql": 1}, [], "{",
                     {"sql": "SELECT 1", "max_rows": -1}):
            headers = {**bearer(self.admin), "Content-Type": "application/json"}
            self.expect_problem(self.server.call("POST", QUERY, body, headers), 400, "invalid_argument")
        self.expect_problem(self.server.call("POST", QUERY + "?x=1", {"sql": "SELECT 1"}, bearer(self.admin)), 400,
                            "invalid_argument")
        form = {**bearer(self.admin), "Content-Type": "application/x-www-form-urlencoded"}
        self.expect_problem(self.server.call("POST", QUERY, "sql=SELECT 1", form), 400, "invalid_argument")
        self.expect_problem(self.ask("SELECT 1", headers={"Accept": "image/png"}), 400, "invalid_argument")
        self.expect_problem(self.server.call("GET", "/api/v1/nothing"), 404, "not_found")
        wrong = self.server.call("GET", QUERY)
        self.assertEqual((wrong[0], wrong[1]["Allow"]), (405, "POST"))

    def test_rows_stream_as_ndjson_and_csv(self):
        sql = "SELECT ORDER_ID, STATUS FROM ORDERS ORDER BY ORDER_ID"
        status, headers, text = self.ask(sql, headers={"Accept": "application/x-ndjson"})
        lines = text.splitlines()
        self.assertEqual((status, headers["Transfer-Encoding"]), (200, "chunked"))
        self.assertEqual([column["name"] for column in json.loads(lines[0])["columns"]], ["ORDER_ID", "STATUS"])
        summary = json.loads(lines[-1])
        self.assertEqual((summary["row_count"], summary["truncated"], len(lines)), (10000, True, 10002))
        status, headers, text = self.ask(sql, headers={"Accept": "text/csv"})
        self.assertTrue(headers["Content-Type"].startswith("text/csv"))
        rows = list(csv.reader(io.StringIO(text)))
        self.assertEqual((rows[0], len(rows)), (["ORDER_ID", "STATUS"], 10001))

    def test_a_request_id_is_kept_when_it_is_harmless(self):
        self.assertEqual(self.ask("SELECT 1", headers={"X-Request-Id": "abc-1.2_3"})[1]["X-Request-Id"], "abc-1.2_3")
        self.assertNotEqual(self.ask("SELECT 1", headers={"X-Request-Id": "a b<c>"})[1]["X-Request-Id"], "a b<c>")

    def raw(self, *pieces, pause=0.0):
        """What comes back on a plain socket until it is closed."""
        with socket.create_connection((self.server.host, self.server.port), timeout=BOUND) as peer:
            for piece in pieces:
                peer.sendall(piece)
                time.sleep(pause)
            received = b""
            while chunk := peer.recv(65536):
                received += chunk
            return received.decode()

    def test_requests_that_are_too_large_are_refused(self):
        big = json.dumps({"sql": "SELECT '" + "x" * (1024 * 1024) + "'"})
        head = f"POST {QUERY} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(big)}\r\n\r\n".encode()
        self.assertIn(" 413 ", self.raw(head).splitlines()[0])
        long_head = b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Filler: " + b"y" * 20000 + b"\r\n\r\n"
        self.assertIn(" 413 ", self.raw(long_head).splitlines()[0])

    def test_what_is_not_http_is_answered_with_a_problem(self):
        answer = self.raw(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        self.assertIn(" 400 ", answer.splitlines()[0])
        self.assertIn("application/problem+json", answer)

    def test_two_credentials_of_a_kind_are_refused(self):
        answer = self.raw(b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-API-Key: a\r\nX-API-Key: b\r\n\r\n")
        self.assertIn(" 400 ", answer.splitlines()[0])

    def test_several_requests_on_one_connection_are_answered_in_order(self):
        one = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
        last = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        self.assertEqual(self.raw(one + one + last).count("HTTP/1.1 200 OK"), 3)

    def test_an_old_client_gets_rows_until_the_connection_closes(self):
        body = json.dumps({"sql": "SELECT ORDER_ID, STATUS, ORDER_DATE FROM ORDERS"})
        head = (f"POST {QUERY} HTTP/1.0\r\nAuthorization: Bearer {self.admin}\r\nContent-Type: application/json\r\n"
                f"Accept: text/csv\r\nContent-Length: {len(body)}\r\n\r\n")
        answer = self.raw((head + body).encode())
        self.assertNotIn("chunked", answer)
        self.assertEqual(answer.split("\r\n\r\n", 1)[1].count("\r\n"), 10001)

    def test_secrets_are_not_in_the_log(self):
        self.assertTrue(any("path=" in line and QUERY in line for line in self.server.log), self.server.log[:3])
        text = "".join(self.server.log)
        for secret in (self.admin, self.majed.api_key, self.majed.passwords["admin"]):
            self.assertNotIn(secret, text)


class Server(InstalledTest):
    def test_refuses_to_listen_beyond_loopback(self):
        done = self.majed.run("serve", "--listen", "0.0.0.0:0")
        self.assertEqual(done.returncode, 2)
        self.assertIn("allow_insecure_remote", done.stderr)
        self.assertEqual(self.majed.run("serve", "--listen", "nonsense").returncode, 2)

    def test_says_when_the_port_is_taken(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            done = self.majed.run("serve", "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
        self.assertEqual(done.returncode, 4)

    def test_stops_on_a_signal_after_the_answers_under_way(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.majed.serving() as server:
                idle = socket.create_connection((server.host, server.port), timeout=BOUND)
                token = server.login("admin", self.majed.passwords["admin"])
                busy = socket.create_connection((server.host, server.port), timeout=BOUND)
                body = json.dumps({"sql": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                                          "SELECT count(*) FROM n", "timeout_ms": 1500})
                busy.sendall((f"POST {QUERY} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: "
                              f"application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode())
                time.sleep(0.5)
                server.process.send_signal(number)
                received = b""
                while chunk := busy.recv(65536):
                    received += chunk
                self.assertIn(b" 504 ", received.splitlines()[0])
                self.assertEqual(server.process.wait(BOUND), 0)
                idle.close()
                busy.close()


if __name__ == "__main__":
    unittest.main()
