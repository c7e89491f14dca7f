import { type ZodType, z } from "zod";
import type { Respond, RouteDefinition } from "#app/_http/route.ts";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type JsonSchema = Record<string, unknown>;

/** What is said of a route beyond what it parses: in words, and what it answers. */
export type Operation = {
  summary: string;
  description?: string;
  /** The route's own export: what it takes is read from it, never written again. */
  handler: { definition: RouteDefinition; respond: Respond };
  /** The answer by status, then media type: a schema, or null where a description must do. */
  answers: Record<number, { description: string; content?: Record<string, ZodType | null> }>;
};
export type Operations = Record<string, Partial<Record<Method, Operation>>>;

const securityOf: Record<RouteDefinition["auth"], JsonSchema[]> = {
  user: [{ session: [] }],
  claims: [{ session: [] }],
  "api-key": [{ apiKey: [] }],
  secret: [{ apiKey: [] }],
  none: [],
};

/**
 * The OpenAPI 3.1 document of the HTTP interface.
 * @param server the address it is served at, without a slash at the end
 */
export function openApiDocument(name: string, server: string, operations: Operations): JsonSchema {
  return {
    openapi: "3.1.0",
    info: {
      title: name,
      version: "1",
      description: "Errors of /api/v1 have OpenAI's shape, all others our own.",
    },
    servers: [{ url: server }],
    paths: Object.fromEntries(
      Object.entries(operations).map(([path, methods]) => [pathTemplate(path), describePath(methods)]),
    ),
    components: {
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "the session cookie" },
        apiKey: { type: "http", scheme: "bearer", bearerFormat: "parley_sk_..." },
      },
      schemas: {
        Error: jsonSchema(ownErrorSchema, "output"),
        OpenAiError: jsonSchema(openAiErrorSchema, "output"),
      },
    },
  };
}

const ownErrorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    requestId: z.string(),
    fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  }),
});
const openAiErrorSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
    request_id: z.string(),
  }),
});

/** "/a/[id]" as Next.js names a path is "/a/{id}" here. */
function pathTemplate(path: string): string {
  return path.replace(/\[(?:\.\.\.)?(\w+)\]/g, "{$1}");
}

function describePath(methods: Operations[string]): JsonSchema {
  return Object.fromEntries(
    Object.entries(methods).map(([method, operation]) => [
      method.toLowerCase(),
      describeOperation(operation),
    ]),
  );
}

function describeOperation({ summary, description, handler, answers }: Operation): JsonSchema {
  const { auth, params, query, body, errors } = handler.definition;
  const error = errors === "openai" ? "OpenAiError" : "Error";
  return {
    summary,
    ...(description && { description }),
    security: securityOf[auth],
    parameters: [...parameters(params, "path"), ...parameters(query, "query")],
    ...(body && {
      requestBody: { required: true, content: { "application/json": { schema: jsonSchema(body, "input") } } },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer)]),
      ),
      default: {
        description: "What went wrong.",
        content: { "application/json": { schema: { $ref: `#/components/schemas/${error}` } } },
      },
    },
  };
}

function describeAnswer({ description, content }: Operation["answers"][number]): JsonSchema {
  if (content === undefined) return { description };
  const byType = Object.entries(content).map(([type, schema]) => [
    type,
    schema === null ? {} : { schema: jsonSchema(schema, "output") },
  ]);
  return { description, content: Object.fromEntries(byType) };
}

/** One parameter for each property of the schema that parses them. */
function parameters(schema: ZodType | undefined, place: "path" | "query"): JsonSchema[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, "input") as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  }; // JSON Schema of an object, which is what path and query are parsed as.
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: property,
  }));
}

function jsonSchema(schema: ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    target: "draft-2020-12",
  });
  return rest;
}
