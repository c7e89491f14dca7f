import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** What happens to the responses of requests to a path. */
export type Fault = {
  path: RegExp;
  /** How many responses it hits. */
  times: number;
  /** Closes the connection after so many bytes of the body; 0: the request arrives, and no response does. */
  cutAfterBytes: number;
  /** The request is swallowed: nothing ever comes back. */
  isSwallowed?: boolean;
};

export type FaultyNetwork = {
  /** The proxy's address, for the option `proxy` of a browser context. */
  server: string;
  /** Adds a fault. */
  fail(fault: Fault): void;
  /** Delays every piece of a response by up to so many milliseconds: responses overtake each other. */
  slowDown(maxDelayMs: number): void;
  /** Whether the network works; going down closes all connections. */
  setUp(isUp: boolean): void;
  close(): Promise<void>;
};

/** Starts an HTTP proxy between a browser and the app that loses, cuts, delays and reorders responses. */
export async function startFaultyNetwork(): Promise<FaultyNetwork> {
  const faults: Fault[] = [];
  const sockets = new Set<Socket>();
  let isUp = true;
  let maxDelayMs = 0;
  let turn = 0;

  const takeFault = (path: string) => {
    const fault = faults.find((one) => one.times > 0 && one.path.test(path));
    if (fault !== undefined) fault.times -= 1;
    return fault;
  };
  const relay = async (answer: IncomingMessage, response: ServerResponse, fault: Fault | undefined) => {
    if (fault?.cutAfterBytes === 0) return response.destroy();
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    let sent = 0;
    for await (const chunk of answer) {
      const bytes = Buffer.from(chunk);
      turn += 1;
      // Different for each piece, and the same in every run.
      if (maxDelayMs > 0) await pause((turn * 7_919) % maxDelayMs);
      const left = fault === undefined ? bytes.length : fault.cutAfterBytes - sent;
      response.write(bytes.subarray(0, left));
      sent += bytes.length;
      if (bytes.length >= left && fault !== undefined) return response.destroy();
    }
    response.end();
  };
  const proxy = createServer((request, response) => {
    if (!isUp) return void response.destroy();
    const url = new URL(request.url ?? "/");
    const fault = takeFault(url.pathname);
    if (fault?.isSwallowed === true) return void request.resume();
    const { method, headers } = request;
    const outgoing = forward(url, { method, headers, agent: false }, (answer) => {
      relay(answer, response, fault).catch(() => response.destroy());
    });
    outgoing.on("error", () => response.destroy());
    response.on("close", () => outgoing.destroy());
    request.pipe(outgoing);
  });
  proxy.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  if (typeof address !== "object" || address === null) throw new Error("The proxy has no port.");
  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    server: `http://127.0.0.1:${address.port}`,
    fail: (fault) => void faults.push({ ...fault }),
    slowDown: (ms) => {
      maxDelayMs = ms;
    },
    setUp: (next) => {
      isUp = next;
      if (!isUp) cutAll();
    },
    close: () => {
      cutAll();
      return new Promise((resolve) => proxy.close(() => resolve()));
    },
  };
}
