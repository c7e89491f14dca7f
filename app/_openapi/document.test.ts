import { expect, test } from "vitest";
import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { openApiDocument } from "#app/_openapi/document.ts";

const body = z.object({ text: z.string().min(1).max(20) }).refine((input) => input.text !== "no");
const handler = route(
  {
    auth: "api-key",
    params: z.object({ id: z.uuid() }),
    query: z.object({ from: z.iso.date().optional() }),
    body,
    errors: "openai",
  },
  () => undefined,
);
const document = JSON.parse(
  JSON.stringify(
    openApiDocument("Parley", "https://chat.example.com", {
      "/api/things/[id]": {
        POST: {
          summary: "Makes a thing",
          handler,
          responses: {
            200: { description: "It.", content: { "application/json": z.object({ made: z.boolean() }) } },
          },
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

test("security, error format and responses are generated from the route and its operation", () => {
  expect(operation.security).toEqual([{ apiKey: [] }]);
  expect(operation.responses.default.content["application/json"].schema.$ref).toBe(
    "#/components/schemas/OpenAiError",
  );
  expect(operation.responses["200"].content["application/json"].schema.properties.made).toEqual({
    type: "boolean",
  });
});
