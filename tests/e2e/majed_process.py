# SPDX-License-Identifier: Apache-2.0
"""The program under test and an installation of it in a folder of its own."""
import atexit
import contextlib
import functools
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else ""
BOUND = 60  # Seconds for anything: a loaded machine under a sanitizer is slow, a hang is a failure.


# Under sanitizers, which watch the code and not the answers, a suite that is long runs every second of its tests.
EVERY = int(os.environ.get("EVERY", "1"))
if EVERY > 1:
    _all_names = unittest.defaultTestLoader.getTestCaseNames
    unittest.defaultTestLoader.getTestCaseNames = lambda case: _all_names(case)[::EVERY]


def clean_environment(**more):
    return {**{name: value for name, value in os.environ.items() if not name.startswith("MAJED_")}, **more}


@functools.cache
def initial_folder():
    """Made by `majed init --demo` once for all tests of this process."""
    folder = tempfile.mkdtemp(prefix="majed_e2e_initial_")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = subprocess.run([PROGRAM, "init", "--demo", "--dir", folder], capture_output=True, text=True, timeout=BOUND,
                          env=clean_environment(), check=False)
    assert made.returncode == 0, made.stderr
    return folder


class Installation:
    """A folder made by `majed init --demo`."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="majed_e2e_")
        shutil.copytree(initial_folder(), self.folder, dirs_exist_ok=True)
        logins = self.read("LOGINS.txt")
        self.passwords = dict(re.findall(r"^  (\w+) +password +(\S+)", logins, re.M))
        self.api_key = re.search(r"API key +(mv_\S+)", logins).group(1)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def environment(self, **more):
        return clean_environment(**{"MAJED_CONFIG": self.path("majed.toml"), **more})

    def run(self, *arguments, stdin="", **environment):
        return subprocess.run([PROGRAM, *arguments], input=stdin, capture_output=True, text=True, timeout=BOUND,
                              env=self.environment(**environment), check=False)

    def query(self, principal, sql, *parameters, options=()):
        """The answer as the program gives it in JSON."""
        done = self.run("query", "--as", principal, "--format", "json", *options, sql, *parameters)
        assert done.returncode == 0, f"{sql}: {done.stderr}"
        return json.loads(done.stdout)

    @contextlib.contextmanager
    def serving(self, *arguments):
        process = subprocess.Popen([PROGRAM, "serve", "--listen", "127.0.0.1:0", *arguments], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=self.environment())
        watchdog = threading.Timer(BOUND * 3, process.kill)
        watchdog.daemon = True
        watchdog.start()
        log = []
        reader = threading.Thread(target=lambda: log.extend(process.stderr), daemon=True)
        reader.start()
        try:
            line = process.stdout.readline()
            found = re.match(r"serving on http://([\d.]+):(\d+)", line)
            assert found, f"no address in {line!r}"
            yield Server(process, found.group(1), int(found.group(2)), log)
        finally:
            watchdog.cancel()
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(BOUND)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
            reader.join(BOUND)
            process.stdout.close()
            process.stderr.close()


class Server:
    def __init__(self, process, host, port, log):
        self.process, self.host, self.port, self.log = process, host, port, log

    def call(self, method, path, body=None, headers=None):
        """(status, headers, body as JSON where it is JSON)."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=BOUND)
        try:
            sent = dict(headers or {})
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
                sent.setdefault("Content-Type", "application/json")
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            text = answer.read().decode()
            is_json = "json" in answer.headers.get("Content-Type", "") and "ndjson" not in answer.headers["Content-Type"]
            return answer.status, answer.headers, json.loads(text) if is_json and text else text
        finally:
            connection.close()

    def login(self, username, password):
        status, _, answer = self.call("POST", "/api/v1/login", {"username": username, "password": password})
        assert status == 200, answer
        return answer["token"]


def bearer(token):
    return {"Authorization": "Bearer " + token}


class InstalledTest(unittest.TestCase):
    """One installation for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        cls.majed = Installation()
        cls.addClassCleanup(cls.majed.remove)
