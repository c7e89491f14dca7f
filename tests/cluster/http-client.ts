import { readFileSync } from "node:fs";
import { request as requestHttp1 } from "node:http";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";

export type StreamedResponse = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  chunks: AsyncIterable<Buffer> & { destroy(): void };
};

export type HttpClient = {
  /** @throws Error when the connection fails before the response's headers */
  request(options: RequestOptions): Promise<StreamedResponse>;
  close(): void;
};

type RequestOptions = { method: string; path: string; headers: Record<string, string>; body?: string };

/** A client that speaks HTTP/2 to the proxy, trusts its certificate only, and reconnects. */
export function http2Client(origin: string, certificatePath: string): HttpClient {
  const ca = readFileSync(certificatePath);
  let session: ClientHttp2Session | undefined;
  const open = () => {
    if (session !== undefined && !session.closed && !session.destroyed) return session;
    session = connectHttp2(origin, { ca });
    // Each request reports the error itself.
    session.on("error", () => {});
    return session;
  };
  return {
    request: ({ method, path, headers, body }) =>
      new Promise((resolve, reject) => {
        const stream = open().request({ ":method": method, ":path": path, ...headers });
        stream.once("response", ({ ":status": status, ...received }) =>
          resolve({ status: Number(status), headers: received, chunks: stream }),
        );
        stream.once("error", reject);
        stream.end(body);
      }),
    close: () => session?.close(),
  };
}

/** A client for one app, past the proxy. */
export function http1Client(origin: string): HttpClient {
  return {
    request: ({ method, path, headers, body }) =>
      new Promise((resolve, reject) => {
        const outgoing = requestHttp1(`${origin}${path}`, { method, headers }, (response) =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, chunks: response }),
        );
        outgoing.once("error", reject);
        outgoing.end(body);
      }),
    close: () => {},
  };
}

/** Reads a response to its end. */
export async function readText({ chunks }: StreamedResponse): Promise<string> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}
