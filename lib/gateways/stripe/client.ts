import Stripe from "stripe";
import { env } from "#lib/core/env.ts";
import { AppError } from "#lib/core/errors.ts";
import { inSpan } from "#lib/core/observability/tracing.ts";
import { singleton } from "#lib/core/singleton.ts";

/**
 * Returns this process's Stripe client. The API version is the one the SDK pins, because its types fit no
 * other version. STRIPE_API_BASE points to the sandbox; the SDK takes a host only for the whole client.
 */
export function stripe(): Stripe {
  return singleton("gateways.stripe", () => {
    const { STRIPE_SECRET_KEY, STRIPE_API_BASE } = env();
    const base = STRIPE_API_BASE === undefined ? undefined : new URL(STRIPE_API_BASE);
    return new Stripe(STRIPE_SECRET_KEY, {
      timeout: 10_000,
      // The SDK adds an idempotency key to each POST, so a retried call takes effect once.
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
 * Runs a call to Stripe and converts its errors.
 * @throws AppError billing_unavailable, with Stripe's type, code and request id for the log
 */
export async function callStripe<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await inSpan("stripe request", { kind: "client" }, call);
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

/** Like `callStripe`, but returns null when the object does not exist at Stripe. */
export async function callStripeOrNull<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await callStripe(call);
  } catch (error) {
    if (stripeErrorOf(error)?.code === "resource_missing") return null;
    throw error;
  }
}

/** Returns the error that Stripe sent; undefined for any other error. */
export function stripeErrorOf(error: unknown): InstanceType<typeof Stripe.errors.StripeError> | undefined {
  const cause = error instanceof AppError ? error.cause : error;
  return cause instanceof Stripe.errors.StripeError ? cause : undefined;
}

/** Whether Stripe rejected a call as invalid, so that repeating the same call fails again. */
export function isRefused(error: unknown): boolean {
  return stripeErrorOf(error) instanceof Stripe.errors.StripeInvalidRequestError;
}
