import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import { afterEach, expect, test } from "vitest";
import { fetchWithin } from "#app/(workspace)/chat/_stream/fetch-within.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  return `http://127.0.0.1:${address.port}`;
}

test("a request that is swallowed is given up", async () => {
  const url = await serve(() => {});
  await expect(fetchWithin(url, {}, undefined, 20)).rejects.toMatchObject({ name: "AbortError" });
});

test("the body of a response that has begun is not limited, and the signal ends it", async () => {
  const open = Promise.withResolvers<ServerResponse>();
  const url = await serve((_request, response) => {
    response.writeHead(200).write("first");
    open.resolve(response);
  });
  const leaving = new AbortController();
  const response = await fetchWithin(url, {}, leaving.signal);
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  expect(decoder.decode((await reader?.read())?.value)).toBe("first");
  (await open.promise).write("second");
  expect(decoder.decode((await reader?.read())?.value)).toBe("second");
  leaving.abort();
  await expect(reader?.read()).rejects.toMatchObject({ name: "AbortError" });
});
