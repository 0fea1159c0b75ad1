"""scramp (PyPI) as a server, with the line protocol of peer.mjs."""

import base64
import sys

from scramp import ScramMechanism

ITERATIONS = 4096

passwords = {}
stored = {}
exchanges = {}


class Exchange:
    def __init__(self, mechanism, binding):
        self.mechanism = ScramMechanism(mechanism)
        self.name = mechanism
        self.user = None
        self.server = self.mechanism.make_server(self.find, channel_binding=binding)
        self.steps = 0

    def find(self, user):
        """The stored values of a password: one salt for each user, like in a database."""
        self.user = user
        key = (self.name, user)
        if key not in stored:
            stored[key] = self.mechanism.make_auth_info(passwords[user], iteration_count=ITERATIONS)
        return stored[key]

    def step(self, token):
        self.steps += 1
        if self.steps == 1:
            self.server.set_client_first(token.decode())
            return f"challenge {word(self.server.get_server_first())}"
        self.server.set_client_final(token.decode())
        return f"success {word(self.server.get_server_final())} {word(self.user)}"


def binding(words):
    """The options name=value of a line: channel-binding in base64, and its type."""
    options = {name: data(value).decode() for name, value in (word.split("=", 1) for word in words)}
    if "channel-binding" not in options:
        return None
    return options["channel-binding-type"], base64.b64decode(options["channel-binding"])


def data(text):
    return base64.b64decode(text[1:])


def word(text):
    return "+" + base64.b64encode(text.encode()).decode()


def answer(words):
    command = words[0]
    if command == "user":
        passwords[data(words[1]).decode()] = data(words[2]).decode()
    elif command == "open":
        exchanges[words[1]] = Exchange(words[3], binding(words[4:]))
    elif command == "step":
        return exchanges[words[1]].step(data(words[2]))
    return "ok"


for line in sys.stdin:
    try:
        print(answer(line.split()), flush=True)
    except Exception as error:
        print(f"failure {word(f'{type(error).__name__}: {error}')}", flush=True)
