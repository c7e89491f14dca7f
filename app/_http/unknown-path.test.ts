import { expect, test } from "vitest";
import { GET as getApi, POST as postApi } from "#app/api/[...path]/route.ts";
import { GET as getV1 } from "#app/v1/[[...path]]/route.ts";

test("D11: where Next.js serves the API, an unknown path below /api is a 404 in our own format", async () => {
  const response = getApi(new Request("http://localhost:3000/api/nothing"));
  expect(response.status).toBe(404);
  const requestId = response.headers.get("x-request-id");
  expect(requestId).toEqual(expect.any(String));
  expect(await response.json()).toMatchObject({ error: { code: "not_found", requestId } });
});

test.each([
  ["/api/v1/nothing", postApi, /openapi\.json/],
  ["/v1", getV1, /The API is at \/api\/v1/],
  ["/v1/chat/completions", getV1, /The API is at \/api\/v1/],
])(
  "D11: where Next.js serves the API, %s is a 404 in OpenAI's format with a hint",
  async (path, respond, hint) => {
    const response = respond(new Request(`http://localhost:3000${path}`, { method: "POST", body: "{}" }));
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: {
        message: expect.stringMatching(hint),
        type: "invalid_request_error",
        request_id: expect.any(String),
      },
    });
  },
);
