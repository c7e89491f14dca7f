import { Agent, request } from "node:http";
import { hrtime } from "node:process";

/** A server under test. `prepare` creates one request; `model` is the mock upstream's script. */
export type BenchTarget = {
  name: string;
  pid: number;
  prepare: (model: string, index: number) => { url: string; headers: Record<string, string>; body: string };
};

export type RequestResult = { addedFirstTokenMs: number; ok: boolean };

const newAgent = () => new Agent({ keepAlive: true, maxSockets: 1000, scheduling: "fifo" });
let agent = newAgent();

/** Replaces the connections: the server may close an idle one in the moment it is used again. */
export function dropConnections(): void {
  agent.destroy();
  agent = newAgent();
}

/**
 * Sends one request and reads the response to its end. `addedFirstTokenMs` is the whole time to the first
 * token: the mock upstream writes it immediately, so the time is what the target adds in both directions.
 */
export function sendRequest(
  target: BenchTarget,
  model: string,
  index: number,
  onFirst?: () => void,
): Promise<RequestResult> {
  const { url, headers, body } = target.prepare(model, index);
  return new Promise((resolve) => {
    const sentAt = hrtime.bigint();
    let firstAt: bigint | undefined;
    let head = "";
    const outgoing = request(
      url,
      { method: "POST", agent, headers: { "content-type": "application/json", ...headers } },
      (response) => {
        response.on("data", (bytes: Buffer) => {
          if (firstAt !== undefined) return;
          head += bytes;
          if (!/\b\d{12,}\b/.test(head)) return;
          firstAt = hrtime.bigint();
          onFirst?.();
        });
        response.on("end", () =>
          resolve({
            addedFirstTokenMs: firstAt === undefined ? Number.NaN : Number(firstAt - sentAt) / 1e6,
            ok: response.statusCode === 200 && firstAt !== undefined,
          }),
        );
        response.on("error", () => resolve({ addedFirstTokenMs: Number.NaN, ok: false }));
      },
    );
    outgoing.on("error", () => resolve({ addedFirstTokenMs: Number.NaN, ok: false }));
    outgoing.end(body);
  });
}

/** Returns the value below which `share` (0 to 1) of the samples lie. */
export function percentile(samples: number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
