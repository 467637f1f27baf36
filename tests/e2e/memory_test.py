# SPDX-License-Identifier: Apache-2.0
"""What the gateway remembers for people: conversations, and the configuration an administrator sets while it runs."""
import contextlib
import json
import os
import sqlite3
import threading
import unittest
import urllib.parse

from majed_process import InstalledTest, bearer

PLAIN = "the quick brown question"
ANSWER = "jumps over the lazy answer"


class MemoryTest(InstalledTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.running = contextlib.ExitStack()
        cls.addClassCleanup(cls.running.close)
        cls.serve()
        cls.admin, cls.nora, cls.sam = (bearer(cls.server.login(name, cls.majed.passwords[name]))
                                        for name in ("admin", "nora", "sam"))

    @classmethod
    def serve(cls):
        """Again: a restart."""
        cls.running.close()
        cls.server = cls.running.enter_context(cls.majed.serving())

    def call(self, method, path, body=None, who=None):
        return self.server.call(method, "/api/v1" + path, body, self.nora if who is None else who)

    def expect(self, answer, status, code=None):
        self.assertEqual(answer[0], status, answer)
        if code:
            self.assertEqual(answer[2]["code"], code, answer)
        return answer[2]

    def said(self, message, who=None, **more):
        return self.expect(self.call("POST", "/conversations", {"message": message, **more}, who), 201)

    def store(self, sql, *values):
        with contextlib.closing(sqlite3.connect(self.majed.path("majed.db"))) as store, store:
            store.row_factory = sqlite3.Row
            return store.execute(sql, values).fetchall()

    def everything(self):
        """The bytes of every file of the installation, but the logins that were printed."""
        found = b""
        for name in os.listdir(self.majed.folder):
            with open(self.majed.path(name), "rb") as file:
                found += file.read()
        return found

    # Conversations

    def test_a_conversation_outlives_a_restart_and_lies_nowhere_in_plain_text(self):
        turn = self.said(PLAIN, response=ANSWER, tools_used=["run_sql"], execution_time_ms=3.5)
        self.assertEqual({name: turn[name] for name in ("message", "response", "tools_used", "execution_time_ms")},
                         {"message": PLAIN, "response": ANSWER, "tools_used": ["run_sql"], "execution_time_ms": 3.5})
        session = turn["session_id"]
        self.said("and then?", session_id=session)
        self.serve()
        listed = self.expect(self.call("GET", "/conversations"), 200)
        self.assertEqual(listed["items"][0]["session_id"], session)
        self.assertEqual((listed["items"][0]["title"], listed["items"][0]["turns"]), (PLAIN, 2))
        page = self.expect(self.call("GET", f"/conversations/{session}?limit=1"), 200)
        self.assertEqual(page["items"], [turn])
        rest = self.expect(self.call("GET", f"/conversations/{session}?limit=1&cursor={page['next']}"), 200)
        self.assertEqual(([one["message"] for one in rest["items"]], rest["next"]), (["and then?"], None))
        sealed = self.store("SELECT message FROM conversations WHERE id = ?", turn["id"])[0]["message"].encode()
        everything = self.everything()
        self.assertIn(sealed, everything)
        for text in PLAIN, ANSWER, "and then?":
            self.assertNotIn(text.encode(), everything)
        self.assertNotIn(PLAIN, "".join(self.server.log))
        self.expect(self.call("DELETE", f"/conversations/{session}"), 204)
        self.expect(self.call("GET", f"/conversations/{session}"), 404, "not_found")
        self.assertNotIn(sealed[16:56], self.everything())
        records = self.store("SELECT * FROM audit_log WHERE resource = 'conversation' AND resource_id = ?", session)
        self.assertEqual([(row["action"], row["phase"]) for row in records],
                         [("conversation.add", "intent"), ("conversation.add", "outcome")] * 2
                         + [("conversation.delete", "intent"), ("conversation.delete", "outcome")])
        self.assertEqual(json.loads(records[-1]["details"]), {"before": {"turns": 2}, "after": None})

    def test_nobody_sees_those_of_others(self):
        session = self.said("of nora", session_id="shared name / 1")["session_id"]
        path = "/conversations/" + urllib.parse.quote(session, safe="")
        self.expect(self.call("GET", path), 200)
        unknown = self.expect(self.call("GET", "/conversations/unknown", who=self.sam), 404, "not_found")
        for who in self.sam, self.admin:
            for method in "GET", "DELETE":
                foreign = self.expect(self.call(method, path, who=who), 404, "not_found")
                self.assertEqual({**foreign, "request_id": ""}, {**unknown, "request_id": ""})
        self.said("of sam", self.sam, session_id=session)
        turns = self.expect(self.call("GET", path), 200)["items"]
        self.assertEqual([turn["message"] for turn in turns], ["of nora"])
        client = {"X-API-Key": self.majed.api_key}
        for method, at, body in (("GET", "/conversations", None), ("POST", "/conversations", {"message": "x"}),
                                 ("GET", path, None), ("DELETE", path, None)):
            refused = self.expect(self.call(method, at, body, client), 403, "denied")
            self.assertIn("log in", refused["hint"])
            self.expect(self.call(method, at, body, {"X-Request-Id": "nobody"}), 401, "unauthenticated")

    def test_a_list_goes_on_as_it_was_while_others_write(self):
        for number in range(5):
            self.said(str(number), self.sam, session_id=f"page {number}")
        first = self.expect(self.call("GET", "/conversations?limit=2", who=self.sam), 200)
        self.said("again", self.sam, session_id="page 0")
        self.said("new", self.sam, session_id="page 9")
        rest = self.expect(self.call("GET", f"/conversations?limit=100&cursor={first['next']}", who=self.sam), 200)
        names = [one["session_id"] for one in first["items"] + rest["items"] if one["session_id"].startswith("page")]
        self.assertEqual(names, ["page 4", "page 3", "page 2", "page 1", "page 0"])

    def test_bad_turns_and_pages_are_refused(self):
        for body in ({}, {"message": ""}, {"message": 1}, {"message": "x" * 65537}, {"message": "x", "session_id": ""},
                     {"message": "x", "session_id": "a\nb"}, {"message": "x", "tools_used": ["t"] * 65},
                     {"message": "x", "tools_used": [""]}, {"message": "x", "execution_time_ms": -1},
                     {"message": "x", "user_id": 1}, {"message": "x", "session_id": "s" * 256}):
            self.expect(self.call("POST", "/conversations", body), 400, "invalid_argument")
        for query in "limit=0", "limit=101", "limit=x", "cursor=x", "cursor=", "offset=1", "cursor=dDE":
            self.expect(self.call("GET", "/conversations?" + query), 400, "invalid_argument")
        turns_cursor = "czEuMg"
        self.said("x", session_id="paged")
        self.expect(self.call("GET", "/conversations/paged?cursor=" + turns_cursor), 400, "invalid_argument")

    def test_one_that_was_tampered_with_is_an_error_where_it_is(self):
        first, second = (self.said(text, session_id="tampered")["id"] for text in ("one", "two"))
        self.store("UPDATE conversations SET message = (SELECT message FROM conversations WHERE id = ?) WHERE id = ?",
                   second, first)
        turns = self.expect(self.call("GET", "/conversations/tampered"), 200)["items"]
        self.assertEqual([turn["message"] for turn in turns], [None, "two"])
        self.assertEqual(turns[0]["error"]["code"], "conflict")
        listed = {one["session_id"]: one for one in self.expect(self.call("GET", "/conversations"), 200)["items"]}
        self.assertEqual((listed["tampered"]["title"], listed["tampered"]["error"]["code"]), (None, "conflict"))

    def test_they_go_with_their_user(self):
        words = "gravel teapot ninety"
        made = self.expect(self.call("POST", "/users", {"username": "gone", "password": words,
                                                        "must_change_password": False}, self.admin), 201)
        self.said("of gone", bearer(self.server.login("gone", words)))
        self.expect(self.call("DELETE", f"/users/{made['id']}", who=self.admin), 204)
        self.assertEqual(self.store("SELECT id FROM conversations WHERE user_id = ?", made["id"]), [])

    def test_what_has_expired_goes_at_the_start_and_is_audited(self):
        old = self.said("old", session_id="expiring")["id"]
        self.said("young", session_id="expiring")
        self.running.close()
        self.store("UPDATE conversations SET created_at = '2020-01-01T00:00:00.000Z' WHERE id = ?", old)
        self.serve()
        records = []
        for _ in range(500):
            records = self.store("SELECT * FROM audit_log WHERE action = 'conversations.expire' AND phase = 'outcome'")
            if records:
                break
            threading.Event().wait(0.02)
        turns = self.expect(self.call("GET", "/conversations/expiring"), 200)["items"]
        self.assertEqual([turn["message"] for turn in turns], ["young"])
        self.assertEqual([(row["username"], row["success"], json.loads(row["details"])["after"]) for row in records],
                         [("majed", 1, {"deleted": 1})])
        self.assertIn("records are as written", self.majed.run("audit", "verify").stdout)

    # Configuration

    def test_an_administrator_sets_and_resets_with_a_history(self):
        path = "/configuration/conversations.max_turns"
        items = self.expect(self.call("GET", "/configuration", who=self.admin), 200)["items"]
        self.assertEqual([item["key"] for item in items],
                         ["conversations.enabled", "conversations.retention", "conversations.max_turns", "audit.retention"])
        most = 1 + self.store("SELECT count(*) AS turns FROM conversations WHERE user_id ="
                              " (SELECT id FROM users WHERE username = 'sam')")[0]["turns"]
        item = self.expect(self.call("PUT", path, {"value": most}, self.admin), 200)
        self.assertEqual((item["value"], item["default"], item["set"], item["updated_by"]), (most, 10000, True, "admin"))
        self.said("one", self.sam)
        refused = self.expect(self.call("POST", "/conversations", {"message": "two"}, self.sam), 409, "conflict")
        self.assertIn("DELETE", refused["hint"])
        self.serve()
        shown = self.expect(self.call("GET", path, who=self.admin), 200)
        self.assertEqual((shown["value"], shown["history"][0]["new"], shown["history"][0]["changed_by"]),
                         (most, most, "admin"))
        for _ in range(2):
            self.expect(self.call("DELETE", path, who=self.admin), 204)
        self.said("two", self.sam)
        shown = self.expect(self.call("GET", path, who=self.admin), 200)
        self.assertEqual((shown["value"], shown["set"], shown["updated_by"]), (10000, False, None))
        self.assertEqual([(one["old"], one["new"]) for one in shown["history"]], [(most, None), (None, most)])
        resets = self.store("SELECT * FROM audit_log WHERE action = 'configuration.reset' AND phase = 'outcome'"
                            " AND resource_id = 'conversations.max_turns'")
        self.assertEqual(len(resets), 2, "also the one that changed nothing")
        self.assertEqual(json.loads(resets[0]["details"])["before"], {"value": str(most), "set": True})

    def test_conversations_can_be_turned_off(self):
        self.said("before", session_id="off")
        self.expect(self.call("PUT", "/configuration/conversations.enabled", {"value": False}, self.admin), 200)
        refused = self.expect(self.call("POST", "/conversations", {"message": "after"}), 403, "denied")
        self.assertIn("conversations.enabled", refused["hint"])
        self.expect(self.call("GET", "/conversations/off"), 200)
        self.expect(self.call("DELETE", "/conversations/off"), 204)
        self.expect(self.call("DELETE", "/configuration/conversations.enabled", who=self.admin), 204)
        self.said("after")

    def test_unknown_keys_and_bad_values_are_refused(self):
        for method, body in (("GET", None), ("PUT", {"value": 1}), ("DELETE", None)):
            refused = self.expect(self.call(method, "/configuration/audit.retentoin", body, self.admin), 404, "not_found")
            self.assertIn("audit.retention", refused["hint"])
        for key, value in (("conversations.enabled", 1), ("conversations.enabled", "true"), ("conversations.max_turns", 0),
                           ("conversations.max_turns", 1.5), ("conversations.retention", "5m"), ("audit.retention", "1d"),
                           ("conversations.retention", 0), ("conversations.retention", None)):
            refused = self.expect(self.call("PUT", "/configuration/" + key, {"value": value}, self.admin), 400,
                                  "invalid_argument")
            self.assertIn("expected", refused["detail"])
        self.expect(self.call("PUT", "/configuration/audit.retention", {}, self.admin), 400, "invalid_argument")
        self.assertEqual(self.store("SELECT key FROM configuration WHERE key LIKE 'audit.%'"), [])

    def test_nobody_else_configures(self):
        for who in self.nora, self.sam, {"X-API-Key": self.majed.api_key}:
            for method, path in (("GET", "/configuration"), ("GET", "/configuration/audit.retention"),
                                 ("PUT", "/configuration/audit.retention"), ("DELETE", "/configuration/audit.retention")):
                self.expect(self.call(method, path, who=who), 403, "denied")


if __name__ == "__main__":
    unittest.main()
