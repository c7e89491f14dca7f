import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { singleton } from "#lib/ground/singleton.ts";

/** Bytes taken one piece at a time by whoever wants them: what nobody asks for stays in the socket. */
export type ByteSource = {
  /** What has arrived since the last call, or what arrives next; null at the end. Throws when the connection breaks. */
  read(): Promise<Buffer | null>;
  /** Ends the connection; safe to call at any time, and again. */
  close(): void;
};

const agentOptions = { keepAlive: true, maxFreeSockets: 256 } as const;
const agents = { http: new http.Agent(agentOptions), https: new https.Agent(agentOptions) };
/** Once a process: the bundler may load this file twice, and a client made by one copy is used by the other. */
const bodies = singleton("http-stream.bodies", () => new WeakMap<Response, IncomingMessage>());
const longestErrorBytes = 64 * 1024;

/**
 * A `fetch` over plain node:http for the SDK. The built-in one wraps every body in a web stream, which costs more than
 * everything else on the way of a token; here the body of a good answer stays a socket, to be read with `bodyOf`.
 */
export function socketFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input);
  const secure = url.protocol === "https:";
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request(url, {
      method: init.method ?? "GET",
      headers: Object.fromEntries(new Headers(init.headers)),
      agent: secure ? agents.https : agents.http,
      ...(init.signal && { signal: init.signal }),
    });
    request.setNoDelay(true);
    request.on("error", reject);
    request.on("socket", guardSocket);
    request.on("response", (incoming) => toResponse(incoming).then(resolve, reject));
    if (typeof init.body === "string" || init.body instanceof Uint8Array) request.end(init.body);
    else request.end();
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

async function toResponse(incoming: IncomingMessage): Promise<Response> {
  const status = incoming.statusCode ?? 502;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  if (status < 200 || status > 299) {
    const text = await readWhole(byteSource(incoming), longestErrorBytes);
    // A status that the Response class does not know (such as 999) is a broken upstream like any other.
    return new Response(text.toString("utf8"), {
      status: status > 599 || status < 200 ? 502 : status,
      headers,
    });
  }
  const response = new Response(null, { status, headers });
  bodies.set(response, incoming);
  return response;
}

/** The body of a good answer that `socketFetch` gave. */
export function bodyOf(response: Response): ByteSource {
  const incoming = bodies.get(response);
  if (incoming === undefined) throw new TypeError("This response did not come through socketFetch.");
  return byteSource(incoming);
}

/** Everything a source gives, up to `limitBytes`; what is beyond is cut off. */
export async function readWhole(source: ByteSource, limitBytes: number): Promise<Buffer> {
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
function byteSource(incoming: IncomingMessage): ByteSource {
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
