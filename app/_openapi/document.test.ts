import { expect, test } from "vitest";
import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { openApiDocument } from "#app/_openapi/document.ts";

const body = z.object({ text: z.string().min(1).max(20) }).refine((input) => input.text !== "no");
const handler = route(
  {
    auth: "api-key",
    scope: "chat",
    params: z.object({ id: z.uuid() }),
    query: z.object({ from: z.iso.date().optional() }),
    body,
    errors: "openai",
  },
  () => undefined,
);
const made = z.object({ type: z.literal("made"), by: z.string().nullable() }).meta({ id: "MadeEvent" });
const failed = z.object({ type: z.literal("failed") }).meta({ id: "FailedEvent" });
const events = z.discriminatedUnion("type", [made, failed]).meta({ id: "ThingEvent" });
const options = {
  name: "Parley",
  server: "https://chat.example.com",
  sessionCookie: "__Host-authjs.session-token",
};
const document = JSON.parse(
  JSON.stringify(
    openApiDocument(options, {
      "/api/things/[id]": {
        POST: {
          id: "makeThing",
          tag: "Chat",
          summary: "Make a thing",
          handler,
          responses: { 200: { description: "It.", content: { "text/event-stream": events } } },
          headers: ["x-ratelimit-limit-requests"],
          errors: ["insufficient_credit"],
        },
      },
    }),
  ),
);
const operation = document.paths["/api/things/{id}"].post;

test("parameters and body are generated from the schemas that the route parses with", () => {
  expect(operation.parameters).toMatchObject([
    { name: "id", in: "path", required: true, schema: { format: "uuid" } },
    { name: "from", in: "query", required: false, schema: { format: "date" } },
  ]);
  const schema = operation.requestBody.content["application/json"].schema;
  expect(schema.properties.text).toEqual({ type: "string", minLength: 1, maxLength: 20 });
});

test("errors are generated from the route and its operation, with the statuses of its format", () => {
  const codes = Object.fromEntries(
    Object.entries<Record<string, unknown>>(operation.responses).map(([status, response]) => [
      status,
      response["x-error-codes"],
    ]),
  );
  expect(codes).toMatchObject({
    400: ["bad_request", "invalid_input"],
    401: ["invalid_api_key"],
    403: ["forbidden"],
    404: ["not_found"],
    413: ["payload_too_large"],
    415: ["unsupported_media_type"],
    429: ["rate_limit_exceeded", "insufficient_quota"],
    500: ["internal"],
  });
  expect(operation.responses["429"].content["application/json"].schema.$ref).toBe(
    "#/components/schemas/OpenAIError",
  );
  expect(Object.keys(operation.responses["429"].headers)).toEqual(
    expect.arrayContaining(["x-request-id", "x-ratelimit-limit-requests", "retry-after"]),
  );
});

test("a named union of named schemas becomes a component with a discriminator", () => {
  expect(operation.responses["200"].content["text/event-stream"].schema).toEqual({
    $ref: "#/components/schemas/ThingEvent",
  });
  expect(document.components.schemas.ThingEvent).toEqual({
    oneOf: [{ $ref: "#/components/schemas/MadeEvent" }, { $ref: "#/components/schemas/FailedEvent" }],
    discriminator: {
      propertyName: "type",
      mapping: { made: "#/components/schemas/MadeEvent", failed: "#/components/schemas/FailedEvent" },
    },
  });
});

test("null is a type and no keyword, and answers may get further fields", () => {
  const schema = document.components.schemas.MadeEvent;
  expect(schema.properties.by).toEqual({ type: ["string", "null"] });
  expect(schema).not.toHaveProperty("additionalProperties");
});

test("security is generated from the route, and the cookie has its real name", () => {
  expect(operation.security).toEqual([{ apiKey: [] }]);
  expect(document.components.securitySchemes.session).toEqual({
    type: "apiKey",
    in: "cookie",
    name: "__Host-authjs.session-token",
  });
});
