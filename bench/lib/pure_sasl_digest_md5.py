"""Client CPU of DIGEST-MD5 exchanges with pure-sasl, in microseconds each: argv[1] exchanges, after as many to warm up."""
import hashlib
import re
import secrets
import sys
import time

from puresasl.client import SASLClient

username, password, realm, host = 'app', 'a password of some length', 'testserver', '127.0.0.1'


def md5(data):
    return hashlib.md5(data).digest()


def rspauth(response):
    """RFC 2831, section 2.1.3, from what the client has sent."""
    fields = {k: a or b for k, a, b in re.findall(r'([\w-]+)=(?:"([^"]*)"|([^,]*))', response)}
    secret = md5(f'{username}:{realm}:{password}'.encode())
    a1 = md5(secret + f':{fields["nonce"]}:{fields["cnonce"]}'.encode()).hex()
    a2 = md5(f':{fields["digest-uri"]}'.encode()).hex()
    joined = ':'.join([a1, fields['nonce'], fields['nc'], fields['cnonce'], fields['qop'], a2])
    return 'rspauth=' + md5(joined.encode()).hex()


def exchange():
    used = 0
    nonce = secrets.token_hex(16)
    challenge = f'realm="{realm}",nonce="{nonce}",qop="auth",charset=utf-8,algorithm=md5-sess'.encode()
    started = time.process_time_ns()
    client = SASLClient(host, service='cassandra', mechanism='DIGEST-MD5', username=username, password=password)
    response = client.process(challenge)
    used += time.process_time_ns() - started
    final = rspauth(response.decode()).encode()
    started = time.process_time_ns()
    client.process(final)
    used += time.process_time_ns() - started
    if not client.complete:
        raise RuntimeError('not complete')
    return used


count = int(sys.argv[1])
for _ in range(count):
    exchange()
print(sum(exchange() for _ in range(count)) / count / 1000)
