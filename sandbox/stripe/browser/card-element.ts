import type { Params } from "#sandbox/stripe/browser/call-api.ts";

/** Card fields in the merchant's page. Stripe.js renders them in an iframe; the field names are the same. */
export class CardElement {
  readonly type: string;
  readonly #box = document.createElement("div");

  constructor(type: string) {
    this.type = type;
    this.#box.setAttribute("role", "group");
    this.#box.setAttribute("aria-label", "Card");
    this.#box.append(field("cardnumber", "Card number"), field("exp-date", "MM / YY"), field("cvc", "CVC"));
  }

  mount(target: string | HTMLElement): void {
    const place = typeof target === "string" ? document.querySelector(target) : target;
    if (!place) throw new Error(`No element matches ${target}, so the card element cannot be mounted.`);
    place.replaceChildren(this.#box);
  }

  unmount(): void {
    this.#box.remove();
  }

  destroy(): void {
    this.unmount();
  }

  on(event: string, listener: (event: object) => void): this {
    if (event === "ready") queueMicrotask(() => listener({ elementType: this.type }));
    if (event === "change") this.#box.addEventListener("input", () => listener({ elementType: this.type }));
    return this;
  }

  /** Returns the entered values as the API's `card` parameters. */
  read(): Params {
    const [number, expiry, cvc] = [...this.#box.querySelectorAll("input")].map(({ value }) => value);
    const [month, year = ""] = (expiry ?? "").split("/").map((part) => part.trim());
    return { number, exp_month: month, exp_year: year.length === 2 ? `20${year}` : year, cvc };
  }
}

function field(name: string, label: string): HTMLInputElement {
  const input = document.createElement("input");
  Object.assign(input, { name, placeholder: label, autocomplete: "off", inputMode: "numeric" });
  input.setAttribute("aria-label", label);
  Object.assign(input.style, { minHeight: "44px", padding: "8px", font: "inherit", boxSizing: "border-box" });
  return input;
}

export class Elements {
  readonly clientSecret: string | undefined;
  readonly #elements = new Map<string, CardElement>();

  constructor(options: { clientSecret?: string } = {}) {
    this.clientSecret = options.clientSecret;
  }

  create(type: string): CardElement {
    const element = new CardElement(type);
    this.#elements.set(type, element);
    return element;
  }

  getElement(type: string): CardElement | null {
    return this.#elements.get(type) ?? null;
  }

  submit(): Promise<object> {
    return Promise.resolve({});
  }

  /** Returns the card entered into the first element, or null when there is no element. */
  read(): Params | null {
    const [element] = this.#elements.values();
    return element?.read() ?? null;
  }
}
