import { createServer, type RequestListener, type Server } from "node:http";

/** Limits of connections, against clients that open many or send slowly. Times are in milliseconds. */
export type ConnectionLimits = {
  /** For the headers of a request. */
  headersTimeoutMs: number;
  /** For a whole request with its body; a response may take longer. */
  requestTimeoutMs: number;
  /** How often the two timeouts are checked, and so how late a connection may be closed. */
  checkIntervalMs: number;
  /** How long a connection stays open without a request. */
  keepAliveMs: number;
  maxConnections: number;
};

export const defaultConnectionLimits: ConnectionLimits = {
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 30_000,
  checkIntervalMs: 2_000,
  // Longer than the keep-alive timeout of common proxies (60 s), so that the proxy closes idle connections.
  keepAliveMs: 65_000,
  // An open stream takes about 50 KB.
  maxConnections: 5_000,
};

/**
 * Creates an HTTP server. A client that does not send its headers or its body in time gets a 408, and its
 * connection is closed; connections above the limit are closed at once.
 */
export function createHttpServer(
  listener: RequestListener,
  limits: ConnectionLimits = defaultConnectionLimits,
): Server {
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
      keepAliveTimeout: limits.keepAliveMs,
    },
    listener,
  );
  server.maxConnections = limits.maxConnections;
  return server;
}
