"""Checks webhooks with the library that the makers of Standard Webhooks publish.

Reads one JSON object a line: secret, headers, body. Prints `good` or `bad` for each.
"""

import json
import sys

from standardwebhooks import Webhook, WebhookVerificationError

for line in sys.stdin:
    sent = json.loads(line)
    try:
        event = Webhook(sent["secret"]).verify(sent["body"], sent["headers"])
        print("good" if "type" in event else "bad")
    except WebhookVerificationError as error:
        print("bad", error)
