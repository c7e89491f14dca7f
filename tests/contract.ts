import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { createParser } from "eventsource-parser";
import { securityHeaders } from "#app/_http/security-headers.ts";
import { type Operation, openApiDocument } from "#app/_openapi/document.ts";
import { operations } from "#app/_openapi/operations.ts";

type Segment = { params: Promise<unknown> };
type Handler = (request: Request, segment?: Segment) => Promise<Response>;
type RouteHandler = Handler & Operation["handler"];
type Json = Record<string, unknown>;
type DescribedResponse = {
  headers: Record<string, { $ref: string }>;
  content?: Record<string, Json>;
  "x-error-codes"?: string[];
};

/** Headers of the transport, which no document describes. */
const transportHeaders = new Set([
  "connection",
  "content-length",
  "content-type",
  "date",
  "keep-alive",
  "transfer-encoding",
  ...securityHeaders.map(({ key }) => key.toLowerCase()),
]);

const document = JSON.parse(
  JSON.stringify(
    openApiDocument({ name: "Parley", server: "http://localhost", sessionCookie: "session" }, operations),
  ),
);
// Clients must accept further fields; here, a field that the document does not know is a defect of it.
forbidFurtherFields(document);
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(document, "contract");
const validators = new Map<string, ValidateFunction>();

function forbidFurtherFields(node: unknown): void {
  if (typeof node !== "object" || node === null) return;
  if ("type" in node && node.type === "object" && "properties" in node && !("additionalProperties" in node))
    Object.assign(node, { additionalProperties: false });
  for (const inner of Object.values(node)) forbidFurtherFields(inner);
}

/**
 * Wraps a route handler so that each response is compared with the OpenAPI document: status, headers, body,
 * error code, and every event of a stream. A response that the document does not describe is an error, in a
 * stream at the event.
 */
export function checked(handler: RouteHandler): Handler {
  const { path, method } = placeOf(handler);
  return async (request, segment) =>
    checkResponse(path, method, await (segment === undefined ? handler(request) : handler(request, segment)));
}

function placeOf(handler: RouteHandler): { path: string; method: string } {
  for (const [path, methods] of Object.entries(operations))
    for (const [method, operation] of Object.entries(methods))
      if (operation.handler === handler)
        return { path: path.replace(/\[(\w+)\]/g, "{$1}"), method: method.toLowerCase() };
  throw new Error("The handler has no operation.");
}

/** Compares a response with the document; see `checked`. Returns it with its body unread. */
export async function checkResponse(path: string, method: string, response: Response): Promise<Response> {
  const name = `${method} ${path} ${response.status}`;
  const described: DescribedResponse | undefined = document.paths[path]?.[method]?.responses[response.status];
  if (described === undefined) throw new Error(`${name} is not documented: ${await response.clone().text()}`);
  checkHeaders(name, described, response.headers);
  const type = response.headers.get("content-type")?.split(";")[0]?.trim();
  if (type === undefined || response.body === null) {
    if (described.content !== undefined) throw new Error(`${name} has no body`);
    return response;
  }
  if (described.content?.[type] === undefined) throw new Error(`${name} as ${type} is not documented`);
  const pointer = ["paths", path, method, "responses", String(response.status), "content", type, "schema"];
  const validate = validatorOf(pointer);
  if (type === "text/event-stream") return checkEvents(name, response, validate);
  const text = await response.clone().text();
  const body: unknown = type === "application/json" ? JSON.parse(text) : text;
  requireValid(name, validate, body);
  const codes = described["x-error-codes"];
  // Codes of an upstream are passed on. A status of an answer and of errors may come without a code.
  const { error } = body as { error?: { code?: unknown; type?: unknown } };
  if (codes === undefined || error === undefined || error.type === "invalid_request_error") return response;
  if (!codes.includes(String(error.code)))
    throw new Error(`${name} with the code ${error.code} is not documented`);
  return response;
}

function checkHeaders(name: string, described: DescribedResponse, headers: Headers): void {
  for (const [header, value] of headers) {
    if (transportHeaders.has(header)) continue;
    if (described.headers[header] === undefined) throw new Error(`${name}: ${header} is not documented`);
    requireValid(`${name} ${header}`, validatorOf(["components", "headers", header, "schema"]), value);
  }
  for (const header of Object.keys(described.headers))
    if (document.components.headers[header].required && !headers.has(header))
      throw new Error(`${name}: ${header} is missing`);
}

/** Passes a stream on and validates the data of each event when it is complete. */
function checkEvents(name: string, response: Response, validate: ValidateFunction): Response {
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent: ({ data }) =>
      requireValid(`${name} event`, validate, data === "[DONE]" ? data : JSON.parse(data)),
  });
  const check = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      parser.feed(decoder.decode(bytes, { stream: true }));
      controller.enqueue(bytes);
    },
  });
  const { status, headers } = response;
  return new Response(response.body?.pipeThrough(check) ?? null, { status, headers });
}

function validatorOf(pointer: string[]): ValidateFunction {
  const ref = pointer
    .map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")))
    .join("/");
  const known = validators.get(ref) ?? ajv.compile({ $ref: `contract#/${ref}` });
  validators.set(ref, known);
  return known;
}

function requireValid(name: string, validate: ValidateFunction, value: unknown): void {
  if (validate(value)) return;
  const problems = validate.errors?.map(({ instancePath, message, params }) =>
    `${instancePath} ${message} ${JSON.stringify(params)}`.trim(),
  );
  throw new Error(`${name}: ${problems?.join("; ")} in ${JSON.stringify(value)?.slice(0, 1_000)}`);
}
