import { type ZodType, z } from "zod";
import type { Respond, RouteDefinition } from "#app/_http/route.ts";
import { type Components, createComponents, type JsonSchema } from "#app/_openapi/components.ts";
import { errorsByStatus, openAiErrorSchema, ownErrorSchema } from "#app/_openapi/error-responses.ts";
import {
  commonHeaders,
  headersOfError,
  type RequestHeader,
  type ResponseHeader,
  requestHeaders,
  responseHeaders,
} from "#app/_openapi/headers.ts";
import type { ErrorCode } from "#lib/core/errors.ts";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export type ResponseDescription = {
  description: string;
  /**
   * Schemas by media type. The schema of `text/event-stream` is that of one event's `data`, which is JSON
   * unless the schema says otherwise.
   */
  content?: Record<string, ZodType>;
  headers?: ResponseHeader[];
};

/** The documentation of a route beyond its own schemas: names, texts, answers and errors. */
export type Operation = {
  /** The name of the operation in generated clients; it never changes. */
  id: string;
  tag: Tag;
  summary: string;
  description?: string;
  /** The exported route handler; parameters, body and authentication are read from its definition. */
  handler: { definition: RouteDefinition; respond: Respond };
  /** The scheme of a route that checks its caller itself. */
  security?: SecurityScheme;
  requestHeaders?: RequestHeader[];
  /** The body of a route that reads the raw bytes. */
  rawBody?: ZodType;
  /** Answers by status. */
  responses: Record<number, ResponseDescription>;
  /** Headers that answers and errors may have. */
  headers?: ResponseHeader[];
  /** The errors of the module function; those of authentication and input follow from the route. */
  errors?: ErrorCode[];
};
export type Operations = Record<string, Partial<Record<Method, Operation>>>;

const tags = {
  "OpenAI-compatible API": "For your programs, with an API key. Errors have OpenAI's format.",
  Chat: "For the browser of a signed-in user.",
  Account: "For a signed-in user.",
  Billing: "Plans and subscriptions.",
  Operations: "For the operator's monitoring.",
} as const;
type Tag = keyof typeof tags;

const securitySchemes = {
  apiKey: { type: "http", scheme: "bearer", bearerFormat: "parley_sk_..." },
  metricsToken: { type: "http", scheme: "bearer", description: "The METRICS_TOKEN of the operator." },
} as const;
type SecurityScheme = keyof typeof securitySchemes;

const securityByAuth: Record<RouteDefinition["auth"], JsonSchema[]> = {
  user: [{ session: [] }],
  claims: [{ session: [] }],
  "api-key": [{ apiKey: [] }],
  secret: [{ apiKey: [] }],
  none: [],
};

type DocumentOptions = {
  name: string;
  /** The base URL, without a trailing slash. */
  server: string;
  sessionCookie: string;
};

/** Generates the OpenAPI 3.1 document of the HTTP API. */
export function openApiDocument(
  { name, server, sessionCookie }: DocumentOptions,
  operations: Operations,
): JsonSchema {
  const components = createComponents();
  components.toSchema(ownErrorSchema, "output");
  components.toSchema(openAiErrorSchema, "output");
  const paths = Object.fromEntries(
    Object.entries(operations).map(([path, methods]) => [
      toPathTemplate(path),
      describePath(methods, components),
    ]),
  );
  return {
    openapi: "3.1.0",
    info: {
      title: name,
      version: "1",
      description: "Errors of /api/v1 have OpenAI's format, all others our own.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: server }],
    tags: Object.entries(tags).map(([tag, description]) => ({ name: tag, description })),
    paths: { ...paths, "/api/openapi.json": { get: describeDocument(components) } },
    components: {
      securitySchemes: { ...securitySchemes, session: { type: "apiKey", in: "cookie", name: sessionCookie } },
      headers: Object.fromEntries(
        Object.entries(responseHeaders).map(([header, { schema, description, ...more }]) => [
          header,
          { description, required: "required" in more, schema: components.toSchema(schema, "output") },
        ]),
      ),
      schemas: components.schemas,
    },
  };
}

/** Converts Next.js notation ("/a/[id]") to a path template ("/a/{id}"). */
function toPathTemplate(path: string): string {
  return path.replace(/\[(?:\.\.\.)?(\w+)\]/g, "{$1}");
}

function describePath(methods: Operations[string], components: Components): JsonSchema {
  return Object.fromEntries(
    Object.entries(methods).map(([method, operation]) => [
      method.toLowerCase(),
      describeOperation(operation, components),
    ]),
  );
}

function describeOperation(operation: Operation, components: Components): JsonSchema {
  const { id, tag, summary, description, handler, security, rawBody, headers = [], errors = [] } = operation;
  const { auth, params, query, body } = handler.definition;
  const requestBody = body ?? rawBody;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description && { description }),
    security: security === undefined ? securityByAuth[auth] : [{ [security]: [] }],
    parameters: [
      ...toParameters(params, "path", components),
      ...toParameters(query, "query", components),
      ...(operation.requestHeaders ?? []).map((name) => toHeaderParameter(name, components)),
    ],
    ...(requestBody && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: components.toSchema(requestBody, "input") } },
      },
    }),
    responses: mergeResponses(
      Object.fromEntries(
        Object.entries(operation.responses).map(([status, response]) => [
          status,
          describeResponse(response, headers, components),
        ]),
      ),
      describeErrors(handler.definition, errors, headers),
    ),
  };
}

/** Merges the answers of a route with its errors. A status that both have allows either JSON body. */
function mergeResponses(
  answers: Record<string, JsonSchema>,
  errors: Record<string, JsonSchema>,
): Record<string, JsonSchema> {
  const merged = { ...answers, ...errors };
  for (const [status, answer] of Object.entries(answers)) {
    const error = errors[status];
    if (error === undefined) continue;
    const schema = { anyOf: [jsonSchemaOf(answer), jsonSchemaOf(error)] };
    const description = `${answer.description} Or ${error.description}.`;
    merged[status] = { ...error, description, content: { "application/json": { schema } } };
  }
  return merged;
}

function jsonSchemaOf({ content }: JsonSchema): unknown {
  return z.looseObject({ "application/json": z.looseObject({ schema: z.unknown() }) }).parse(content)[
    "application/json"
  ].schema;
}

/** The document itself, which cannot be in the list that it is generated from. */
function describeDocument(components: Components): JsonSchema {
  const schema = z.looseObject({ openapi: z.literal("3.1.0"), paths: z.record(z.string(), z.unknown()) });
  const response = { description: "This document.", content: { "application/json": schema } };
  return {
    operationId: "getOpenApiDocument",
    tags: ["Operations"],
    summary: "Read this document",
    security: [],
    parameters: [],
    responses: { 200: describeResponse(response, [], components) },
  };
}

function describeResponse(
  { description, content, headers = [] }: ResponseDescription,
  shared: ResponseHeader[],
  components: Components,
): JsonSchema {
  const described = { description, headers: toHeaderRefs([...commonHeaders, ...shared, ...headers]) };
  if (content === undefined) return described;
  const byType = Object.entries(content).map(([type, schema]) => [
    type,
    { schema: components.toSchema(schema, "output") },
  ]);
  return { ...described, content: Object.fromEntries(byType) };
}

/** One response per status, with the codes that it may have. */
function describeErrors(
  definition: RouteDefinition,
  own: ErrorCode[],
  shared: ResponseHeader[],
): Record<string, JsonSchema> {
  const name = definition.errors === "openai" ? "OpenAIError" : "Error";
  return Object.fromEntries(
    [...errorsByStatus(definition, own)].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\``).join(", "),
        headers: toHeaderRefs([...commonHeaders, ...shared, ...headersOfError(status)]),
        content: { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } },
        "x-error-codes": codes,
      },
    ]),
  );
}

function toHeaderRefs(names: ResponseHeader[]): JsonSchema {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function toHeaderParameter(name: RequestHeader, components: Components): JsonSchema {
  const { schema, description, ...more } = requestHeaders[name];
  const required = "required" in more;
  return { name, in: "header", description, required, schema: components.toSchema(schema, "input") };
}

/** One parameter per property of the schema. */
function toParameters(
  schema: ZodType | undefined,
  place: "path" | "query",
  components: Components,
): JsonSchema[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = components.toSchema(schema, "input") as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  }; // Path and query schemas are objects without a name, so their JSON Schema has `properties`.
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: property,
  }));
}
