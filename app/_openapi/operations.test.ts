import { globSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { openApiDocument } from "#app/_openapi/document.ts";
import { operations } from "#app/_openapi/operations.ts";

/** Routes that are not part of the API: the document itself, the OAuth callback, and unknown paths. */
const undocumented = ["/api/openapi.json", "/api/auth/[...nextauth]", "/api/[...path]"];

test("the document lists exactly the routes and methods that exist", async () => {
  const routes = globSync("app/api/**/route.ts")
    .map((path) =>
      path
        .replaceAll("\\", "/")
        .replace(/^app/, "")
        .replace(/\/route\.ts$/, ""),
    )
    .filter((path) => !undocumented.includes(path));
  expect(Object.keys(operations).sort()).toEqual(routes.sort());
  for (const path of routes) {
    const handlers: Record<string, unknown> = await import(/* @vite-ignore */ resolve(`app${path}/route.ts`));
    const methods = Object.keys(handlers).filter((name) => /^(GET|POST|PUT|PATCH|DELETE)$/.test(name));
    expect(Object.keys(operations[path] ?? {}).sort(), path).toEqual(methods.sort());
    for (const [method, operation] of Object.entries(operations[path] ?? {}))
      expect(operation.handler, `${method} ${path}`).toBe(handlers[method]);
  }
});

test("every path template declares its path parameters", () => {
  const document = JSON.parse(
    JSON.stringify(openApiDocument("Parley", "https://chat.example.com", operations)),
  );
  for (const [path, methods] of Object.entries<
    Record<string, { parameters: { name: string; in: string }[] }>
  >(document.paths))
    for (const { parameters } of Object.values(methods)) {
      const inPath = parameters
        .filter((parameter) => parameter.in === "path")
        .map((parameter) => parameter.name);
      expect(inPath, path).toEqual([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]));
    }
});
