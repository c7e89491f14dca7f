import { createServer, type ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  all,
  createPlan,
  failureOf,
  type Listener,
  listen,
  type SandboxClient,
  startSandbox,
  subscribe,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let listener: Listener;
beforeEach(async () => {
  sandbox = await startSandbox();
  listener = await listen(sandbox);
});
afterEach(async () => {
  await listener.stop();
  await sandbox.stop();
});

const flush = () => sandbox.control("flush", {});
const receivedIds = () => listener.received.map((event) => event.id);
/** The sandbox's own events, oldest first. */
const happened = async () => (await all(sandbox.stripe.events.list())).map((event) => event.id).reverse();
const makeCustomers = async (count: number) => {
  for (let made = 0; made < count; made += 1)
    await sandbox.stripe.customers.create({ email: `${made}@example.com` });
};

describe("webhooks", () => {
  test("the events of a first payment arrive signed, once each, with the object's state at that time", async () => {
    const { month } = await createPlan(sandbox.stripe, "Pro", 1900);
    const { subscription } = await subscribe(sandbox.stripe, month.id);
    await flush();
    expect(receivedIds()).toEqual(await happened());
    const types = listener.received.map((event) => event.type);
    for (const type of [
      "customer.created",
      "payment_intent.created",
      "payment_intent.succeeded",
      "charge.succeeded",
      "payment_method.attached",
      "customer.subscription.created",
      "customer.subscription.updated",
      "invoice.created",
      "invoice.finalized",
      "invoice.updated",
      "invoice.paid",
      "invoice.payment_succeeded",
      "checkout.session.completed",
    ]) {
      expect(types).toContain(type);
    }
    const created = listener.received.find((event) => event.type === "customer.subscription.created");
    const updated = listener.received.find((event) => event.type === "customer.subscription.updated");
    expect(created?.data.object).toMatchObject({ id: subscription.id, status: "incomplete" });
    expect(updated?.data).toMatchObject({
      object: { id: subscription.id, status: "active" },
      previous_attributes: { status: "incomplete" },
    });
    expect(created?.api_version).toBe("2026-10-28.endive");
  });

  test("events are sent only to enabled endpoints that subscribe to them", async () => {
    const { stripe } = sandbox;
    const [endpoint] = (await stripe.webhookEndpoints.list()).data;
    const id = endpoint?.id ?? "";
    await stripe.webhookEndpoints.update(id, { enabled_events: ["product.created"] });
    await makeCustomers(1);
    await stripe.products.create({ name: "Pro" });
    await flush();
    expect(listener.received.map((event) => event.type)).toEqual(["product.created"]);
    await stripe.webhookEndpoints.update(id, { disabled: true });
    await stripe.products.create({ name: "Enterprise" });
    await flush();
    expect(listener.received).toHaveLength(1);
    expect(endpoint?.secret).toBeUndefined();
    await stripe.webhookEndpoints.del(id);
    expect((await failureOf(stripe.webhookEndpoints.retrieve(id))).statusCode).toBe(404);
  });

  test("a delivery is retried until it is answered with 2xx", async () => {
    listener.status = 500;
    await makeCustomers(1);
    const deliveries = async () => (await sandbox.control("deliveries")).deliveries;
    const refused = [{ state: "pending", attempts: [{ status: 500 }] }];
    await vi.waitFor(async () => expect(await deliveries()).toMatchObject(refused));
    expect(listener.received).toEqual([]);
    listener.status = 200;
    await vi.waitFor(() => expect(listener.received).toHaveLength(1), { timeout: 10_000 });
    const accepted = [{ state: "succeeded", attempts: [{ status: 500 }, { status: 200 }] }];
    await vi.waitFor(async () => expect(await deliveries()).toMatchObject(accepted));
  });

  test("undelivered events are found by delivery_success and counted in pending_webhooks", async () => {
    await sandbox.control("chaos", { endpointDown: true });
    await makeCustomers(2);
    await flush();
    const lost = await sandbox.stripe.events.list({ delivery_success: false });
    expect(lost.data.map((event) => event.pending_webhooks)).toEqual([1, 1]);
    expect((await sandbox.stripe.events.list({ delivery_success: true })).data).toEqual([]);
    await sandbox.control("chaos", {});
    await flush();
    expect((await sandbox.stripe.events.list({ delivery_success: false })).data).toEqual([]);
    expect((await sandbox.stripe.events.list({ delivery_success: true })).data).toHaveLength(2);
    expect((await sandbox.stripe.events.list({ type: "customer.*" })).data).toHaveLength(2);
  });
});

describe("chaos", () => {
  test("the duplicate switch sends the same event again", async () => {
    await sandbox.control("chaos", { duplicate: 2 });
    await makeCustomers(1);
    await flush();
    expect(listener.received).toHaveLength(3);
    expect(new Set(receivedIds()).size).toBe(1);
  });

  test("the burst switch sends all events of a second at once", async () => {
    // An endpoint that never responds: sequential deliveries would wait forever.
    const held: ServerResponse[] = [];
    const server = createServer((request, response) => {
      request.resume();
      held.push(response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/`;
    await sandbox.stripe.webhookEndpoints.create({ url, enabled_events: ["*"] });
    await sandbox.control("chaos", { burst: true, delayMs: 300 });
    await makeCustomers(12);
    const listed = await sandbox.control("deliveries");
    const due = (listed.deliveries as { url: string; nextAttemptAtMs: number }[])
      .filter((delivery) => delivery.url === url)
      .map((delivery) => delivery.nextAttemptAtMs);
    // Creating them may take longer than the rest of a second.
    const seconds = Map.groupBy(due, (ms) => ms);
    expect([...seconds.keys()].every((ms) => ms % 1_000 === 0)).toBe(true);
    expect(due).toHaveLength(12);
    expect(seconds.size).toBeLessThan(12);
    let sent = 0;
    for (const { length } of seconds.values()) {
      sent += length;
      await expect.poll(() => held.length, { timeout: 8_000 }).toBeGreaterThanOrEqual(sent);
      for (const one of held) one.end();
    }
    server.closeAllConnections();
    server.close();
  });

  test("the reorder switch sends waiting events in reverse order", async () => {
    await sandbox.control("chaos", { reorder: true, delayMs: 60_000 });
    await makeCustomers(3);
    await flush();
    expect(receivedIds()).toEqual((await happened()).reverse());
  });

  test("the delay switch holds events back for the given time", async () => {
    await sandbox.control("chaos", { delayMs: 60_000 });
    await makeCustomers(1);
    expect((await sandbox.control("deliveries")).deliveries).toMatchObject([
      { state: "pending", attempts: [] },
    ]);
    await flush();
    expect(listener.received).toHaveLength(1);
  });

  test("the drop switch loses the next events until one is resent manually", async () => {
    await sandbox.control("chaos", { drop: 1 });
    await makeCustomers(2);
    await flush();
    const [lost, arrived] = await happened();
    expect(receivedIds()).toEqual([arrived]);
    expect(
      (await sandbox.stripe.events.list({ delivery_success: false })).data.map((event) => event.id),
    ).toEqual([lost]);
    await sandbox.control(`events/${lost}/resend`, {});
    expect(receivedIds()).toEqual([arrived, lost]);
  });

  test("the drop switch with a type loses that type only", async () => {
    await sandbox.control("chaos", { drop: "customer.created" });
    await makeCustomers(1);
    await sandbox.stripe.products.create({ name: "Pro" });
    await flush();
    expect(listener.received.map((event) => event.type)).toEqual(["product.created"]);
  });

  test("a retry with the same idempotency key returns the result of a call whose response was cut off", async () => {
    const input = { email: "once@example.com" };
    const options = { idempotencyKey: "once", maxNetworkRetries: 0 };
    // Twice, because the SDK always retries a closed connection once.
    await sandbox.control("chaos", { failNextApi: "timeout_after_effect", failNextApiTimes: 2 });
    const lost = await failureOf(sandbox.stripe.customers.create(input, options));
    expect(lost.type).toBe("StripeConnectionError");
    const found = await sandbox.stripe.customers.create(input, options);
    expect((await sandbox.stripe.customers.list(input)).data.map((row) => row.id)).toEqual([found.id]);
  });

  test("the SDK's retries create one object despite cut-off responses", async () => {
    await sandbox.control("chaos", { failNextApi: "timeout_after_effect", failNextApiTimes: 2 });
    const customer = await sandbox.stripe.customers.create({ email: "again@example.com" });
    const found = (await sandbox.stripe.customers.list({ email: "again@example.com" })).data;
    expect(found.map((row) => row.id)).toEqual([customer.id]);
  });

  test.each([429, 500])("a call that returns %i has no effect and succeeds when retried", async (failure) => {
    await sandbox.control("chaos", { failNextApi: failure });
    const input = { email: "again@example.com" };
    const error = await failureOf(sandbox.stripe.customers.create(input, { maxNetworkRetries: 0 }));
    expect(error.statusCode).toBe(failure);
    expect((await sandbox.stripe.customers.list(input)).data).toEqual([]);
    await sandbox.control("chaos", { failNextApi: failure });
    await sandbox.stripe.customers.create(input);
    expect((await sandbox.stripe.customers.list(input)).data).toHaveLength(1);
  });

  test("an unknown switch is rejected", async () => {
    await expect(sandbox.control("chaos", { explode: true })).rejects.toThrow("explode");
  });
});
