import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { tracePage } from "#app/_http/server/trace-page.ts";
import { type SpanOptions, setTracer } from "#lib/core/observability/tracing.ts";

afterEach(() => setTracer(undefined));

/** Serves a page with a tracer. @returns the spans' names and attributes */
async function serve(url: string): Promise<[string, SpanOptions["attributes"]][]> {
  const spans: [string, SpanOptions["attributes"]][] = [];
  setTracer({
    startSpan: (name, { attributes }) => {
      const all = { ...attributes };
      spans.push([name, all]);
      const setAttributes = (more: object) => void Object.assign(all, more);
      return { traceId: "", traceparent: "", setName: () => {}, setAttributes, end: () => {} };
    },
  });
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method: "GET", url });
  await tracePage(request, new ServerResponse(request), async () => {});
  return spans;
}

test("a page is a span with its pattern, without ids and without its query", async () => {
  expect(await serve("/chat/0198b2a0-0000-7000-8000-000000000001?token=secret")).toEqual([
    [
      "GET /chat/:id",
      { "http.request.method": "GET", "http.route": "/chat/:id", "http.response.status_code": 200 },
    ],
  ]);
  expect((await serve("/wp-admin.php/AAAA/ada@person.example"))[0]?.[0]).toBe("GET /wp-admin.php/:id/:id");
});

test("files of the build have no span", async () => {
  expect(await serve("/_next/static/chunks/a.js")).toEqual([]);
});
