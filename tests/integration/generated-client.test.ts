import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { createParser } from "eventsource-parser";
import { encode } from "next-auth/jwt";
import { generate } from "orval";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createHttpServer } from "#app/_http/server/create-http-server.ts";
import { createDispatcher } from "#app/_http/server/dispatcher.ts";
import { sessionCookieName } from "#app/_http/session/session-cookie.ts";
import { routeTable } from "#app/_openapi/route-table.ts";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import { shutDownGenerations } from "#lib/chat/generation/shut-down.ts";
import { streamEventSchema } from "#lib/chat/generation/stream-events.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import {
  addUser,
  type ChatTestEnv,
  startChatTestEnv,
  startInput,
} from "#tests/integration/chat/chat-test-env.ts";

/**
 * A program that uses the generated client; the compiler checks that its types have what the document says.
 * Names of operations and types are the contract: a change that breaks this program breaks our users'.
 */
const program = `
import * as api from "./client.ts";

const byKey = (key: string) => ({ headers: { authorization: "Bearer " + key } });

export async function complete(key: string): Promise<{ text: string; model: string; models: string[] }> {
  const models = await api.listModels(byKey(key));
  if (models.status !== 200) throw new Error(models.data.error.message);
  const request: api.ChatCompletionRequest = {
    model: "gpt-4.1-mini",
    messages: [{ role: "user", content: "say exactly: hello" }],
    temperature: null,
  };
  const answer = await api.createChatCompletion(request, byKey(key));
  if (answer.status !== 200) throw new Error(answer.data.error.message);
  const completion = answer.data as api.ChatCompletion;
  const content: string | null | undefined = completion.choices[0]?.message.content;
  return { text: content ?? "", model: completion.model, models: models.data.data.map((model) => model.id) };
}

export async function refuse(): Promise<{ code: string | null; requestId: string | null }> {
  const refused = await api.getWorkspaceUsage(undefined, byKey("wrong"));
  if (refused.status !== 401) throw new Error("not refused");
  const code: string | null = refused.data.error.code;
  return { code, requestId: refused.headers.get("x-request-id") };
}

export async function readUsage(headers: Record<string, string>): Promise<number> {
  const usage = await api.getUsage({ group: "model" }, { headers });
  if (usage.status !== 200 || typeof usage.data === "string") throw new Error("no report");
  const charged: number[] = usage.data.data.map((row) => row.chargedMicros);
  return charged.reduce((sum, micros) => sum + micros, 0);
}

export async function chat(request: api.GenerationRequest, headers: Record<string, string>): Promise<string> {
  const answer = await api.startGeneration(request, { headers });
  return String(answer.data);
}

/** The events are a union that the compiler narrows by its discriminator. */
export function textOf(events: api.StreamEvent[]): { text: string; outcome: string | null; charged: number | null } {
  let text = "";
  let outcome: api.EndEventOutcome | null = null;
  let charged: number | null = null;
  for (const event of events) {
    if (event.type === "text") text += event.text;
    if (event.type === "end") {
      outcome = event.outcome;
      charged = event.receipt === null ? null : event.receipt.chargedMicros;
    }
  }
  // @ts-expect-error The receipt may be null.
  for (const event of events) if (event.type === "end") event.receipt.model;
  return { text, outcome, charged };
}
`;

let testEnv: ChatTestEnv;
let server: Server;
let origin: string;
const folder = mkdtempSync(join(tmpdir(), "parley-client-"));

beforeAll(async () => {
  testEnv = await startChatTestEnv();
  const dispatch = createDispatcher(routeTable, async (_request, response) => void response.end());
  server = createHttpServer((request, response) => void dispatch(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  origin = `http://127.0.0.1:${address.port}`;
  vi.stubEnv("APP_URL", origin);
});
afterAll(async () => {
  await shutDownGenerations();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await testEnv.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Generates a client from the document that the server serves, and compiles it with the program. */
async function buildClient(): Promise<string> {
  const document = await (await fetch(`${origin}/api/openapi.json`)).json();
  await generate({
    input: { target: document },
    output: {
      target: join(folder, "client.ts"),
      client: "fetch",
      mode: "single",
      baseUrl: { getBaseUrlFromSpecification: true },
    },
  });
  writeFileSync(join(folder, "program.ts"), program);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const options = {
    compilerOptions: {
      strict: true,
      noUncheckedIndexedAccess: true,
      target: "es2024",
      lib: ["es2024", "dom", "dom.iterable"],
      module: "nodenext",
      rewriteRelativeImportExtensions: true,
      types: [],
      outDir: "out",
    },
    include: ["*.ts"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options));
  const compiler = new URL("../../node_modules/typescript/bin/tsc", import.meta.url).pathname;
  execFileSync(execPath, [compiler, "--project", folder], { stdio: "pipe", encoding: "utf8" });
  return join(folder, "out", "program.js");
}

test("a client that is generated from the document compiles and works", async () => {
  const built = await buildClient().catch((error) => {
    // The compiler writes its errors to the standard output.
    throw new Error(`${error.message}\n${error.stdout ?? ""}`);
  });
  const client = await import(/* @vite-ignore */ built);
  const user = await addUser(testEnv);
  const wanted = { name: "test", scopes: ["chat" as const, "usage" as const], budgetMicros: null };
  const { secret } = await createApiKey(
    testEnv.db,
    user.workspaceId,
    user.userId,
    { ...wanted, expiresAt: null },
    now(),
  );
  const completed = await client.complete(secret);
  expect(completed).toMatchObject({ text: "hello", model: "gpt-4.1-mini" });
  expect(completed.models).toContain("gpt-4.1-mini");

  expect(await client.refuse()).toEqual({ code: "invalid_api_key", requestId: expect.any(String) });

  const salt = sessionCookieName();
  const token = { userId: user.userId, sessionId: user.sessionId };
  const cookie = `${salt}=${await encode({ token, secret: env().AUTH_SECRET, salt, maxAge: 600 })}`;
  const events: unknown[] = [];
  const parser = createParser({
    onEvent: ({ data }) => void events.push(streamEventSchema.parse(JSON.parse(data))),
  });
  parser.feed(await client.chat(startInput("say exactly: one two", "gpt-4.1-mini"), { cookie, origin }));
  const read = client.textOf(events);
  expect(read).toEqual({ text: "one two", outcome: "done", charged: expect.any(Number) });
  expect(await client.readUsage({ cookie })).toBeGreaterThanOrEqual(read.charged);
});
