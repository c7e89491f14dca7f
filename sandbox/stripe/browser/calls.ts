import type { StripeError } from "@stripe/stripe-js";

declare const sandboxUrl: string;

export type Params = { [name: string]: unknown };
export type Failed = { error: StripeError };

/** Nested parameters as the form Stripe reads: `card[number]=...`. */
function formOf(params: Params, form = new URLSearchParams(), prefix = ""): URLSearchParams {
  for (const [name, value] of Object.entries(params)) {
    const path = prefix ? `${prefix}[${name}]` : name;
    if (value === undefined || value === null) continue;
    if (typeof value === "object") formOf({ ...value }, form, path);
    else form.append(path, String(value));
  }
  return form;
}

/** Calls the API as a browser may: with the publishable key in the form, so that no preflight is needed. */
export async function call<T>(method: "GET" | "POST", path: string, params: Params): Promise<T | Failed> {
  const form = formOf(params);
  try {
    const response = await (method === "GET"
      ? fetch(`${sandboxUrl}${path}?${form}`)
      : fetch(`${sandboxUrl}${path}`, { method, body: form }));
    return await response.json();
  } catch (error) {
    return { error: { type: "api_connection_error", message: String(error) } };
  }
}

export function failed<T extends object>(answer: T | Failed): answer is Failed {
  return "error" in answer;
}
