"""A purchase with the client that openapi-python-client makes of the document. Arguments: where the client is, where the shop is."""
import json
import sys

sys.path.insert(0, sys.argv[1])

from shop_client import Client
from shop_client.api.carts import add_lines, change_cart, checkout, create_cart, read_cart
from shop_client.api.orders import read_order
from shop_client.api.products import list_products
from shop_client.models import (
    Address, CartStatus, ChangeCart, Checkout, CreateCart, LineBySku, OrderStatus, PaymentInput, Problem,
)

shop = Client(base_url=sys.argv[2], raise_on_unexpected_status=True)
products = list_products.sync(client=shop)
assert any(variant.sku == "PEN" for product in products.items for variant in product.variants), products

made = create_cart.sync_detailed(
    client=shop, body=CreateCart(lines=[LineBySku(sku="PEN", quantity=1)]), idempotency_key="python-client",
)
cart = made.parsed
assert made.status_code == 201 and cart.status == CartStatus.ACTIVE, made
grown = add_lines.sync(
    cart.id, client=shop, cart_token=cart.token, body=LineBySku(sku="PEN", quantity=1), if_match=made.headers["ETag"],
)
assert grown.lines[0].quantity == 2 and grown.created_at.year >= 2000, grown
refused = add_lines.sync_detailed(cart.id, client=shop, cart_token=cart.token, body=LineBySku(sku="PEN", quantity=5000))
assert isinstance(refused.parsed, Problem) and refused.parsed.code == "insufficient_stock", refused
address = Address(country="DE", name="Ada", city="Berlin")
change_cart.sync(cart.id, client=shop, cart_token=cart.token, body=ChangeCart(email="ada@example.com", shipping_address=address))
shown = read_cart.sync(cart.id, client=shop, cart_token=cart.token)
body = Checkout(
    payment=PaymentInput(gateway="test", method="ok"), expected_total=shown.totals.total.amount, idempotency_key="buy",
)
bought = checkout.sync_detailed(cart.id, client=shop, cart_token=cart.token, body=body)
assert bought.status_code == 201 and bought.parsed.status == OrderStatus.PLACED, bought
again = checkout.sync_detailed(cart.id, client=shop, cart_token=cart.token, body=body)
assert again.headers["idempotent-replayed"] == "true", again.headers
order = read_order.sync(bought.parsed.id, client=shop, cart_token=cart.token)
print(json.dumps({"order": str(order.id), "status": order.status.value, "total": order.totals.total.amount}))
