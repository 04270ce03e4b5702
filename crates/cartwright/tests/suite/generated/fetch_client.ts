// A purchase with the client that openapi-generator (typescript-fetch) makes of the document. Argument: where the shop is.
import { CartsApi, CartStatus, Configuration, OrdersApi, OrderStatus, ProductsApi, ResponseError } from "./client/index.js";

const configuration = new Configuration({ basePath: process.argv[2] });
const carts = new CartsApi(configuration);
const orders = new OrdersApi(configuration);
const products = new ProductsApi(configuration);

function check(holds: boolean, what: unknown): asserts holds {
  if (!holds) throw new Error(JSON.stringify(what));
}

const items = (await products.listProducts()).items;
check(items.some((product) => product.variants.some((variant) => variant.sku === "PEN")), items);
const made = await carts.createCartRaw({
  createCart: { lines: [{ sku: "PEN", quantity: 1 }] }, idempotencyKey: "typescript-fetch",
});
const cart = await made.value();
check(made.raw.status === 201 && cart.status === CartStatus.Active && cart.token != null, cart);
const opens = { cartId: cart.id, cartToken: cart.token };
const grown = await carts.addLines({
  ...opens, addLines: { sku: "PEN", quantity: 1 }, ifMatch: made.raw.headers.get("etag") ?? "",
});
check(grown.lines[0]?.quantity === 2 && grown.createdAt instanceof Date, grown);
try {
  await carts.addLines({ ...opens, addLines: { sku: "PEN", quantity: 5000 } });
  check(false, "it is not there");
} catch (error) {
  check(error instanceof ResponseError, String(error));
  const problem = await error.response.json();
  check(error.response.status === 409 && problem.code === "insufficient_stock", problem);
}
const shippingAddress = { country: "DE", name: "Ada", city: "Berlin" };
await carts.changeCart({ ...opens, changeCart: { email: "ada@example.com", shippingAddress } });
const shown = await carts.readCart(opens);
const checkout = {
  payment: { gateway: "test", method: "ok" }, expectedTotal: shown.totals.total.amount, idempotencyKey: "buy",
};
const bought = await carts.checkoutRaw({ ...opens, checkout });
const order = await bought.value();
check(bought.raw.status === 201 && order.status === OrderStatus.Placed, order);
const again = await carts.checkoutRaw({ ...opens, checkout });
check(again.raw.headers.get("idempotent-replayed") === "true", "it is a replay");
const read = await orders.readOrder({ orderId: order.id, cartToken: cart.token });
console.log(JSON.stringify({ order: read.id, status: read.status, total: read.totals.total.amount }));
