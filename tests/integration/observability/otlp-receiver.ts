import { createServer } from "node:http";

export type ReceivedSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: Record<string, unknown>;
  links: { traceId: string }[];
  status?: { code?: number };
};
type Attribute = { key: string; value: Record<string, unknown> };
type SentSpan = Omit<ReceivedSpan, "attributes" | "links"> & {
  attributes: Attribute[];
  links?: { traceId: string }[];
};
type Sent = {
  resourceSpans?: { scopeSpans: { spans: SentSpan[] }[] }[];
  resourceMetrics?: { scopeMetrics: { metrics: { name: string }[] }[] }[];
};

/** Starts a collector that receives OTLP over HTTP; spans and metrics are read from JSON. */
export async function startOtlpReceiver() {
  const requests: { path: string; type: string; body: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    requests.push({ path: request.url ?? "", type: request.headers["content-type"] ?? "", body });
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const parsed = () =>
    requests
      .filter(({ type }) => type.includes("json"))
      .map(({ body }) => JSON.parse(body.toString("utf8")) as Sent); // OTLP's JSON format.
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    spans: (): ReceivedSpan[] =>
      parsed()
        .flatMap(({ resourceSpans = [] }) => resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans)
        .flatMap(({ spans }) => spans)
        .map((span) => ({
          ...span,
          links: span.links ?? [],
          attributes: Object.fromEntries(
            span.attributes.map(({ key, value }) => [key, Object.values(value)[0]]),
          ),
        })),
    metricNames: (): string[] =>
      parsed()
        .flatMap(({ resourceMetrics = [] }) => resourceMetrics)
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap(({ metrics }) => metrics)
        .map(({ name }) => name),
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export type OtlpReceiver = Awaited<ReturnType<typeof startOtlpReceiver>>;
