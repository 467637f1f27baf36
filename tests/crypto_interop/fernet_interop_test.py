#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Both ways between our Fernet and that of Python's cryptography: each opens what the other made, and both refuse
the same. Skipped, with a reason, only where the package python3-cryptography is missing.

Usage: fernet_interop_test.py PROGRAM     PROGRAM: majed_fernet_lines
"""
import base64
import random
import subprocess
import sys
import unittest

SKIPPED = 77
try:
    from cryptography.fernet import Fernet, InvalidToken, MultiFernet
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ModuleNotFoundError as missing:
    if missing.name.split(".")[0] != "cryptography":
        raise
    print("SKIPPED: needs the Debian package python3-cryptography")
    sys.exit(SKIPPED)

NOW = 1_700_000_000
REFUSED = "error the token cannot be decrypted"
# The same bytes each run: a failure can be looked at again.
RANDOM = random.Random(20)


def hex_of(plaintext):
    return plaintext.hex() or "-"


def any_key():
    return base64.urlsafe_b64encode(RANDOM.randbytes(32)).decode()


class Lines:
    """Our program, asked line by line."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().rstrip("\n")

    def close(self):
        self.process.stdin.close()
        status = self.process.wait(timeout=60)
        self.process.stdout.close()
        return status


class Interop(unittest.TestCase):
    def setUp(self):
        self.lines = Lines(PROGRAM)
        self.addCleanup(lambda: self.assertEqual(self.lines.close(), 0))

    def ours(self, *words):
        verdict, answer = self.lines.ask(*words).split(" ", 1)
        self.assertEqual(verdict, "ok", words)
        return answer

    def plaintexts(self):
        for length in [*range(201), 1000, 4096, 65535]:
            yield RANDOM.randbytes(length)

    def test_python_opens_what_we_encrypt(self):
        for plaintext in self.plaintexts():
            key = any_key()
            token = self.ours("encrypt", key, NOW, hex_of(plaintext))
            self.assertEqual(Fernet(key).decrypt(token), plaintext)
            self.assertEqual(Fernet(key).extract_timestamp(token), NOW)

    def test_we_open_what_python_encrypts(self):
        for plaintext in self.plaintexts():
            key = any_key()
            token = Fernet(key).encrypt_at_time(plaintext, NOW).decode()
            self.assertEqual(self.ours("decrypt", key, token), hex_of(plaintext))
            self.assertEqual(self.ours("time", key, token), str(NOW))

    def test_the_same_time_and_vector_make_the_same_token(self):
        for plaintext in self.plaintexts():
            key = any_key()
            token = self.ours("encrypt", key, NOW, hex_of(plaintext))
            vector = base64.urlsafe_b64decode(token)[9:25]
            self.assertEqual(Fernet(key)._encrypt_from_parts(plaintext, NOW, vector).decode(), token)

    def test_both_hold_a_token_to_the_same_age(self):
        key = any_key()
        python = Fernet(key)
        steps = (-1_000_000, -3601, -61, -60, -59, -1, 0, 1, 59, 60, 61, 3600, 1_000_000)
        for made in (NOW, 0, 59, 60, 61, 2**63 - 1, 2**63, 2**64 - 62, 2**64 - 1):
            token = python.encrypt_at_time(b"x", made).decode()
            for ttl in (0, 1, 59, 60, 61, 3600, 10**9):
                for now in {(made + ttl + step) for step in steps} | {(made + step) for step in steps} | {NOW}:
                    if not 0 <= now < 2**64:
                        continue
                    with self.subTest(made=made, ttl=ttl, now=now):
                        try:
                            expected = "ok " + python.decrypt_at_time(token, ttl, now).hex()
                        except InvalidToken:
                            expected = REFUSED
                        self.assertEqual(self.lines.ask("within", key, token, ttl, now), expected)

    def test_both_refuse_a_token_with_a_changed_byte(self):
        key = any_key()
        raw = base64.urlsafe_b64decode(Fernet(key).encrypt_at_time(b"seventeen letters", NOW))
        for place in range(len(raw)):
            changed = bytearray(raw)
            changed[place] ^= RANDOM.randrange(1, 256)
            token = base64.urlsafe_b64encode(bytes(changed)).decode()
            with self.assertRaises(InvalidToken):
                Fernet(key).decrypt(token)
            self.assertEqual(self.lines.ask("decrypt", key, token), REFUSED)

    def test_both_refuse_the_token_of_another_key(self):
        for _ in range(50):
            token = Fernet(any_key()).encrypt_at_time(b"x", NOW).decode()
            other = any_key()
            with self.assertRaises(InvalidToken):
                Fernet(other).decrypt(token)
            self.assertEqual(self.lines.ask("decrypt", other, token), REFUSED)

    def test_each_opens_what_the_other_rotated(self):
        for plaintext in self.plaintexts():
            old, new = any_key(), any_key()
            token = Fernet(old).encrypt_at_time(plaintext, NOW).decode()
            rotated = self.ours("rotate", f"{new},{old}", token)
            self.assertEqual(Fernet(new).decrypt(rotated), plaintext)
            self.assertEqual(Fernet(new).extract_timestamp(rotated), NOW)
            theirs = MultiFernet([Fernet(new), Fernet(old)]).rotate(token).decode()
            self.assertEqual(self.ours("decrypt", new, theirs), hex_of(plaintext))
            self.assertEqual(self.ours("time", new, theirs), str(NOW))

    def test_python_derives_the_key_of_a_purpose(self):
        for count in range(1, 9):
            root = RANDOM.randbytes(RANDOM.randrange(32, 65))
            parts = [RANDOM.randbytes(RANDOM.randrange(1, 100)) for _ in range(count)]
            token = self.ours("purpose", root.hex(), NOW, b"hello".hex(), *(part.hex() for part in parts))
            info = b"".join(len(part).to_bytes(4, "big") + part for part in [b"majed-fernet-purpose-v1", *parts])
            key = HKDF(hashes.SHA256(), 32, None, info).derive(root)
            self.assertEqual(Fernet(base64.urlsafe_b64encode(key)).decrypt(token), b"hello")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
