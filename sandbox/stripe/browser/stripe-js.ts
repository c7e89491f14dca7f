// The sandbox's replacement for Stripe.js, which runs in the merchant's page.
// `sandbox/stripe/pages/stripe-js.ts` strips the types of this file and its imports, joins them into one
// script and defines `sandboxUrl` above it.
import type { PaymentIntent, SetupIntent, StripeEmbeddedCheckoutOptions } from "@stripe/stripe-js";
import { type ApiFailure, callApi, isFailure, type Params } from "#sandbox/stripe/browser/call-api.ts";
import { CardElement, Elements } from "#sandbox/stripe/browser/card-element.ts";
import { openFrame, showBankDialog } from "#sandbox/stripe/browser/frames.ts";

type Intent = PaymentIntent | SetupIntent;
type Kind = "payment" | "setup";
type ConfirmOptions = {
  elements?: Elements;
  clientSecret?: string;
  confirmParams?: Params & { return_url?: string };
  redirect?: "always" | "if_required";
};

class SandboxStripe {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  elements(options?: { clientSecret?: string }): Elements {
    return new Elements(options);
  }

  async createPaymentMethod(options: Params & { card?: unknown; elements?: Elements; params?: Params }) {
    const { elements, params, ...rest } = options;
    const data = elements ? { type: "card", card: elements.read(), ...params } : rest;
    const answer = await this.#createMethod(data);
    return isFailure(answer) ? answer : { paymentMethod: answer };
  }

  confirmCardPayment(secret: string, data?: Params, options?: { handleActions?: boolean }) {
    return this.#confirmCard("payment", secret, data, options);
  }

  confirmCardSetup(secret: string, data?: Params, options?: { handleActions?: boolean }) {
    return this.#confirmCard("setup", secret, data, options);
  }

  confirmPayment(options: ConfirmOptions) {
    return this.#confirm("payment", options);
  }

  confirmSetup(options: ConfirmOptions) {
    return this.#confirm("setup", options);
  }

  async handleNextAction({ clientSecret }: { clientSecret: string }) {
    return this.#finish(await this.#retrieve(clientSecret), true);
  }

  handleCardAction(clientSecret: string) {
    return this.handleNextAction({ clientSecret });
  }

  async retrievePaymentIntent(clientSecret: string) {
    return toResult(await this.#retrieve(clientSecret));
  }

  async retrieveSetupIntent(clientSecret: string) {
    return toResult(await this.#retrieve(clientSecret));
  }

  async createEmbeddedCheckoutPage(options: StripeEmbeddedCheckoutOptions) {
    const secret = options.clientSecret ?? (await options.fetchClientSecret?.());
    if (!secret) throw new Error("Pass clientSecret or fetchClientSecret.");
    const checkout = openFrame(`/c/embed/${secret}`, "Checkout", (message) => {
      if (message.kind !== "complete") return;
      if (message.returnUrl !== null) window.location.assign(message.returnUrl);
      else options.onComplete?.();
    });
    return {
      mount(target: string | HTMLElement) {
        const place = typeof target === "string" ? document.querySelector(target) : target;
        if (!place) throw new Error(`No element matches ${target}, so Checkout cannot be mounted.`);
        place.append(checkout.frame);
      },
      unmount: () => checkout.frame.remove(),
      destroy: () => checkout.close(),
    };
  }

  registerAppInfo(): void {}
  _registerWrapper(): void {}

  async #confirmCard(kind: Kind, secret: string, data: Params = {}, { handleActions = true } = {}) {
    const { payment_method: method, ...rest } = data;
    const chosen =
      typeof method === "object" && method ? await this.#createMethod({ type: "card", ...method }) : null;
    if (chosen && isFailure(chosen)) return chosen;
    const named = chosen ? { payment_method: chosen.id } : { payment_method: method };
    return this.#finish(await this.#send(kind, secret, { ...rest, ...named }), handleActions);
  }

  async #confirm(kind: Kind, { elements, clientSecret, confirmParams = {}, redirect }: ConfirmOptions) {
    const secret = clientSecret ?? elements?.clientSecret ?? "";
    const { payment_method_data: data, ...rest } = confirmParams;
    const card = elements?.read();
    const method = card ? await this.#createMethod({ type: "card", card, ...(data ?? {}) }) : null;
    if (method && isFailure(method)) return method;
    const named = method ? { payment_method: method.id } : {};
    const result = await this.#finish(await this.#send(kind, secret, { ...rest, ...named }), true);
    if (isFailure(result) || redirect === "if_required" || !confirmParams.return_url) return result;
    window.location.assign(returnUrlOf(kind, secret, confirmParams.return_url));
    return new Promise<never>(() => {});
  }

  #send(kind: Kind, secret: string, params: Params): Promise<Intent | ApiFailure> {
    const id = secret.split("_secret_")[0];
    const body = { ...params, client_secret: secret, key: this.#key, use_stripe_sdk: true };
    return callApi<Intent>("POST", `/v1/${kind}_intents/${id}/confirm`, body);
  }

  #retrieve(secret: string): Promise<Intent | ApiFailure> {
    const id = secret.split("_secret_")[0] ?? "";
    const path = `/v1/${id.startsWith("seti_") ? "setup" : "payment"}_intents/${id}`;
    return callApi<Intent>("GET", path, { client_secret: secret, key: this.#key });
  }

  #createMethod({ card, ...rest }: Params): Promise<{ id: string } | ApiFailure> {
    const details = card instanceof CardElement ? card.read() : card;
    return callApi("POST", "/v1/payment_methods", { ...rest, card: details, key: this.#key });
  }

  /** Runs the buyer's 3-D Secure step when the intent requires one, and returns the final result. */
  async #finish(answer: Intent | ApiFailure, handlesActions: boolean): Promise<object> {
    if (isFailure(answer) || answer.status !== "requires_action" || !handlesActions) return toResult(answer);
    const { next_action: action, client_secret: secret } = answer;
    if (action?.type === "redirect_to_url" && action.redirect_to_url?.url) {
      window.location.assign(action.redirect_to_url.url);
      return new Promise<never>(() => {});
    }
    await showBankDialog(secret ?? "");
    return toResult(await this.#retrieve(secret ?? ""));
  }
}

function toResult(answer: Intent | ApiFailure): object {
  if (isFailure(answer)) return { error: answer.error };
  const name = answer.object === "payment_intent" ? "payment_intent" : "setup_intent";
  const error = answer.object === "payment_intent" ? answer.last_payment_error : answer.last_setup_error;
  if (answer.status === "requires_payment_method" && error) return { error: { ...error, [name]: answer } };
  return answer.object === "payment_intent" ? { paymentIntent: answer } : { setupIntent: answer };
}

function returnUrlOf(kind: Kind, secret: string, returnUrl: string): string {
  const url = new URL(returnUrl, window.location.href);
  url.searchParams.set(`${kind}_intent`, secret.split("_secret_")[0] ?? "");
  url.searchParams.set(`${kind}_intent_client_secret`, secret);
  url.searchParams.set("redirect_status", "succeeded");
  return url.href;
}

// @stripe/stripe-js checks that `version` is the release it requested.
Object.assign(window, {
  Stripe: Object.assign((key: string) => new SandboxStripe(key), { version: "endive" }),
});
