import { createServer, request } from "node:http";

export type Gate = {
  url: string;
  /** From now on requests wait at the gate, after so many more have passed. */
  hold(after?: number): void;
  release(): void;
  /** How many requests wait. */
  waiting(): number;
  close(): Promise<void>;
};

/** A way to Stripe that a test can close, so that what asks Stripe is known to be in the middle of it. */
export async function startGate(target: string): Promise<Gate> {
  let left = Number.POSITIVE_INFINITY;
  const held: (() => void)[] = [];
  const server = createServer((incoming, outgoing) => {
    const pass = () => {
      const { method, headers, url } = incoming;
      const onward = request(new URL(url ?? "/", target), { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on("error", () => outgoing.destroy());
      incoming.pipe(onward);
    };
    left -= 1;
    if (left >= 0) pass();
    else held.push(pass);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    hold: (after = 0) => {
      left = after;
    },
    release: () => {
      left = Number.POSITIVE_INFINITY;
      for (const pass of held.splice(0)) pass();
    },
    waiting: () => held.length,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
