import type Stripe from "stripe";

type FailureDetails = {
  code?: string;
  param?: string;
  declineCode?: string;
  charge?: string;
  paymentIntent?: Stripe.PaymentIntent;
  setupIntent?: Stripe.SetupIntent;
  paymentMethod?: Stripe.PaymentMethod;
  /** Whether what the call did stays done (a refused payment is on record); otherwise it is undone. */
  keepsEffects?: boolean;
};

/** An answer that is an error, in the terms of Stripe's envelope. */
export class StripeFailure extends Error {
  readonly status: number;
  readonly type: string;
  readonly details: FailureDetails;

  constructor(status: number, type: string, message: string, details: FailureDetails = {}) {
    super(message);
    this.status = status;
    this.type = type;
    this.details = details;
  }

  /** The JSON body Stripe sends for it. */
  toBody(requestId: string): object {
    const { code, param, declineCode, charge, paymentIntent, setupIntent, paymentMethod } = this.details;
    return {
      error: {
        type: this.type,
        message: this.message,
        ...(code
          ? { code, doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll("_", "-")}` }
          : {}),
        ...(declineCode ? { decline_code: declineCode } : {}),
        ...(param ? { param } : {}),
        ...(charge ? { charge } : {}),
        ...(paymentIntent ? { payment_intent: paymentIntent } : {}),
        ...(setupIntent ? { setup_intent: setupIntent } : {}),
        ...(paymentMethod ? { payment_method: paymentMethod } : {}),
        request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}`,
      },
    };
  }
}

/** A request that cannot be meant as it stands (400). */
export function invalid(message: string, param?: string, code?: string): StripeFailure {
  return new StripeFailure(400, "invalid_request_error", message, {
    ...(param ? { param } : {}),
    ...(code ? { code } : {}),
  });
}

/** An id that names nothing: 404 when it is the address itself, 400 when it came as a parameter, as Stripe does. */
export function missing(what: string, id: string, param = "id"): StripeFailure {
  return new StripeFailure(param === "id" ? 404 : 400, "invalid_request_error", `No such ${what}: '${id}'`, {
    code: "resource_missing",
    param,
  });
}
