import { createApiKey, revokeApiKey } from "#lib/accounts/api-keys.ts";
import { revokeSession } from "#lib/accounts/sessions.ts";
import {
  addUser,
  type ClusterUser,
  chat,
  cookieName,
  deviceCookieName,
  headersOf,
  newStart,
  type Received,
  readEvents,
} from "#tests/cluster/chat-client.ts";
import { expect, type RunningCluster, test } from "#tests/cluster/fixtures.ts";
import { http1Client, http2Client, readText } from "#tests/cluster/http-client.ts";
import { expectReceipt, expectStreaming, send } from "#tests/e2e/chat-page.ts";

/** Its answer takes longer than any test, at 60 tokens per second. */
const longQuestion = "long 6000 tokens";
const chatPath = "/api/openai/chat";

const proxyOf = ({ url, certificatePath }: RunningCluster) => http2Client(url, certificatePath);
const appsOf = ({ appUrls }: RunningCluster) => appUrls.map(http1Client);
const nothing = (): Received => ({ text: "", end: undefined });

test("a browser signs up and chats over HTTP/2 with HSTS and cookies with the prefix __Host-", async ({
  cluster,
  page,
}) => {
  const response = await page.goto(`${cluster.url}/sign-up`);
  expect(response?.headers()["strict-transport-security"]).toBe("max-age=31536000; includeSubDomains");
  const protocol = await page.evaluate(
    // The entries of this type are navigations; the type of the list is the general one.
    () => (performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming).nextHopProtocol,
  );
  expect(protocol).toBe("h2");
  await page.getByLabel("Email").fill(`${crypto.randomUUID()}@cluster.example`);
  await page.getByLabel("Password", { exact: true }).fill(`a pass phrase ${crypto.randomUUID()}`);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL("**/chat");
  await send(page, "long 400 tokens");
  await expectStreaming(page);
  await expectReceipt(page);

  const cookies = (await page.context().cookies()).filter(({ httpOnly }) => httpOnly);
  const names = cookies.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([cookieName, deviceCookieName]));
  // next-auth names the cookie with the next page "__Secure-", which other hosts of the domain may set.
  for (const { name, secure, path, domain } of cookies) {
    expect(name).toMatch(/^__Host-|^__Secure-authjs\.callback-url$/);
    expect({ secure, path, domain }).toEqual({ secure: true, path: "/", domain: "localhost" });
  }
  expect(cluster.output.filter((line) => /error|failed/i.test(line))).toEqual([]);
});

test("http is redirected to https, and the API answers over HTTP/2 with HSTS", async ({ cluster }) => {
  const plain = http1Client(cluster.httpUrl);
  const redirect = await plain.request({ method: "GET", path: "/pricing", headers: {} });
  expect([redirect.status, redirect.headers.location]).toEqual([308, `${cluster.url}/pricing`]);
  await readText(redirect);
  const proxy = proxyOf(cluster);
  const ready = await proxy.request({ method: "GET", path: "/api/ready", headers: {} });
  expect(JSON.parse(await readText(ready))).toMatchObject({ ready: true, worker: "ok" });
  expect(ready.headers["strict-transport-security"]).toContain("max-age=31536000");
  proxy.close();
});

async function stop(
  cluster: RunningCluster,
  user: ClusterUser,
  generationId: string,
  appIndex: number,
): Promise<void> {
  const path = `${chatPath}/${generationId}/stop`;
  const headers = headersOf(user, cluster.url);
  const response = await appsOf(cluster)[appIndex]?.request({ method: "POST", path, headers });
  expect(response?.status).toBeLessThan(300);
}

test("the first bytes of an answer arrive through the proxy while the model still writes", async ({
  cluster,
}) => {
  const user = await addUser(cluster);
  const { generationId, body } = newStart(longQuestion);
  const proxy = proxyOf(cluster);
  const headers = headersOf(user, cluster.url);
  const response = await proxy.request({ method: "POST", path: chatPath, headers, body });
  expect(response.headers["content-type"]).toContain("text/event-stream");
  await readEvents(response, nothing(), ({ text }) => text !== "");
  const [generation] = await cluster.connection.sql`
    select status from generations where id = ${generationId}`;
  expect(generation?.status).toBe("running");
  response.chunks.destroy();
  await stop(cluster, user, generationId, 0);
  proxy.close();
});

test("an answer that runs on one app is resumed and stopped on the other one", async ({ cluster }) => {
  const user = await addUser(cluster);
  const { generationId, body } = newStart(longQuestion);
  const [first, second] = appsOf(cluster);
  if (first === undefined || second === undefined) throw new Error("There are not two apps.");
  const headers = headersOf(user, cluster.url);
  const received = nothing();
  const started = await first.request({ method: "POST", path: chatPath, headers, body });
  await readEvents(started, received, ({ text }) => text.length > 100);
  started.chunks.destroy();
  const lengthBefore = received.text.length;

  const path = `${chatPath}/${generationId}/stream`;
  const resumeHeaders = { ...headers, "last-event-id": String(lengthBefore) };
  const resumed = await second.request({ method: "GET", path, headers: resumeHeaders });
  const onFirst = nothing();
  const reading = readEvents(await first.request({ method: "GET", path, headers }), onFirst);
  await readEvents(resumed, received, ({ text }) => text.length > lengthBefore + 100);
  resumed.chunks.destroy();
  await stop(cluster, user, generationId, 1);
  await reading;
  expect(onFirst.end?.outcome).toBe("stopped");
  const [stored] = await cluster.connection.sql`
    select m.content as text from messages m join generations g on g.message_id = m.id
    where g.id = ${generationId}`;
  expect(onFirst.text).toBe(stored?.text);
  expect(onFirst.text.startsWith(received.text)).toBe(true);
});

/** Opens an answer's stream on both apps. Returns promises of the moment at which each stream ends. */
async function openOnBoth(cluster: RunningCluster, user: ClusterUser): Promise<Promise<number>[]> {
  const { generationId, body } = newStart(longQuestion);
  const headers = headersOf(user, cluster.url);
  const [first, second] = appsOf(cluster);
  const started = await first?.request({ method: "POST", path: chatPath, headers, body });
  const path = `${chatPath}/${generationId}/stream`;
  const resumed = await second?.request({ method: "GET", path, headers });
  const ends: Promise<number>[] = [];
  for (const stream of [started, resumed]) {
    if (stream?.status !== 200) throw new Error(`A stream did not open: ${stream?.status}.`);
    const opened = Promise.withResolvers<void>();
    const reading = readEvents(stream, nothing(), ({ text }) => {
      if (text !== "") opened.resolve();
      return false;
    });
    ends.push(reading.catch(() => {}).then(() => performance.now()));
    await opened.promise;
  }
  return ends;
}

/**
 * Returns the best of three measurements, because a loaded machine delays any of them. The fallback of a lost
 * notification takes up to ten seconds.
 */
async function bestOfThree(measure: () => Promise<number>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && best >= 1_000; attempt += 1) best = Math.min(best, await measure());
  return best;
}

async function expectUnauthorized(
  cluster: RunningCluster,
  path: string,
  headers: Record<string, string>,
): Promise<void> {
  for (const app of appsOf(cluster)) {
    const response = await app.request({ method: "GET", path, headers });
    expect(response.status).toBe(401);
    await readText(response);
  }
}

test("revoking a session ends its streams and requests on both apps within a second", async ({ cluster }) => {
  const milliseconds = await bestOfThree(async () => {
    const user = await addUser(cluster);
    const ends = await openOnBoth(cluster, user);
    const revokedAt = performance.now();
    await revokeSession(cluster.connection.db, user.claims, new Date());
    await expectUnauthorized(cluster, "/api/openai/usage", headersOf(user, cluster.url));
    return Math.max(...(await Promise.all(ends))) - revokedAt;
  });
  process.stdout.write(`  the streams of a revoked session ended after ${Math.round(milliseconds)} ms\n`);
  expect(milliseconds).toBeLessThan(1_000);
});

test("revoking an API key ends its streams and requests on both apps within a second", async ({
  cluster,
}) => {
  const { db } = cluster.connection;
  const milliseconds = await bestOfThree(async () => {
    const { workspaceId, userId } = await addUser(cluster);
    const newKey = { name: "cluster", scopes: ["chat" as const], budgetMicros: null, expiresAt: null };
    const { id, secret } = await createApiKey(db, workspaceId, userId, newKey, new Date());
    const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
    const messages = [{ role: "user", content: longQuestion }];
    const body = JSON.stringify({ model: "gpt-4.1-mini", stream: true, messages });
    const ends: Promise<number>[] = [];
    for (const app of appsOf(cluster)) {
      const path = "/api/v1/chat/completions";
      const { status, chunks } = await app.request({ method: "POST", path, headers, body });
      expect(status).toBe(200);
      const iterator = chunks[Symbol.asyncIterator]();
      await iterator.next();
      ends.push(untilDone(iterator));
    }
    const revokedAt = performance.now();
    await revokeApiKey(db, workspaceId, userId, { id, typedName: "cluster" }, new Date());
    await expectUnauthorized(cluster, "/api/v1/models", headers);
    return Math.max(...(await Promise.all(ends))) - revokedAt;
  });
  process.stdout.write(`  the streams of a revoked key ended after ${Math.round(milliseconds)} ms\n`);
  expect(milliseconds).toBeLessThan(1_000);
});

async function untilDone(iterator: AsyncIterator<Buffer>): Promise<number> {
  try {
    while ((await iterator.next()).done !== true);
  } catch {
    // The server has closed the connection.
  }
  return performance.now();
}

test("S7: the apps connect through PgBouncer as a role that cannot change the ledger", async ({
  cluster,
}) => {
  const user = await addUser(cluster);
  const proxy = proxyOf(cluster);
  await chat(proxy, headersOf(user, cluster.url), newStart("hello"));
  proxy.close();
  const { sql } = cluster.connection;
  const roles = await sql<{ role: string }[]>`
    select distinct usename::text as role from pg_stat_activity where datname = current_database()`;
  expect(roles.map(({ role }) => role)).toEqual(["parley_app"]);
  for (const statement of ["update ledger_entries set amount_micros = 0", "delete from audit_log"])
    await expect(sql.unsafe(statement)).rejects.toThrow(/permission denied/);
});
