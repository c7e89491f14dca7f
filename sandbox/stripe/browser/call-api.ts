import type { StripeError } from "@stripe/stripe-js";

declare const sandboxUrl: string;

export type Params = { [name: string]: unknown };
export type ApiFailure = { error: StripeError };

/** Encodes nested parameters the way Stripe's API expects them: `card[number]=...`. */
function toForm(params: Params, form = new URLSearchParams(), prefix = ""): URLSearchParams {
  for (const [name, value] of Object.entries(params)) {
    const path = prefix ? `${prefix}[${name}]` : name;
    if (value === undefined || value === null) continue;
    if (typeof value === "object") toForm({ ...value }, form, path);
    else form.append(path, String(value));
  }
  return form;
}

/** Calls the API with the publishable key as a form field, so that the browser sends no CORS preflight. */
export async function callApi<T>(
  method: "GET" | "POST",
  path: string,
  params: Params,
): Promise<T | ApiFailure> {
  const form = toForm(params);
  try {
    const response = await (method === "GET"
      ? fetch(`${sandboxUrl}${path}?${form}`)
      : fetch(`${sandboxUrl}${path}`, { method, body: form }));
    return await response.json();
  } catch (error) {
    return { error: { type: "api_connection_error", message: String(error) } };
  }
}

export function isFailure<T extends object>(answer: T | ApiFailure): answer is ApiFailure {
  return "error" in answer;
}
