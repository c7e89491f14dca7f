import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** The sandbox's API key; the app rejects it in production. */
export const sandboxStripeKey = "sk_test_sandbox000000000000";

type StoredEndpoint = { id: string; url: string; secret: string };

/**
 * Registers the app's webhook endpoint through the Stripe API and stores the secret, because Stripe returns
 * it only once. Reuses the endpoint of an earlier start if it still exists.
 * @returns the signing secret
 */
export async function registerWebhook(
  stripeUrl: string,
  appUrl: string,
  dataDir: string | null,
): Promise<string> {
  const path = dataDir === null ? null : `${dataDir}/stripe-webhook.json`;
  const stored =
    path !== null && existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as StoredEndpoint) : null;
  if (stored !== null && (await exists(stripeUrl, stored.id))) {
    if (stored.url === appUrl) return stored.secret;
    await send(stripeUrl, `/${stored.id}`, "DELETE");
  }
  const made = await send(
    stripeUrl,
    "",
    "POST",
    new URLSearchParams({ url: appUrl, "enabled_events[]": "*" }),
  );
  const endpoint = (await made.json()) as { id: string; secret: string };
  if (!made.ok)
    throw new Error(`The Stripe sandbox refused the webhook endpoint: ${JSON.stringify(endpoint)}`);
  if (path !== null)
    writeFileSync(path, JSON.stringify({ id: endpoint.id, url: appUrl, secret: endpoint.secret }), {
      mode: 0o600,
    });
  return endpoint.secret;
}

async function exists(stripeUrl: string, id: string): Promise<boolean> {
  return (await send(stripeUrl, `/${id}`, "GET")).ok;
}

function send(stripeUrl: string, path: string, method: string, body?: URLSearchParams): Promise<Response> {
  return fetch(`${stripeUrl}/v1/webhook_endpoints${path}`, {
    method,
    headers: { authorization: `Bearer ${sandboxStripeKey}` },
    ...(body && { body }),
  });
}
