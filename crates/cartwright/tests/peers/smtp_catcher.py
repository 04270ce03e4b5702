"""A mail server for tests, made of aiosmtpd, which others wrote.

Prints its port, then one JSON object for each mail that it was sent. With an argument it takes so many seconds before it
says that it has taken a mail: whoever dies meanwhile does not know.
"""

import asyncio
import email
import email.policy
import json
import socket
import sys
import time

from aiosmtpd.controller import Controller

HOLD_S = float(sys.argv[1]) if len(sys.argv) > 1 else 0.0


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
        }
        print(json.dumps(told), flush=True)
        await asyncio.sleep(HOLD_S)
        return "250 OK"


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
controller = Controller(Catcher(), hostname="127.0.0.1", port=port)
controller.start()
print(port, flush=True)
while True:
    time.sleep(60)
