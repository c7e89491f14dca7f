import Stripe from "stripe";
import type { Attempt, Delivery } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { deliveryOf } from "#sandbox/stripe/webhooks/thin-event.ts";

const timeoutMs = 10_000;
const firstRetryMs = 1_000;
const longestRetryMs = 60 * 60_000;
const mostAttempts = 16;

/** Delivers events from the outbox: signed, one at a time per endpoint, with retries until a 2xx response. */
export class Deliverer {
  readonly #world: World;
  readonly #busy = new Map<string, Promise<void>>();
  readonly #underWay = new Map<string, Promise<boolean>>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** Sends due deliveries and schedules the next run. */
  poke(): void {
    if (this.#stopped) return;
    const waiting = this.#pending();
    const now = Date.now();
    const due = waiting.filter((delivery) => (delivery.nextAttemptAtMs ?? 0) <= now);
    for (const endpoint of new Set(due.map((delivery) => delivery.endpoint))) this.#start(endpoint);
    const next = Math.min(
      ...waiting.map((delivery) => delivery.nextAttemptAtMs ?? now).filter((at) => at > now),
    );
    clearTimeout(this.#timer);
    if (Number.isFinite(next)) {
      this.#timer = setTimeout(() => this.poke(), Math.min(next - now, 2 ** 31 - 1));
      this.#timer.unref();
    }
  }

  /**
   * Sends all waiting deliveries now, including those that the endpoints' reactions cause. Each delivery is
   * attempted once; failed deliveries wait for their retry.
   */
  async flush(): Promise<{ delivered: number; failed: number }> {
    const tried = new Set<string>();
    const count = { delivered: 0, failed: 0 };
    for (;;) {
      await Promise.all(this.#busy.values());
      const batch = this.#inOrder(this.#pending().filter((delivery) => !tried.has(delivery.id)));
      if (batch.length === 0 || this.#stopped) return count;
      for (const delivery of batch) {
        tried.add(delivery.id);
        // It may have been sent while the deliveries before it were sent.
        if (!this.#world.outbox.has(delivery.id)) continue;
        const isDelivered = await this.attempt(delivery.id);
        count[isDelivered ? "delivered" : "failed"] += 1;
      }
    }
  }

  /** Attempts one delivery; a running attempt is awaited instead of repeated. */
  attempt(id: string): Promise<boolean> {
    const underWay = this.#underWay.get(id);
    if (underWay) return underWay;
    const run = this.#attemptOnce(id).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, run);
    return run;
  }

  async #attemptOnce(id: string): Promise<boolean> {
    const { tables } = this.#world;
    const delivery = tables.deliveries.get(id);
    const event = delivery && tables.events.get(delivery.event);
    const message = delivery && event && deliveryOf(this.#world, delivery.endpoint, event);
    const secret = delivery && tables.endpointSecrets.get(delivery.endpoint)?.secret;
    if (!delivery || !event || !message || secret === undefined) {
      this.#world.outbox.delete(id);
      return false;
    }
    const attempt = await this.#send(message.url, message.payload, secret);
    // After a reset the row does not exist any more.
    if (this.#stopped || !tables.deliveries.get(id)) return false;
    const isDelivered = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
    this.#record(delivery, attempt, isDelivered);
    return isDelivered;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #start(endpoint: string): void {
    if (this.#busy.has(endpoint)) return;
    const run = this.#drain(endpoint).finally(() => {
      this.#busy.delete(endpoint);
      this.poke();
    });
    this.#busy.set(endpoint, run);
  }

  async #drain(endpoint: string): Promise<void> {
    // Run after the current transaction, so that its whole batch is visible.
    await Promise.resolve();
    const due = this.#pending().filter(
      (delivery) => delivery.endpoint === endpoint && this.#isDue(delivery.id),
    );
    if (this.#world.chaos.burst) {
      await Promise.all(due.map((delivery) => this.attempt(delivery.id)));
      return;
    }
    for (const delivery of this.#inOrder(due)) {
      if (this.#stopped) return;
      if (this.#isDue(delivery.id)) await this.attempt(delivery.id);
    }
  }

  #isDue(id: string): boolean {
    const delivery = this.#world.tables.deliveries.get(id);
    return delivery?.state === "pending" && (delivery.nextAttemptAtMs ?? 0) <= Date.now();
  }

  #inOrder(deliveries: Delivery[]): Delivery[] {
    return this.#world.chaos.reorder ? deliveries.reverse() : deliveries;
  }

  #pending(): Delivery[] {
    return [...this.#world.outbox]
      .map((id) => this.#world.tables.deliveries.get(id))
      .filter((delivery) => delivery !== undefined);
  }

  async #send(url: string, payload: string, secret: string): Promise<Attempt> {
    const started = Date.now();
    const ended = (status: number | null, error: string | null): Attempt => ({
      at: Math.floor(started / 1000),
      status,
      error,
      tookMs: Date.now() - started,
    });
    if (this.#world.chaos.endpointDown) return ended(null, "connection refused (chaos: endpointDown)");
    try {
      // Sign with the wall clock, because the receiver compares the timestamp with its own clock.
      const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret });
      const response = await fetch(url, {
        method: "POST",
        body: payload,
        headers: {
          "content-type": "application/json; charset=utf-8",
          "user-agent": "Stripe/1.0 (sandbox)",
          "stripe-signature": signature,
        },
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutMs),
      });
      await response.arrayBuffer();
      return ended(response.status, null);
    } catch (error) {
      return ended(null, error instanceof Error ? describeError(error) : String(error));
    }
  }

  #record(delivery: Delivery, attempt: Attempt, isDelivered: boolean): void {
    const { tables, outbox } = this.#world;
    const attempts = [...delivery.attempts, attempt];
    const isLast = isDelivered || attempts.length >= mostAttempts;
    const backoffMs = Math.min(firstRetryMs * 2 ** (attempts.length - 1), longestRetryMs);
    tables.deliveries.put({
      ...delivery,
      attempts,
      state: isDelivered ? "succeeded" : isLast ? "failed" : "pending",
      nextAttemptAtMs: isLast ? null : Date.now() + backoffMs,
    });
    if (isLast) outbox.delete(delivery.id);
    const event = tables.events.get(delivery.event);
    if (event && isDelivered) {
      tables.events.put({ ...event, pending_webhooks: Math.max(0, event.pending_webhooks - 1) });
    }
    this.#world.commit();
  }
}

function describeError(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
