import type Stripe from "stripe";

type FailureDetails = {
  code?: string;
  param?: string;
  declineCode?: string;
  charge?: string;
  paymentIntent?: Stripe.PaymentIntent;
  setupIntent?: Stripe.SetupIntent;
  paymentMethod?: Stripe.PaymentMethod;
  /** Whether the call's changes are kept (a declined payment is recorded) instead of rolled back. */
  keepsEffects?: boolean;
};

/** An error response in Stripe's format. */
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

  /** The JSON body of the response. */
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

/** An invalid request (400). */
export function invalid(message: string, param?: string, code?: string): StripeFailure {
  return new StripeFailure(400, "invalid_request_error", message, {
    ...(param ? { param } : {}),
    ...(code ? { code } : {}),
  });
}

/** An unknown id: 404 in the path, 400 as a parameter, as Stripe does. */
export function missing(what: string, id: string, param = "id"): StripeFailure {
  return new StripeFailure(param === "id" ? 404 : 400, "invalid_request_error", `No such ${what}: '${id}'`, {
    code: "resource_missing",
    param,
  });
}
