"""pure-sasl (PyPI) as a client, with the line protocol of peer.mjs. Its answers are sent as challenges."""

import base64
import sys

from puresasl.client import SASLClient

clients = {}


def data(text):
    return b"" if text == "-" else base64.b64decode(text[1:])


def word(octets):
    return "+" + base64.b64encode(octets or b"").decode()


def answer(words):
    if words[0] == "open":
        options = {name: data(value).decode() for name, value in (pair.split("=", 1) for pair in words[4:])}
        clients[words[1]] = SASLClient("127.0.0.1", service="cassandra", mechanism=words[3], **options)
        return "ok"
    return f"challenge {word(clients[words[1]].process(data(words[2])))}"


for line in sys.stdin:
    try:
        print(answer(line.split()), flush=True)
    except Exception as error:
        print(f"failure {word(f'{type(error).__name__}: {error}'.encode())}", flush=True)
