// A purchase with openapi-fetch, by the types that openapi-typescript makes of the document. Argument: where the shop is.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

const shop = createClient<paths>({ baseUrl: process.argv[2] });

function check(holds: unknown, what: unknown): asserts holds {
  if (!holds) throw new Error(JSON.stringify(what));
}

const products = await shop.GET("/api/v1/products", {});
check(products.data?.items.some((product) => product.variants.some((variant) => variant.sku === "PEN")), products);
const line: components["schemas"]["LineBySku"] = { sku: "PEN", quantity: 1 };
const made = await shop.POST("/api/v1/carts", {
  params: { header: { "Idempotency-Key": "openapi-typescript" } }, body: { lines: [line] },
});
const cart = made.data;
const active: components["schemas"]["CartStatus"] = "active";
check(made.response.status === 201 && cart?.token && cart.status === active, made);
const path = { cart_id: cart.id };
const header = { "Cart-Token": cart.token };
const etag = made.response.headers.get("etag") ?? "";
const grown = await shop.POST("/api/v1/carts/{cart_id}/lines", {
  params: { path, header: { ...header, "If-Match": etag } }, body: line,
});
check(grown.data?.lines[0]?.quantity === 2, grown);
const refused = await shop.POST("/api/v1/carts/{cart_id}/lines", {
  params: { path, header }, body: { ...line, quantity: 5000 },
});
check(refused.response.status === 409 && refused.error?.code === "insufficient_stock", refused);
await shop.PATCH("/api/v1/carts/{cart_id}", {
  params: { path, header },
  body: { email: "ada@example.com", shipping_address: { country: "DE", name: "Ada", city: "Berlin" } },
});
const shown = await shop.GET("/api/v1/carts/{cart_id}", { params: { path, header } });
check(shown.data, shown);
const buy = async () => shop.POST("/api/v1/carts/{cart_id}/checkout", {
  params: { path, header },
  body: {
    payment: { gateway: "test", method: "ok" },
    expected_total: shown.data.totals.total.amount,
    idempotency_key: "buy",
  },
});
const bought = await buy();
check(bought.response.status === 201 && bought.data?.status === "placed", bought);
const again = await buy();
check(again.response.headers.get("idempotent-replayed") === "true", "it is a replay");
const order = await shop.GET("/api/v1/orders/{order_id}", { params: { path: { order_id: bought.data.id }, header } });
check(order.data, order);
console.log(JSON.stringify({ order: order.data.id, status: order.data.status, total: order.data.totals.total.amount }));
