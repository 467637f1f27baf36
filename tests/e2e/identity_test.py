# SPDX-License-Identifier: Apache-2.0
"""Users, logins, integration clients and their proofs, over HTTP and the command line together."""
import base64
import contextlib
import json
import re
import sqlite3
import subprocess
import tempfile
import unittest
import urllib.parse

from majed_process import BOUND, PROGRAM, InstalledTest, bearer

WORDS = "gravel teapot ninety"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class IdentityTest(InstalledTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.enterClassContext(cls.majed.serving())
        cls.admin = bearer(cls.server.login("admin", cls.majed.passwords["admin"]))

    def expect(self, answer, status, code=None):
        self.assertEqual(answer[0], status, answer)
        if code:
            self.assertEqual(answer[2]["code"], code, answer)
        return answer[2]

    def call(self, method, path, body=None, who=None):
        return self.server.call(method, "/api/v1" + path, body, self.admin if who is None else who)

    def records(self, action):
        with contextlib.closing(sqlite3.connect(self.majed.path("majed.db"))) as store:
            store.row_factory = sqlite3.Row
            return store.execute("SELECT * FROM audit_log WHERE action = ? ORDER BY id", (action,)).fetchall()

    def new_user(self, name, **more):
        return self.expect(self.call("POST", "/users", {"username": name, "password": WORDS,
                                                        "must_change_password": False, **more}), 201)

    def token_for(self, form=None, headers=None):
        return self.server.call("POST", "/api/v1/oauth/token", urllib.parse.urlencode(form or {}), {**FORM, **(headers or {})})

    # Users

    def test_an_administrator_makes_changes_and_deletes_users(self):
        made = self.new_user("uma", role="superuser", attributes={"regions": ["NORTH"]})
        path = f"/users/{made['id']}"
        self.assertEqual(made["attributes"], {"regions": ["NORTH"]})
        self.assertIn("uma", [user["username"] for user in self.expect(self.call("GET", "/users"), 200)["items"]])
        uma = bearer(self.server.login("uma", WORDS))
        changed = self.expect(self.call("PATCH", path, {"role": "normal", "attributes": {"regions": [], "region": ["EAST"]}}), 200)
        self.assertEqual((changed["role"], changed["attributes"]), ("normal", {"region": ["EAST"]}))
        me = self.expect(self.call("GET", "/me", who=uma), 200)
        self.assertEqual(me["attributes"], {"region": ["EAST"]}, "a session has them at once")
        self.expect(self.call("PATCH", path, {"active": False}), 200)
        self.expect(self.call("GET", "/me", who=uma), 401, "unauthenticated")
        self.expect(self.call("PATCH", path, {"active": True}), 200)
        self.expect(self.call("GET", "/me", who=uma), 401, "unauthenticated")
        self.expect(self.call("DELETE", path), 204)
        self.expect(self.call("GET", path), 404, "not_found")
        self.expect(self.call("POST", "/login", {"username": "uma", "password": WORDS}), 401, "unauthenticated")
        self.expect(self.call("POST", "/users", {"username": "uma", "password": WORDS}), 409, "conflict")

    def test_changes_are_audited_with_before_and_after_and_who(self):
        made = self.new_user("vera")
        self.expect(self.call("PATCH", f"/users/{made['id']}", {"role": "superuser"}), 200)
        intent, outcome = [row for row in self.records("user.set_role") if row["resource_id"] == "vera"]
        self.assertEqual((intent["phase"], outcome["phase"], outcome["username"], outcome["success"]),
                         ("intent", "outcome", "admin", 1))
        self.assertEqual(intent["event_id"], outcome["event_id"])
        details = json.loads(outcome["details"])
        self.assertEqual((details["before"]["role"], details["after"]["role"]), ("normal", "superuser"))
        self.assertEqual(outcome["ip_address"], "127.0.0.1")
        for row in self.records("user.add"):
            self.assertNotIn("argon2id", row["details"] or "")
            self.assertNotIn(WORDS, row["details"] or "")

    def test_nobody_else_may(self):
        nora = bearer(self.server.login("nora", self.majed.passwords["nora"]))
        sam = bearer(self.server.login("sam", self.majed.passwords["sam"]))
        for who in nora, sam, {"X-API-Key": self.majed.api_key}:
            for method, path in (("GET", "/users"), ("POST", "/users"), ("GET", "/users/1"), ("PATCH", "/users/1"),
                                 ("DELETE", "/users/1"), ("GET", "/clients"), ("POST", "/clients"),
                                 ("POST", "/clients/x/rotate"), ("PATCH", "/clients/x"), ("DELETE", "/clients/x"),
                                 ("GET", "/audit"), ("GET", "/audit/verify")):
                self.expect(self.call(method, path, who=who), 403, "denied")
                self.expect(self.call(method, path, who={"X-Request-Id": "nobody"}), 401, "unauthenticated")

    def test_the_last_administrator_stays(self):
        admin = next(user for user in self.expect(self.call("GET", "/users"), 200)["items"] if user["username"] == "admin")
        path = f"/users/{admin['id']}"
        for method, body in (("PATCH", {"role": "normal"}), ("PATCH", {"active": False}), ("DELETE", None)):
            self.expect(self.call(method, path, body), 409, "conflict")
        self.assertIn("last active administrator", self.majed.run("user", "disable", "admin").stderr)

    def test_bad_bodies_and_ids_are_refused(self):
        for body in ({}, {"username": "x"}, {"username": "x", "password": WORDS, "role": "king"},
                     {"username": "x", "password": WORDS, "attributes": {"a": "b"}}, {"username": "x", "password": WORDS, "more": 1},
                     {"username": "x", "password": "short"}, {"username": "x", "password": "password1234"}):
            self.expect(self.call("POST", "/users", body), 400, "invalid_argument")
        for path in ("/users/x", "/users/99999", "/users/1%00", "/users/18446744073709551617"):
            self.assertIn(self.call("GET", path)[0], (400, 404), path)
        status, headers, _ = self.call("PUT", "/users")
        self.assertEqual((status, headers["Allow"]), (405, "GET, POST"))
        self.expect(self.call("GET", "/users?limit=1"), 400, "invalid_argument")

    # Passwords and sessions

    def test_a_password_set_by_an_administrator_must_be_changed(self):
        made = self.new_user("wim")
        before = bearer(self.server.login("wim", WORDS))
        self.expect(self.call("PATCH", f"/users/{made['id']}", {"password": "other words at sea"}), 200)
        self.expect(self.call("GET", "/me", who=before), 401, "unauthenticated")
        wim = bearer(self.server.login("wim", "other words at sea"))
        for method, path in (("GET", "/me"), ("POST", "/query"), ("GET", "/sessions")):
            self.expect(self.call(method, path, who=wim), 403, "denied")
        change = {"current_password": "other words at sea", "new_password": "third words at home"}
        self.expect(self.call("POST", "/password", {**change, "new_password": "password1234"}, wim), 400, "invalid_argument")
        self.expect(self.call("POST", "/password", {**change, "current_password": "wrong words here"}, wim), 403, "denied")
        self.expect(self.call("POST", "/password", change, wim), 204)
        self.expect(self.call("GET", "/me", who=wim), 200)

    def test_sessions_are_listed_and_ended_by_their_owner(self):
        self.new_user("xena")
        first, second = (bearer(self.server.login("xena", WORDS)) for _ in range(2))
        listed = self.expect(self.call("GET", "/sessions", who=first), 200)["items"]
        self.assertEqual(len(listed), 2)
        self.assertEqual(set(listed[0]), {"id", "ip_address", "user_agent", "created_at", "last_used_at", "expires_at"})
        nora = bearer(self.server.login("nora", self.majed.passwords["nora"]))
        self.expect(self.call("DELETE", "/sessions/" + listed[0]["id"], who=nora), 404, "not_found")
        for session in listed:
            self.call("DELETE", "/sessions/" + session["id"], who=first)
        for who in first, second:
            self.assertEqual(self.call("GET", "/me", who=who)[0], 401)

    def test_a_session_outlives_a_restart(self):
        with self.majed.serving() as other:
            sam = bearer(other.login("sam", self.majed.passwords["sam"]))
        with self.majed.serving() as again:
            self.assertEqual(again.call("GET", "/api/v1/me", headers=sam)[0], 200)
        self.expect(self.call("POST", "/logout", who=sam), 204)
        self.expect(self.call("GET", "/me", who=sam), 401, "unauthenticated")

    def test_guesses_are_slowed_down_and_answered_alike(self):
        self.new_user("yves")
        answers = [self.call("POST", "/login", {"username": name, "password": "wrong words here"})
                   for name in ("yves", "nobody at all")]
        self.assertEqual([(a[0], a[2]["detail"], a[2]["code"]) for a in answers][0],
                         [(a[0], a[2]["detail"], a[2]["code"]) for a in answers][1])
        for _ in range(5):
            last = self.call("POST", "/login", {"username": "yves", "password": "wrong words here"})
        self.expect(last, 429, "rate_limited")
        self.assertGreaterEqual(int(last[1]["Retry-After"]), 1)
        self.assertLessEqual(int(last[1]["Retry-After"]), 2, "and it ends by itself")

    # Integration clients

    def test_a_client_gets_short_lived_tokens_for_its_secret(self):
        made = self.expect(self.call("POST", "/clients", {"client_name": "reporting"}), 201)
        form = {"grant_type": "client_credentials", "client_id": made["client_id"], "client_secret": made["client_secret"]}
        status, headers, token = self.token_for(form)
        self.assertEqual((status, token["token_type"], token["expires_in"], headers["Cache-Control"]),
                         (200, "Bearer", 900, "no-store"))
        me = self.expect(self.call("GET", "/me", who=bearer(token["access_token"])), 200)
        self.assertEqual((me["name"], me["roles"]), (made["client_id"], ["integration"]))
        basic = base64.b64encode(f"{made['client_id']}:{made['client_secret']}".encode()).decode()
        by_basic = self.token_for({"grant_type": "client_credentials"}, {"Authorization": "Basic " + basic})
        self.assertEqual(by_basic[0], 200, by_basic)
        wrong = self.token_for({**form, "client_secret": "wrong"})
        unknown = self.token_for({**form, "client_id": "cl_nobody"})
        self.expect(wrong, 401, "unauthenticated")
        self.assertEqual(wrong[2]["detail"], unknown[2]["detail"])
        for bad in ({}, {**form, "grant_type": "password"}, {**form, "scope": "all"}, {"grant_type": "client_credentials"}):
            self.expect(self.token_for(bad), 400, "invalid_argument")
        self.expect(self.call("DELETE", "/clients/" + made["client_id"]), 204)
        self.expect(self.call("GET", "/me", who=bearer(token["access_token"])), 401, "unauthenticated")
        self.expect(self.token_for(form), 401, "unauthenticated")
        self.assertEqual([row["success"] for row in self.records("token.issue") if row["resource_id"] == "cl_nobody"], [0])

    def test_two_keys_are_good_while_a_client_is_rotated(self):
        first = self.expect(self.call("POST", "/clients", {"client_name": "mobile", "expires_in": 86400}), 201)
        self.assertRegex(first["expires_at"], r"^\d{4}-\d\d-\d\dT[\d:.]+Z$")
        path = f"/clients/{first['client_id']}/rotate"
        second = self.expect(self.call("POST", path), 200)
        self.assertRegex(second["previous_valid_until"], r"^\d{4}-\d\d-\d\dT")
        for made in first, second:
            self.expect(self.call("GET", "/me", who={"X-API-Key": made["api_key"]}), 200)
        third = self.expect(self.call("POST", path, {"overlap": 0}), 200)
        for made, status in (first, 401), (second, 401), (third, 200):
            self.assertEqual(self.call("GET", "/me", who={"X-API-Key": made["api_key"]})[0], status)
        listed = {one["client_id"]: one for one in self.expect(self.call("GET", "/clients"), 200)["items"]}
        self.assertIsNotNone(listed[first["client_id"]]["last_used_at"])
        self.assertNotIn("api_key", listed[first["client_id"]])
        self.expect(self.call("PATCH", "/clients/" + first["client_id"], {"active": True}), 400, "invalid_argument")
        self.assertFalse(self.expect(self.call("PATCH", "/clients/" + first["client_id"], {"active": False}), 200)["active"])
        self.expect(self.call("GET", "/me", who={"X-API-Key": third["api_key"]}), 401, "unauthenticated")

    # The audit from afar

    def test_the_audit_is_read_in_pages_and_checked(self):
        for _ in range(3):
            self.new_user(f"many{_}")
        first = self.expect(self.call("GET", "/audit?action=user.add&limit=2"), 200)
        self.assertEqual([(row["action"], row["phase"]) for row in first["items"]], [("user.add", "outcome"), ("user.add", "intent")])
        self.assertEqual(first["items"][0]["details"]["sensitive"]["after"]["username"], "many2")
        second = self.expect(self.call("GET", "/audit?action=user.*&limit=2&cursor=" + first["next"]), 200)
        self.assertLess(second["items"][0]["id"], first["items"][1]["id"])
        oldest = self.expect(self.call("GET", "/audit?order=oldest&limit=1&success=true"), 200)
        self.assertEqual(oldest["items"][0]["username"], "local")
        for bad in ("limit=0", "limit=x", "limit=1001", "cursor=zz", "cursor=cjF4", "order=up", "success=1", "since=today", "who=x"):
            self.expect(self.call("GET", "/audit?" + bad), 400, "invalid_argument")
        report = self.expect(self.call("GET", "/audit/verify"), 200)
        self.assertTrue(report["intact"], report)
        self.assertEqual([row["success"] for row in self.records("audit.verify")], [1])
        self.assertGreaterEqual(len(self.records("audit.read")), 3)

    def test_no_secret_is_in_a_file_or_a_log(self):
        made = self.expect(self.call("POST", "/clients", {"client_name": "quiet"}), 201)
        # A secret may itself hold or begin with "_": what is between the public id and the checksum, whatever it is.
        secrets = [made["client_secret"], re.fullmatch(r"mv_[0-9a-f]{12}_(.{43})_[0-9a-f]{8}", made["api_key"])[1],
                   self.admin["Authorization"].removeprefix("Bearer ms_"), WORDS]
        kept = "".join(self.server.log).encode()
        for name in ("majed.db", "majed.db-wal", "majed.heads"):
            with open(self.majed.path(name), "rb") as file:
                kept += file.read()
        for secret in secrets:
            self.assertNotIn(secret.encode(), kept)


class FirstAdministrator(unittest.TestCase):
    def test_comes_from_init_with_a_password_shown_once_that_must_be_changed(self):
        with tempfile.TemporaryDirectory(prefix="majed_e2e_") as folder:
            made = subprocess.run([PROGRAM, "init", "--dir", folder], capture_output=True, text=True, timeout=BOUND, check=True)
            password = re.search(r"^  admin +password +(\S+)$", made.stdout, re.M).group(1)
            self.assertEqual(len(password), 20)
            shown = subprocess.run([PROGRAM, "user", "show", "admin", "--json"], capture_output=True, text=True, timeout=BOUND,
                                   check=True, env={"MAJED_CONFIG": folder + "/majed.toml", "PATH": "/usr/bin"})
            self.assertEqual([json.loads(shown.stdout)[name] for name in ("role", "must_change_password")], ["admin", True])
            with contextlib.closing(sqlite3.connect(folder + "/majed.db")) as store:
                self.assertEqual(store.execute("SELECT phase, username FROM audit_log WHERE action = 'user.add'").fetchall(),
                                 [("intent", "local"), ("outcome", "local")])
            for name in ("majed.db", "majed.toml", "majed.heads"):
                with open(f"{folder}/{name}", "rb") as file:
                    self.assertNotIn(password.encode(), file.read())


if __name__ == "__main__":
    unittest.main()
