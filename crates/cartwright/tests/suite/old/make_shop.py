#!/usr/bin/env python3
"""Makes a shop for `old_databases.rs` with a build that is to become an old one: make_shop.py BINARY FOLDER

It writes FOLDER/shop.db and FOLDER/shop.json, which says what opens its carts. The PostgreSQL fixture is the same shop, copied by
the same build (`BINARY copy`) and dumped with `pg_dump --no-owner --inserts`. The process is killed at the end, so that a payment
stays without an outcome."""

import contextlib, json, signal, sqlite3, subprocess, sys, urllib.error, urllib.request

binary, folder = sys.argv[1:]
serve = [binary, "serve", "--demo", "--listen", "127.0.0.1:0", "--database", f"sqlite:{folder}/shop.db"]
server = subprocess.Popen(serve + ["--mail-dir", f"{folder}/mails"], stdout=subprocess.PIPE, text=True)
key = url = None
for line in server.stdout:
    if line.startswith("operator key: "):
        key = line.split()[-1]
    if line.startswith("listening on "):
        url = line.split()[-1]
        break


def ask(method, path, body=None, token=None, operator=False, idempotency=None):
    request = urllib.request.Request(f"{url}/api/v1{path}", method=method)
    request.add_header("Content-Type", "application/json")
    if operator:
        request.add_header("Authorization", f"Bearer {key}")
    if token:
        request.add_header("Cart-Token", token)
    if idempotency:
        request.add_header("Idempotency-Key", idempotency)
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(request, data) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        text = error.read()
        print(method, path, error.code, text.decode(), file=sys.stderr)
    return json.loads(text) if text else None


def cart(*skus, email=None, code=None):
    made = ask("POST", "/carts", {"lines": [{"sku": sku, "quantity": count} for sku, count in skus]})
    path = f"/carts/{made['id']}"
    if email:
        ask("PATCH", path, {"email": email}, made["token"])
    if code:
        ask("POST", f"{path}/coupons", {"code": code}, made["token"])
    return made["id"], made["token"]


def buy(opened, method="ok", gateway="test"):
    identity, token = opened
    total = ask("GET", f"/carts/{identity}", token=token)["totals"]["total"]["amount"]
    body = {"expected_total": total, "payment": {"gateway": gateway, "method": method}}
    return ask("POST", f"/carts/{identity}/checkout", body, token, idempotency=f"buy-{identity}")


once = {"kind": "percentage", "percent": "20"}
once = {"name": "Once", "benefit": once, "limits": {"uses_per_customer": 1}}
ask("POST", "/admin/promotions", {"definition": once, "codes": ["ONCE"]}, operator=True)
ask("POST", "/admin/webhooks", {"url": "http://192.0.2.1/hook", "types": ["order.placed"]}, operator=True)
ask("PUT", "/admin/operators", {"email": "owner@example.com", "role": "owner"}, operator=True)
ask("POST", "/admin/keys", {"name": "desk", "role": "staff"}, operator=True)

told = {"key": key, "open": cart(("PEN", 2), code="WELCOME10")}
buy(cart(("PEN", 3), ("MUG", 1)))
buy(cart(("MUG", 1), email="dora@example.com", code="ONCE"))
buy(cart(("MUG", 1)), "declined")
refunded = buy(cart(("MUG", 2)))["id"]
ask("POST", f"/orders/{refunded}/refunds", {"amount": 100}, operator=True, idempotency="refund")
told["refunded_order"] = refunded
told["waiting"] = cart(("TSHIRT", 1))
told["waiting_order"] = buy(told["waiting"], "requires_action")["id"]
told["cancelled"] = cart(("PEN", 1))
cancelled = buy(told["cancelled"], "requires_action")["id"]
ask("POST", f"/orders/{cancelled}/cancel", {}, told["cancelled"][1])
told["transfer_order"] = buy(cart(("TSHIRT", 2), email="eve@example.com"), "transfer", "manual")["id"]
told["unknown_order"] = buy(cart(("PEN", 1)), "timeout")["id"]
server.send_signal(signal.SIGKILL)
server.wait()
with contextlib.closing(sqlite3.connect(f"{folder}/shop.db")) as database:
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
with open(f"{folder}/shop.json", "w") as file:
    json.dump(told, file, indent=2)
    file.write("\n")
