import { createServer, request } from "node:http";

export type StripeProxy = {
  url: string;
  /** Method and path of every request so far, in order. */
  requests: string[];
  /** Holds back requests after `after` more have passed. */
  pause(after?: number): void;
  /** Forwards the held requests and all later ones. */
  resume(): void;
  /** Forwards the next requests to a path ("POST /v1/customers"), but loses Stripe's answers to them. */
  loseAnswers(request: string, count: number): void;
  /** Returns the number of held requests. */
  pausedCount(): number;
  close(): Promise<void>;
};

/** Starts a proxy to Stripe that a test can pause, to stop a caller in the middle of its requests. */
export async function startStripeProxy(target: string): Promise<StripeProxy> {
  let remaining = Number.POSITIVE_INFINITY;
  const held: (() => void)[] = [];
  const requests: string[] = [];
  const losses = new Map<string, number>();
  const server = createServer((incoming, outgoing) => {
    const name = `${incoming.method} ${new URL(incoming.url ?? "/", target).pathname}`;
    requests.push(name);
    const lossesLeft = losses.get(name) ?? 0;
    losses.set(name, Math.max(0, lossesLeft - 1));
    const pass = () => {
      const { method, headers, url } = incoming;
      const onward = request(new URL(url ?? "/", target), { method, headers }, (answer) => {
        if (lossesLeft > 0) return answer.resume().on("end", () => outgoing.destroy());
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on("error", () => outgoing.destroy());
      incoming.pipe(onward);
    };
    remaining -= 1;
    if (remaining >= 0) pass();
    else held.push(pass);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    pause: (after = 0) => {
      remaining = after;
    },
    resume: () => {
      remaining = Number.POSITIVE_INFINITY;
      for (const pass of held.splice(0)) pass();
    },
    loseAnswers: (name, count) => losses.set(name, count),
    pausedCount: () => held.length,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
