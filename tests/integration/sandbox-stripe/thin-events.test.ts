import { createServer } from "node:http";
import type Stripe from "stripe";
import { expect, test } from "vitest";
import { startSandbox } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

test("an event destination receives signed thin events that lead to the current object", async () => {
  const sandbox = await startSandbox();
  const { stripe } = sandbox;
  const deliveries: { body: string; signature: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      deliveries.push({
        body: Buffer.concat(chunks).toString("utf8"),
        signature: String(request.headers["stripe-signature"]),
      });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const destination = await stripe.v2.core.eventDestinations.create({
      name: "Thin",
      type: "webhook_endpoint",
      event_payload: "thin",
      enabled_events: ["v1.customer.created"],
      webhook_endpoint: { url: `http://127.0.0.1:${port}/thin` },
      include: ["webhook_endpoint.signing_secret"],
    });
    const secret = destination.webhook_endpoint?.signing_secret ?? "";
    const customer = await stripe.customers.create({ email: "ada@example.com" });
    await stripe.customers.update(customer.id, { name: "Ada" });
    await sandbox.control("flush", {});
    expect(deliveries).toHaveLength(1);
    const [delivery] = deliveries;
    const notification = stripe.parseEventNotification(
      delivery?.body ?? "",
      delivery?.signature ?? "",
      secret,
    );
    if (notification.type !== "v1.customer.created") throw new Error(`it is a ${notification.type}`);
    expect(notification.related_object).toMatchObject({ id: customer.id, type: "customer" });
    expect(JSON.parse(delivery?.body ?? "")).not.toHaveProperty("data");
    const present: Stripe.Customer = await notification.fetchRelatedObject();
    expect(present.name).toBe("Ada");
    expect((await notification.fetchEvent()).type).toBe("v1.customer.created");
    const listed = (await stripe.v2.core.events.list({ object_id: customer.id })).data.map(
      ({ type }) => type,
    );
    expect(listed).toEqual(["v1.customer.updated", "v1.customer.created"]);
    await stripe.v2.core.eventDestinations.disable(destination.id);
    await stripe.customers.create({});
    await sandbox.control("flush", {});
    expect(deliveries).toHaveLength(1);
  } finally {
    server.closeAllConnections();
    server.close();
    await sandbox.stop();
  }
});
