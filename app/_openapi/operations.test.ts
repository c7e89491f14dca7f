import { globSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { openApiDocument } from "#app/_openapi/document.ts";
import { operations } from "#app/_openapi/operations.ts";
import { diagramRoutes, routeTable } from "#app/_openapi/route-table.ts";

/**
 * Routes that are in no list of operations: the document, which describes itself, the OAuth callback,
 * unknown paths, and files of the app.
 */
const notListed = [
  ...["/api/openapi.json", "/api/auth/[...nextauth]", "/api/[...path]"],
  ...Object.keys(diagramRoutes),
];

const options = { name: "Parley", server: "https://chat.example.com", sessionCookie: "session" };
const document = JSON.parse(JSON.stringify(openApiDocument(options, operations)));
type Operation = {
  operationId: string;
  parameters: { name: string; in: string; schema: unknown }[];
  responses: Record<string, { content?: Record<string, { schema?: unknown }>; headers?: object }>;
};
const described = Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, methods]) =>
  Object.values(methods).map((operation) => ({ path, ...operation })),
);

test("the document lists exactly the routes and methods that exist", async () => {
  const routes = globSync("app/api/**/route.ts")
    .map((path) =>
      path
        .replaceAll("\\", "/")
        .replace(/^app/, "")
        .replace(/\/route\.ts$/, ""),
    )
    .filter((path) => !notListed.includes(path));
  expect(Object.keys(operations).sort()).toEqual(routes.sort());
  for (const path of routes) {
    const handlers: Record<string, unknown> = await import(/* @vite-ignore */ resolve(`app${path}/route.ts`));
    const methods = Object.keys(handlers).filter((name) => /^(GET|POST|PUT|PATCH|DELETE)$/.test(name));
    expect(Object.keys(operations[path] ?? {}).sort(), path).toEqual(methods.sort());
    for (const [method, operation] of Object.entries(operations[path] ?? {}))
      expect(operation.handler, `${method} ${path}`).toBe(handlers[method]);
  }
});

test("the server answers every operation and the document itself", () => {
  expect(Object.keys(routeTable).sort()).toEqual(
    [...Object.keys(operations), ...Object.keys(diagramRoutes), "/api/openapi.json"].sort(),
  );
});

test("every path template declares its path parameters", () => {
  for (const { path, parameters } of described) {
    const inPath = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
    expect(inPath, path).toEqual([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]));
  }
});

test("every operation has an id of its own, and every answer a schema and headers", () => {
  const ids = described.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { operationId, responses, parameters } of described) {
    expect(operationId).toMatch(/^[a-z]+[A-Za-z]+$/);
    for (const { name, schema } of parameters) expect(schema, `${operationId} ${name}`).toBeDefined();
    for (const [status, { content = {}, headers }] of Object.entries(responses)) {
      const name = `${operationId} ${status}`;
      expect(Object.keys(headers ?? {}), name).toContain("x-request-id");
      if (status !== "204") expect(Object.keys(content), name).not.toEqual([]);
      for (const { schema } of Object.values(content))
        expect(Object.keys(schema ?? {}), name).not.toEqual([]);
    }
  }
});

test("every reference of the document leads to a component", () => {
  const refs = JSON.stringify(document).matchAll(/"(?:\$ref":"|[a-z_]+":")(#\/[^"]+)"/g);
  for (const [, ref = ""] of refs) {
    const target = ref
      .slice(2)
      .split("/")
      .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
    expect(target, ref).toBeDefined();
  }
});
