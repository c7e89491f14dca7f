import { expect, test } from "vitest";
import { checkResponse } from "#tests/contract.ts";

const common = {
  "content-type": "application/json",
  "x-request-id": "request-1",
  "cache-control": "no-store",
};
const respond = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { ...common, ...headers } });
const health = (response: Response) => checkResponse("/api/health", "get", response);
const error = (code: string) => ({ error: { code, message: "No.", requestId: "request-1" } });

test("a response that the document describes passes with its body unread", async () => {
  expect(await (await health(respond({ status: "ok" }))).json()).toEqual({ status: "ok" });
});

test.each([
  ["a wrong value", respond({ status: "fine" }), "/status"],
  ["a field that is not documented", respond({ status: "ok", load: 1 }), "load"],
  ["a status that is not documented", respond(error("conflict"), 409), "not documented"],
  ["a code that is not documented", respond(error("conflict"), 400), "conflict is not documented"],
  ["a header that is not documented", respond({ status: "ok" }, 200, { "x-load": "1" }), "x-load"],
  ["a header of a wrong form", respond({ status: "ok" }, 200, { "x-request-id": "short" }), "x-request-id"],
  ["another media type", respond("ok", 200, { "content-type": "text/html" }), "text/html"],
  ["a missing header", new Response("{}", { headers: { "content-type": "application/json" } }), "is missing"],
])("the contract refuses %s", async (_name, response, problem) => {
  await expect(health(response)).rejects.toThrow(problem);
});

test("the contract refuses an event that the document does not describe", async () => {
  const read = async (data: object) => {
    const headers = { ...common, "content-type": "text/event-stream", "x-accel-buffering": "no" };
    const response = new Response(`: still here\n\nid: 1\ndata: ${JSON.stringify(data)}\n\n`, { headers });
    return (await checkResponse("/api/openai/chat", "post", response)).text();
  };
  expect(await read({ type: "text", text: "a" })).toContain('"text":"a"');
  await expect(read({ type: "text" })).rejects.toThrow("text");
  await expect(read({ type: "news", text: "a" })).rejects.toThrow();
});
