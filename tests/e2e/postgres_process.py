# SPDX-License-Identifier: Apache-2.0
"""A real PostgreSQL for the tests, and its own client to look into it."""
import os
import subprocess
import unittest

from majed_process import BOUND

CLIENT = "/usr/lib/postgresql/15/bin/psql"


class PostgresProcess:
    """A real server, or the reason why there is none."""

    def __init__(self):
        self.process = subprocess.Popen([os.environ["POSTGRES_FOR_TESTS"]], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        said, _, rest = self.process.stdout.readline().strip().partition(" ")
        self.missing = rest if said == "missing" else None
        assert said in ("ready", "missing"), rest
        if said == "ready":
            self.port, self.database, self.user, self.administrator, self.password = rest.split(" ", 4)

    @classmethod
    def for_class(cls, case):
        """One for all tests of the class `case`, which are skipped where there is none."""
        server = cls()
        case.addClassCleanup(server.close)
        if server.missing is not None:
            raise unittest.SkipTest(server.missing)
        return server

    def source(self, name, password=None):
        """Its table in a configuration; what follows this text is a part of it. `password`: instead of its own line."""
        password = password or f'password = "{self.password}"'
        return f"""
[[sources]]
name = "{name}"
url = "postgresql://127.0.0.1:{self.port}/{self.database}"
user = "{self.user}"
{password}
"""

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def close(self):
        self.process.stdin.close()
        self.process.wait(BOUND)
        self.process.stdout.close()

    def sql(self, text, database=None, user=None):
        """The rows of the last statement, a list of texts each; asked by psql, not by the program under test."""
        done = subprocess.run(
            [CLIENT, "-X", "-q", "-A", "-t", "-F", "|", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", self.port,
             "-U", user or self.user, "-d", database or self.database, "-c", text],
            capture_output=True, text=True, timeout=BOUND, check=False, env={**os.environ, "PGPASSWORD": self.password})
        assert done.returncode == 0, done.stderr
        return [line.split("|") for line in done.stdout.splitlines()]
