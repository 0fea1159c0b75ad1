"""Writes the answers of AWS's plugin for the Python driver: sign.py INPUTS ANSWERS."""

import json
import sys
from datetime import datetime, timedelta
from types import SimpleNamespace

from cassandra_sigv4 import auth


class Clock:
    """Replaces the class datetime in the plugin, which gets the time from it."""

    now = None

    @classmethod
    def utcnow(cls):
        return cls.now


auth.datetime = Clock


def answer(case):
    Clock.now = datetime(1970, 1, 1) + timedelta(seconds=case["seconds"], microseconds=case["micros"])
    credentials = SimpleNamespace(
        access_key=case["accessKeyId"], secret_key=case["secretAccessKey"], token=case["sessionToken"]
    )
    session = SimpleNamespace(region_name=case["region"], get_credentials=lambda: credentials)
    authenticator = auth.SigV4AuthProvider(session).new_authenticator(None)
    return authenticator.evaluate_challenge(("nonce=" + case["nonce"]).encode())


with open(sys.argv[1], encoding="utf-8") as inputs, open(sys.argv[2], "w", encoding="utf-8") as answers:
    for line in inputs:
        answers.write(answer(json.loads(line)) + "\n")
