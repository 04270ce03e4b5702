"""A mail server for tests, made of aiosmtpd, which others wrote.

Prints its port, then one JSON object for each mail that it was sent and for each password that it was told. Arguments: how many
seconds it takes before it says that it has taken a mail (whoever dies meanwhile does not know), and which kind of server it is:

    plain     neither encrypts nor asks for a password
    clear     takes passwords, and offers no STARTTLS: also what is left where somebody on the way strips the offer
    starttls  takes passwords, and offers STARTTLS, with the certificate in `tls`
    smtps     encrypts from the first byte
"""

import asyncio
import email
import email.policy
import json
import pathlib
import socket
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

HOLD_S = float(sys.argv[1]) if len(sys.argv) > 1 else 0.0
KIND = sys.argv[2] if len(sys.argv) > 2 else "plain"


class Catcher:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = list(mail.walk())
        body = {part.get_content_type(): part.get_content() for part in parts if not part.is_multipart()}
        told = {
            "to": envelope.rcpt_tos,
            "headers": {name.lower(): str(value) for name, value in mail.items()},
            "types": [part.get_content_type() for part in parts],
            "text": body.get("text/plain"),
            "html": body.get("text/html"),
            "defects": [repr(defect) for part in parts for defect in part.defects],
            "encrypted": session.ssl is not None or KIND == "smtps",
        }
        print(json.dumps(told), flush=True)
        await asyncio.sleep(HOLD_S)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    encrypted = session.ssl is not None or KIND == "smtps"
    print(json.dumps({"to": ["login"], "login": data.login.decode(), "encrypted": encrypted}), flush=True)
    return AuthResult(success=True)


def certificate():
    tls = pathlib.Path(__file__).parent / "tls"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls / "server.pem", tls / "server.key")
    return context


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
options = {}
if KIND != "plain":
    options |= {"authenticator": authenticate, "auth_require_tls": False}
if KIND == "starttls":
    options["tls_context"] = certificate()
if KIND == "smtps":
    options["ssl_context"] = certificate()
controller = Controller(Catcher(), hostname="127.0.0.1", port=port, **options)
controller.start()
print(port, flush=True)
while True:
    time.sleep(60)
