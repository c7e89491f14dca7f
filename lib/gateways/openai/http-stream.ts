import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { urlToHttpOptions } from "node:url";

/** Bytes taken one piece at a time by whoever wants them: what nobody asks for stays in the socket. */
export type ByteSource = {
  /** What has arrived since the last call, or what arrives next; null at the end. Throws when the connection breaks. */
  read(): Promise<Buffer | null>;
  /** Ends the connection; safe to call at any time, and again. */
  close(): void;
};

const agentOptions = { keepAlive: true, maxFreeSockets: 256 } as const;
const agents = { "http:": new http.Agent(agentOptions), "https:": new https.Agent(agentOptions) };

/** Where requests of one kind are sent, with all that is the same about them. */
export type Endpoint = {
  request: typeof http.request;
  options: http.RequestOptions;
  /** Names and values in turn: as they are sent, so that Node.js has nothing to look through. */
  headers: string[];
};

/** @throws TypeError for what is no address of HTTP */
export function toEndpoint(address: string, headers: Headers): Endpoint {
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new TypeError(`${url.protocol} is not spoken here.`);
  return {
    request: url.protocol === "https:" ? https.request : http.request,
    options: { ...urlToHttpOptions(url), method: "POST", agent: agents[url.protocol] },
    headers: ["host", url.host, ...[...headers].flat()],
  };
}

/** What a server answers, as soon as the head is there. */
export type UpstreamResponse = { status: number; headers: http.IncomingHttpHeaders; body: ByteSource };

/**
 * Posts over plain node:http. The built-in `fetch` wraps every body in a web stream, which costs more than everything else on
 * the way of a token; here it stays a socket.
 * @param signal ends the call, also in the middle of the body
 */
export function post(endpoint: Endpoint, body: string, signal: AbortSignal): Promise<UpstreamResponse> {
  const headers = [...endpoint.headers, "content-length", String(Buffer.byteLength(body))];
  return new Promise((resolve, reject) => {
    const outgoing = endpoint.request({ ...endpoint.options, headers, signal }, (incoming) =>
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: toByteSource(incoming) }),
    );
    outgoing.on("error", reject);
    outgoing.on("socket", guardSocket);
    outgoing.end(body);
  });
}

const guarded = new WeakSet<Socket>();

/**
 * Between the end of an answer and the socket's return to its pool, Node listens to the socket's errors no more; a call
 * that is aborted in that very moment would end the process.
 */
function guardSocket(socket: Socket): void {
  if (guarded.has(socket)) return;
  guarded.add(socket);
  socket.on("error", () => {});
}

/** Everything a source gives, up to `limitBytes`; what is beyond is cut off. */
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

/** Reads a Node stream on demand: between two calls at most its own small buffer fills, whatever the other side sends. */
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
    if (!ended) failure ??= new Error("The connection was closed in the middle of the answer.");
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
  };
}
