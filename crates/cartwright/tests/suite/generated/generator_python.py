"""A purchase with the client that openapi-generator (python) makes of the document. Arguments: where the client is, where the shop is."""
import json
import sys

sys.path.insert(0, sys.argv[1])

import shop_client as made_of
from shop_client.exceptions import ApiException

shop = made_of.ApiClient(made_of.Configuration(host=sys.argv[2]))
carts, orders, products = made_of.CartsApi(shop), made_of.OrdersApi(shop), made_of.ProductsApi(shop)

items = products.list_products().items
assert any(variant.sku == "PEN" for product in items for variant in product.variants), items
line = made_of.LineInput(made_of.LineBySku(sku="PEN", quantity=1))
answer = carts.create_cart_with_http_info(create_cart=made_of.CreateCart(lines=[line]), idempotency_key="generator-python")
cart = answer.data
assert answer.status_code == 201 and cart.status == made_of.CartStatus.ACTIVE, answer
more = made_of.AddLines(made_of.LineBySku(sku="PEN", quantity=1))
grown = carts.add_lines(cart_id=cart.id, add_lines=more, cart_token=cart.token, if_match=answer.headers["etag"])
assert grown.lines[0].quantity == 2 and grown.created_at.year >= 2000, grown
try:
    many = made_of.AddLines(made_of.LineBySku(sku="PEN", quantity=5000))
    carts.add_lines(cart_id=cart.id, add_lines=many, cart_token=cart.token)
    raise AssertionError("it is not there")
except ApiException as refused:
    assert refused.status == 409 and json.loads(refused.body)["code"] == "insufficient_stock", refused
address = made_of.Address(country="DE", name="Ada", city="Berlin")
change = made_of.ChangeCart(email="ada@example.com", shipping_address=address)
carts.change_cart(cart.id, cart_token=cart.token, change_cart=change)
shown = carts.read_cart(cart.id, cart_token=cart.token)
body = made_of.Checkout(
    payment=made_of.PaymentInput(gateway="test", method="ok"),
    expected_total=shown.totals.total.amount,
    idempotency_key="buy",
)
bought = carts.checkout_with_http_info(cart_id=cart.id, checkout=body, cart_token=cart.token)
assert bought.status_code == 201 and bought.data.status == made_of.OrderStatus.PLACED, bought
again = carts.checkout_with_http_info(cart_id=cart.id, checkout=body, cart_token=cart.token)
assert again.headers["idempotent-replayed"] == "true", again.headers
order = orders.read_order(bought.data.id, cart_token=cart.token)
print(json.dumps({"order": str(order.id), "status": order.status.value, "total": order.totals.total.amount}))
