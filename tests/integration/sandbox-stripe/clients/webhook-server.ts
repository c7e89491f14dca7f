import { createServer } from "node:http";
import type Stripe from "stripe";

export type WebhookServer = { secret: string; errors: unknown[]; stop(): Promise<void> };

/**
 * Registers a webhook endpoint for every event that passes each request to `handle`, one at a time.
 * Rejections are answered with 500 and collected.
 */
export async function receiveWebhooks(
  stripe: Stripe,
  handle: (payload: Buffer, signature: string) => Promise<unknown>,
): Promise<WebhookServer> {
  const errors: unknown[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      last = last
        .then(() => handle(Buffer.concat(chunks), String(request.headers["stripe-signature"])))
        .then(
          () => response.writeHead(200).end(),
          (error: unknown) => {
            errors.push(error);
            response.writeHead(500).end();
          },
        );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const endpoint = await stripe.webhookEndpoints.create({
    url: `http://127.0.0.1:${port}/webhooks`,
    enabled_events: ["*"],
  });
  return {
    secret: endpoint.secret ?? "",
    errors,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
