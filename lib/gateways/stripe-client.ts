import Stripe from "stripe";
import { env } from "#lib/ground/env.ts";
import { AppError } from "#lib/ground/errors.ts";
import { singleton } from "#lib/ground/singleton.ts";

/**
 * Stripe's client, once a process. The API version is the one the SDK pins: another would not fit its types. STRIPE_API_BASE
 * leads to the sandbox; the host can be set on the client alone.
 */
export function stripe(): Stripe {
  return singleton("gateways.stripe", () => {
    const { STRIPE_SECRET_KEY, STRIPE_API_BASE } = env();
    const base = STRIPE_API_BASE === undefined ? undefined : new URL(STRIPE_API_BASE);
    return new Stripe(STRIPE_SECRET_KEY, {
      timeout: 10_000,
      // The SDK adds an idempotency key of its own to each POST, so that what is retried is done once.
      maxNetworkRetries: 2,
      telemetry: false,
      ...(base && {
        host: base.hostname,
        port: base.port || (base.protocol === "https:" ? "443" : "80"),
        protocol: base.protocol === "https:" ? "https" : "http",
      }),
    });
  });
}

/**
 * Runs a call, and says in our words what went wrong.
 * @throws AppError billing_unavailable, with Stripe's type, code and request id for the log
 */
export async function ask<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    const { type, code, statusCode, requestId, param } = error;
    throw new AppError("billing_unavailable", {
      cause: error,
      details: {
        stripeType: type,
        stripeCode: code,
        stripeStatus: statusCode,
        stripeRequest: requestId,
        param,
      },
    });
  }
}

/** Like `ask`, with null where Stripe says that there is no such thing. */
export async function askFor<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await ask(call);
  } catch (error) {
    if (stripeErrorOf(error)?.code === "resource_missing") return null;
    throw error;
  }
}

/** What Stripe itself said, where an error came from it. */
export function stripeErrorOf(error: unknown): InstanceType<typeof Stripe.errors.StripeError> | undefined {
  const cause = error instanceof AppError ? error.cause : error;
  return cause instanceof Stripe.errors.StripeError ? cause : undefined;
}

/** Whether Stripe heard a call and refused it, so that the same call would be refused again. */
export function isRefused(error: unknown): boolean {
  return stripeErrorOf(error) instanceof Stripe.errors.StripeInvalidRequestError;
}
