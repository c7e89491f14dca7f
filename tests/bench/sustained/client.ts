import { Agent, type IncomingMessage, request } from "node:http";

const agent = new Agent({ keepAlive: true, maxSockets: 2_000, scheduling: "lifo" });

export type CallResult = {
  status: number;
  /** From the moment the call was due to its whole answer, in milliseconds. */
  totalMs: number;
  /** From the moment the call was due to the first token; NaN without one. */
  firstTokenMs: number;
  /** The end of the body. */
  tail: string;
  /** What went wrong on the way; null if the answer is complete. */
  failure: string | null;
};

export type Call = { method: string; path: string; headers: Record<string, string>; body?: string };

const tailLength = 1_000;

/**
 * Sends a request and reads its answer to the end.
 * @param dueAtMs when it was due: a late client must not hide a slow server
 */
export function send(url: string, call: Call, dueAtMs: number): Promise<CallResult> {
  return new Promise((resolve) => {
    const result: CallResult = { status: 0, totalMs: 0, firstTokenMs: Number.NaN, tail: "", failure: null };
    const end = (failure: string | null) => {
      result.totalMs = performance.now() - dueAtMs;
      result.failure = failure;
      resolve(result);
    };
    const { method, path, headers, body } = call;
    const outgoing = request(`${url}${path}`, { method, agent, headers }, (response) =>
      read(response, result, dueAtMs, end),
    );
    // The server may close an idle connection in the moment it is used again; clients repeat the call then.
    outgoing.on("error", (error) => {
      const isStale = "code" in error && error.code === "ECONNRESET" && outgoing.reusedSocket;
      if (isStale) send(url, call, dueAtMs).then(resolve);
      else end(error.message);
    });
    outgoing.end(body);
  });
}

function read(
  response: IncomingMessage,
  result: CallResult,
  dueAtMs: number,
  end: (failure: string | null) => void,
): void {
  result.status = response.statusCode ?? 0;
  response.on("data", (bytes: Buffer) => {
    result.tail = (result.tail + bytes.toString("latin1")).slice(-tailLength);
    if (Number.isNaN(result.firstTokenMs) && bytes.includes('"type":"text"'))
      result.firstTokenMs = performance.now() - dueAtMs;
  });
  response.on("end", () => end(null));
  response.on("error", (error) => end(error.message));
}

export function closeConnections(): void {
  agent.destroy();
}
