# SPDX-License-Identifier: Apache-2.0
"""What a server is kept busy with until it is killed, and what each answer promises.

An activity is a function of a Worker that makes one call; new ones go into LOAD. A call that was answered as done leaves a
Promise, which must hold for whoever opens the store afterwards.
"""
import http.client
import random
import threading
import urllib.parse

from majed_process import bearer

WORDS = "gravel teapot ninety"


class Promise:
    """`action` is audited with intent and outcome; `in_store(store)` and `over_http(server)` say whether it can be seen."""

    def __init__(self, call, action, in_store=None, over_http=None):
        self.call, self.action, self.in_store, self.over_http = call, action, in_store, over_http


class Worker(threading.Thread):
    """Does what chance says, one call after the other, until the server is gone."""

    def __init__(self, name, server, admin, load, chance):
        super().__init__(daemon=True)
        self.name, self.server, self.admin, self.load = name, server, admin, load
        self.chance = random.Random(chance.random())
        self.user = {}       # Its own: nobody else changes it.
        self.clients = []    # As they were answered last: a rotation that was not answered leaves that good, too.
        self.promises, self.wrong, self.skipped = [], [], set()
        self.calls = 0

    def run(self):
        activities, weights = zip(*self.load)
        while True:
            activity = self.chance.choices(activities, weights)[0]
            self.last = f"{self.name}-{self.calls}"
            self.calls += 1
            try:
                activity(self)
            except (OSError, http.client.HTTPException):
                return  # Killed: what became of this call nobody was told.

    def ask(self, method, path, body=None, who=None, expect=200, headers=None):
        """The answer; None when it is not what was expected, which is kept."""
        sent = {**(self.admin if who is None else who), "X-Request-Id": self.last, **(headers or {})}
        status, _, answer = self.server.call(method, path, body, sent)
        if status == expect:
            return answer
        self.wrong.append((self.last, method, path, status, answer))
        return None

    def if_offered(self, method, path, body, expect):
        """As ask, for what this program may not have yet."""
        seen = len(self.wrong)
        answer = self.ask(method, path, body, expect=expect)
        if answer is None and self.wrong[seen][3] == 404:
            del self.wrong[seen:]
            self.skipped.add(path.split("/")[3])
        return answer

    def promise(self, action, **seen):
        self.promises.append(Promise(self.last, action, **seen))


def one(store, sql, *values):
    row = store.execute(sql, values).fetchone()
    return row[0] if row else None


def read_normally(worker):
    worker.ask("POST", "/api/v1/query", {"sql": "SELECT count(*) FROM CUSTOMERS WHERE REGION = 'NORTH'"})


def read_strictly(worker):
    sql = worker.chance.choice(("SELECT count(*) FROM PRODUCTS",
                                "SELECT count(*) FROM CUSTOMERS WHERE EXISTS (SELECT 1 FROM PRODUCTS)"))
    if worker.ask("POST", "/api/v1/query", {"sql": sql}) is not None:
        worker.promise("query")


def add_user(worker):
    name = "u-" + worker.last
    if worker.ask("POST", "/api/v1/users", {"username": name, "password": WORDS, "attributes": {"region": ["EAST"]}}, expect=201):
        worker.promise("user.add", in_store=lambda store: one(store, "SELECT count(*) FROM users WHERE username = ?", name) == 1)


def set_attribute(worker):
    """The value is the name of the call that set it: the store tells by itself which one it holds."""
    name, value = worker.user["username"], worker.last
    if worker.ask("PATCH", f"/api/v1/users/{worker.user['id']}", {"attributes": {"call": [value]}}):
        def stored(store):
            held = one(store, "SELECT value FROM user_attributes JOIN users ON users.id = user_id"
                              " WHERE username = ? AND name = 'call'", name)
            if held is None or held.rsplit("-", 1)[0] != worker.name:
                return False
            return int(held.rsplit("-", 1)[1]) >= int(value.rsplit("-", 1)[1])
        worker.promise("user.set_attribute", in_store=stored)


def disable_user(worker):
    name = "d-" + worker.last
    made = worker.ask("POST", "/api/v1/users", {"username": name, "password": WORDS}, expect=201)
    worker.last += "-off"
    if made and worker.ask("PATCH", f"/api/v1/users/{made['id']}", {"active": False}):
        worker.promise("user.disable", in_store=lambda store: one(store, "SELECT active FROM users WHERE username = ?", name) == 0)


def add_client(worker):
    made = worker.ask("POST", "/api/v1/clients", {"client_name": "c-" + worker.last}, expect=201)
    if made:
        worker.clients.append(made)
        worker.promise("client.add", in_store=lambda store: one(
            store, "SELECT count(*) FROM integration_clients WHERE client_id = ? AND active", made["client_id"]) == 1)


def rotate_client(worker):
    if not worker.clients:
        return add_client(worker)
    place = worker.chance.randrange(len(worker.clients))
    made = worker.ask("POST", f"/api/v1/clients/{worker.clients[place]['client_id']}/rotate", {"overlap": 3600})
    if made:
        worker.clients[place] = made
        worker.promise("client.rotate")
    return None


def issue_token(worker):
    if not worker.clients:
        return add_client(worker)
    made = worker.chance.choice(worker.clients)
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": made["client_id"],
                                   "client_secret": made["client_secret"]})
    token = worker.ask("POST", "/api/v1/oauth/token", form, who={}, headers={"Content-Type": "application/x-www-form-urlencoded"})
    if token:
        worker.promise("token.issue", over_http=lambda server: good(server, bearer(token["access_token"])))
    return None


def log_in(worker):
    answer = worker.ask("POST", "/api/v1/login", {"username": worker.user["username"], "password": WORDS}, who={})
    if answer:
        worker.promise("login", over_http=lambda server: good(server, bearer(answer["token"])))


def set_configuration(worker):
    value = f"{worker.chance.randrange(1000, 9000)}h"
    if worker.if_offered("PUT", "/api/v1/configuration/conversations.retention", {"value": value}, expect=200):
        worker.promise("configuration.set")


def add_turn(worker):
    answer = worker.if_offered("POST", "/api/v1/conversations", {"message": "asked by " + worker.last}, expect=201)
    if answer:
        who, path = worker.admin, "/api/v1/conversations/" + answer["session_id"]
        worker.promise("conversation.add", over_http=lambda server: server.call("GET", path, headers=who)[0] == 200)


def good(server, credential):
    return server.call("GET", "/api/v1/me", headers=credential)[0] == 200


# Activity and how often it is chosen beside the others.
LOAD = [
    (read_normally, 30),
    (read_strictly, 30),
    (set_attribute, 12),
    (add_client, 6),
    (rotate_client, 6),
    (issue_token, 6),
    (add_user, 1),      # A password is hashed: slow, and meant to be.
    (disable_user, 1),
    (log_in, 2),
    (set_configuration, 6),
    (add_turn, 6),
]
