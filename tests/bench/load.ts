import { Agent, request } from "node:http";
import { hrtime } from "node:process";

/** How to ask one path for one answer. `model` is the mock upstream's script. */
export type Path = {
  name: string;
  pid: number;
  prepare: (model: string, index: number) => { url: string; headers: Record<string, string>; body: string };
};

export type Answer = { addedFirstTokenMs: number; ok: boolean };

const newAgent = () => new Agent({ keepAlive: true, maxSockets: 1000, scheduling: "fifo" });
let agent = newAgent();

/**
 * Begins with new connections: one that rested while other paths were measured may be closed at the moment it
 * is used.
 */
export function dropConnections(): void {
  agent.destroy();
  agent = newAgent();
}

/**
 * Asks once and reads to the end. What the path added before the first token: the whole wait, less what
 * happened after the upstream wrote it is not subtracted, so it is the way there and the way back.
 * @param sentAt set when the request leaves
 */
export function ask(path: Path, model: string, index: number, onFirst?: () => void): Promise<Answer> {
  const { url, headers, body } = path.prepare(model, index);
  return new Promise((resolve) => {
    const sentAt = hrtime.bigint();
    let firstAt: bigint | undefined;
    let head = "";
    const outgoing = request(
      url,
      { method: "POST", agent, headers: { "content-type": "application/json", ...headers } },
      (answer) => {
        answer.on("data", (bytes: Buffer) => {
          if (firstAt !== undefined) return;
          head += bytes;
          if (!/\b\d{12,}\b/.test(head)) return;
          firstAt = hrtime.bigint();
          onFirst?.();
        });
        answer.on("end", () =>
          resolve({
            addedFirstTokenMs: firstAt === undefined ? Number.NaN : Number(firstAt - sentAt) / 1e6,
            ok: answer.statusCode === 200 && firstAt !== undefined,
          }),
        );
        answer.on("error", () => resolve({ addedFirstTokenMs: Number.NaN, ok: false }));
      },
    );
    outgoing.on("error", () => resolve({ addedFirstTokenMs: Number.NaN, ok: false }));
    outgoing.end(body);
  });
}

/** The value below which a share of the samples lies. */
export function percentile(samples: number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
