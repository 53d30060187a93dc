#!/usr/bin/python3
"""A mail server for tests (aiosmtpd): smtp_server.py [USER PASSWORD] [--starttls CERTIFICATE KEY]. Its first line of output is its
port; then a line of JSON for each message it took, and for each user who tried to log on."""
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

words = sys.argv[1:]
tls = None
if "--starttls" in words:
    at = words.index("--starttls")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(words[at + 1], words[at + 2])
    del words[at:at + 3]


def say(value):
    print(json.dumps(value), flush=True)


class Handler:
    async def handle_DATA(self, server, session, envelope):
        if b"refuse@" in envelope.rcpt_tos[0].encode():
            return "554 nobody wants this"
        say({"from": envelope.mail_from, "to": envelope.rcpt_tos, "text": envelope.content.decode(), "tls": session.ssl is not None})
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = [data.login.decode(), data.password.decode()] == words
    say({"logon": data.login.decode(), "good": good})
    return AuthResult(success=good, handled=good)


more = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False} if words else {}


async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), tls_context=tls, require_starttls=tls is not None, loop=loop, **more),
                                      "127.0.0.1", 0)
    say(server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(serve())
