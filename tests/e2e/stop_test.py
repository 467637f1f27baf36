#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The end of a server comes in bounded time, whatever hangs."""
import contextlib
import http.client
import signal
import socket
import threading
import time
import unittest

from majed_process import InstalledTest, bearer

# Grace and what is left after it, and patience for a loaded machine; far below what would be waited for otherwise.
SOON = 30
NEVER = "10m"


class Stop(InstalledTest):
    def configured(self, name, addition="", change=lambda text: text):
        path = self.majed.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(change(self.majed.read("majed.toml")) + addition)
        return path

    def stopped(self, server):
        """Seconds from the order to the end, and the exit code."""
        told = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        code = server.process.wait(SOON * 2)
        return time.monotonic() - told, code

    def test_a_statement_that_runs_on_is_interrupted_when_the_grace_is_over(self):
        def impatient(text):
            return text.replace("[server]\n", '[server]\nstop_grace = "1s"\n') \
                       .replace('statement_timeout = "30s"', f'statement_timeout = "{NEVER}"')
        with self.majed.serving("--config", self.configured("busy.toml", change=impatient)) as server:
            token = server.login("admin", self.majed.passwords["admin"])

            def ask():
                with contextlib.suppress(OSError, http.client.HTTPException):
                    server.call("POST", "/api/v1/query", {"sql": "SELECT count(*) FROM ORDERS a, ORDERS b, ORDERS c "
                                "WHERE a.ORDER_ID + b.ORDER_ID + c.ORDER_ID = -1"}, bearer(token))
            asking = threading.Thread(target=ask)
            asking.start()
            while 'db_client_connection_count{source="sales",state="used"} 1' not in server.call("GET", "/metrics")[2]:
                time.sleep(0.05)
            took, code = self.stopped(server)
            asking.join()
        self.assertLess(took, SOON)
        self.assertEqual(code, 0)
        self.assertTrue(any("message=stopped" in line for line in server.log), server.log)

    def test_an_order_that_comes_at_once_is_obeyed_as_any_other(self):
        for _ in range(5):
            with self.majed.serving() as server:
                self.assertEqual(self.stopped(server)[1], 0)

    def test_a_database_that_does_not_say_a_word_is_left_behind(self):
        with socket.create_server(("127.0.0.1", 0)) as mute:
            config = self.configured("mute.toml", f"""
[[sources]]
name = "mute"
url = "postgresql://127.0.0.1:{mute.getsockname()[1]}/db"
user = "gateway"
password = "hush hush"
pool = {{ open_timeout = "{NEVER}" }}
""")
            with self.majed.serving("--config", config) as server:
                with mute.accept()[0], mute.accept()[0]:
                    took, code = self.stopped(server)
        self.assertLess(took, SOON)
        self.assertEqual(code, 0)


if __name__ == "__main__":
    unittest.main()
