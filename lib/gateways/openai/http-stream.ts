import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { urlToHttpOptions } from "node:url";

/** A response body that is read on demand: unread bytes stay in the socket, which limits the sender. */
export type ByteSource = {
  /**
   * Returns what arrived since the last call, or waits for the next bytes; null at the end. Throws if the
   * connection breaks.
   */
  read(): Promise<Buffer | null>;
  /** Closes the connection; may be called at any time and repeatedly. */
  close(): void;
  /**
   * Nothing more is needed: the connection is reused if the response ends soon, and closed otherwise. No read
   * may follow.
   */
  release(): void;
};

/** How long a response that is not needed any more may take to end. */
const releaseMs = 1_000;

const agentOptions = { keepAlive: true, maxFreeSockets: 256 } as const;
const agents = { "http:": new http.Agent(agentOptions), "https:": new https.Agent(agentOptions) };

/** The parts that all requests to one URL share. */
export type Endpoint = {
  request: typeof http.request;
  options: http.RequestOptions;
  /** Alternating names and values, which Node.js sends without further processing. */
  headers: string[];
};

/** @throws TypeError if the URL is not http or https */
export function toEndpoint(address: string, headers: Headers, method: "GET" | "POST" = "POST"): Endpoint {
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new TypeError(`Unsupported protocol: ${url.protocol}`);
  return {
    request: url.protocol === "https:" ? https.request : http.request,
    options: { ...urlToHttpOptions(url), method, agent: agents[url.protocol] },
    headers: ["host", url.host, ...[...headers].flat()],
  };
}

/** A response whose headers have arrived. */
export type UpstreamResponse = { status: number; headers: http.IncomingHttpHeaders; body: ByteSource };

/**
 * Sends a request with node:http. `fetch` and undici take more CPU time per request:
 * docs/decisions/0050-node-http-for-model-requests.md.
 * @param body null for a request without one
 * @param signal aborts the request, also while the body is being received
 * @param more further names and values of headers
 */
export function send(
  endpoint: Endpoint,
  body: string | null,
  signal: AbortSignal,
  more: string[] = [],
): Promise<UpstreamResponse> {
  const length = body === null ? [] : ["content-length", String(Buffer.byteLength(body))];
  const headers = [...endpoint.headers, ...more, ...length];
  return new Promise((resolve, reject) => {
    const outgoing = endpoint.request({ ...endpoint.options, headers, signal }, (incoming) =>
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: toByteSource(incoming) }),
    );
    outgoing.on("error", reject);
    outgoing.on("socket", guardSocket);
    outgoing.end(body ?? undefined);
  });
}

const guarded = new WeakSet<Socket>();

/**
 * Between the end of a response and the socket's return to the pool, Node.js has no error listener on the
 * socket. An abort at that moment would crash the process.
 */
function guardSocket(socket: Socket): void {
  if (guarded.has(socket)) return;
  guarded.add(socket);
  socket.on("error", () => {});
}

/** Reads a whole body, truncated at `limitBytes`. */
export async function readAll(source: ByteSource, limitBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for (let bytes = await source.read(); bytes !== null; bytes = await source.read()) {
    parts.push(bytes);
    size += bytes.length;
    if (size >= limitBytes) {
      source.close();
      break;
    }
  }
  return Buffer.concat(parts).subarray(0, limitBytes);
}

/** Reads a Node stream on demand. Between calls, at most the stream's own buffer fills. */
function toByteSource(incoming: IncomingMessage): ByteSource {
  let failure: Error | undefined;
  let ended = false;
  let wake: (() => void) | undefined;
  const notify = () => {
    wake?.();
    wake = undefined;
  };
  incoming.on("readable", notify);
  incoming.on("end", () => {
    ended = true;
    notify();
  });
  incoming.on("error", (error) => {
    failure ??= error;
    notify();
  });
  incoming.on("close", () => {
    if (!ended) failure ??= new Error("The connection was closed before the end of the response.");
    notify();
  });
  return {
    async read() {
      for (;;) {
        const bytes: Buffer | null = incoming.read();
        if (bytes !== null) return bytes;
        if (ended) return null;
        if (failure !== undefined) throw failure;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    close: () => void incoming.destroy(),
    release() {
      if (ended) return;
      const discard = () => {
        while (incoming.read() !== null);
      };
      incoming.on("readable", discard);
      const timer = setTimeout(() => incoming.destroy(), releaseMs).unref();
      incoming.once("close", () => clearTimeout(timer));
      discard();
    },
  };
}
