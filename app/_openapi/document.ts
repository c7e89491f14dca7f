import { type ZodType, z } from "zod";
import type { Respond, RouteDefinition } from "#app/_http/route.ts";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type JsonSchema = Record<string, unknown>;

/** The documentation of a route beyond its own schemas: texts and responses. */
export type Operation = {
  summary: string;
  description?: string;
  /** The exported route handler; parameters, body and authentication are read from its definition. */
  handler: { definition: RouteDefinition; respond: Respond };
  /** Responses by status, then media type: a schema, or null if only the description is known. */
  responses: Record<number, { description: string; content?: Record<string, ZodType | null> }>;
};
export type Operations = Record<string, Partial<Record<Method, Operation>>>;

const securityByAuth: Record<RouteDefinition["auth"], JsonSchema[]> = {
  user: [{ session: [] }],
  claims: [{ session: [] }],
  "api-key": [{ apiKey: [] }],
  secret: [{ apiKey: [] }],
  none: [],
};

/**
 * Generates the OpenAPI 3.1 document of the HTTP API.
 * @param server the base URL, without a trailing slash
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
      Object.entries(operations).map(([path, methods]) => [toPathTemplate(path), describePath(methods)]),
    ),
    components: {
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "the session cookie" },
        apiKey: { type: "http", scheme: "bearer", bearerFormat: "parley_sk_..." },
      },
      schemas: {
        Error: toJsonSchema(ownErrorSchema, "output"),
        OpenAiError: toJsonSchema(openAiErrorSchema, "output"),
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

/** Converts Next.js notation ("/a/[id]") to a path template ("/a/{id}"). */
function toPathTemplate(path: string): string {
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

function describeOperation({ summary, description, handler, responses }: Operation): JsonSchema {
  const { auth, params, query, body, errors } = handler.definition;
  const error = errors === "openai" ? "OpenAiError" : "Error";
  return {
    summary,
    ...(description && { description }),
    security: securityByAuth[auth],
    parameters: [...toParameters(params, "path"), ...toParameters(query, "query")],
    ...(body && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: toJsonSchema(body, "input") } },
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(responses).map(([status, response]) => [status, describeResponse(response)]),
      ),
      default: {
        description: "What went wrong.",
        content: { "application/json": { schema: { $ref: `#/components/schemas/${error}` } } },
      },
    },
  };
}

function describeResponse({ description, content }: Operation["responses"][number]): JsonSchema {
  if (content === undefined) return { description };
  const byType = Object.entries(content).map(([type, schema]) => [
    type,
    schema === null ? {} : { schema: toJsonSchema(schema, "output") },
  ]);
  return { description, content: Object.fromEntries(byType) };
}

/** One parameter per property of the schema. */
function toParameters(schema: ZodType | undefined, place: "path" | "query"): JsonSchema[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = toJsonSchema(schema, "input") as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  }; // Path and query schemas are objects, so their JSON Schema has `properties`.
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: property,
  }));
}

function toJsonSchema(schema: ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    target: "draft-2020-12",
  });
  return rest;
}
