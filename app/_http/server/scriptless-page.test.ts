import { createServer, type IncomingMessage } from "node:http";
import { beforeAll, expect, test, vi } from "vitest";
import { createDispatcher } from "#app/_http/server/dispatcher.ts";
import { isScriptlessRequest, removeScripts } from "#app/_http/server/scriptless-page.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";

beforeAll(() => {
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
});

const page = `<html><head><link rel="preload" as="script" fetchPriority="low" href="/_next/a.js"/>
<link rel="preload" as="font" href="/_next/f.woff2"/><script src="/_next/a.js" async=""></script></head>
<body><script nonce="n">((a)=>{setTheme(a)})("theme")</script><h1>Grüße</h1>
<script nonce="n" id="_R_">(globalThis["TURBOPACK"] || (globalThis["TURBOPACK"] = [])).push(1)</script>
<script nonce="n">(self.__next_f=self.__next_f||[]).push([0])</script>
<script nonce="n">self.__next_f.push([1,"\\u003c/script>"])</script></body></html>`;

test("the scripts that hydrate a page are removed, and all else stays", () => {
  const left = removeScripts(page);
  expect(left).not.toMatch(/_next\/a\.js|__next_f|TURBOPACK/);
  // The script that sets the theme, and one that follows the system's.
  expect(left.match(/<script nonce="n">/g)).toHaveLength(2);
  for (const kept of ["setTheme", "<h1>Grüße</h1>", "f.woff2", "</body></html>"])
    expect(left).toContain(kept);
});

const request = (headers: IncomingMessage["headers"], method = "GET") =>
  // Only these two fields are read.
  ({ method, headers }) as IncomingMessage;

test("only documents of listed pages for signed-out visitors are without scripts", () => {
  expect(isScriptlessRequest(request({}), "/pricing")).toBe(true);
  expect(isScriptlessRequest(request({}), "/share/AbCd-_12")).toBe(true);
  expect(isScriptlessRequest(request({}), "/share/AbCd/more")).toBe(false);
  expect(isScriptlessRequest(request({}), "/sign-in")).toBe(false);
  expect(isScriptlessRequest(request({}, "POST"), "/pricing")).toBe(false);
  expect(isScriptlessRequest(request({ rsc: "1" }), "/pricing")).toBe(false);
  expect(isScriptlessRequest(request({ cookie: "authjs.session-token=x" }), "/pricing")).toBe(false);
});

test.each(["br", "gzip", "identity"])(
  "a page without scripts is sent as %s with its length",
  async (encoding) => {
    const dispatch = createDispatcher({}, async (_request, response) => {
      response.setHeader("content-security-policy", "default-src 'none'");
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      const middle = Buffer.from(page).indexOf("ü") + 1;
      // A character may be split between two writes.
      response.write(Buffer.from(page).subarray(0, middle));
      response.end(Buffer.from(page).subarray(middle));
    });
    const server = createServer((incoming, outgoing) => void dispatch(incoming, outgoing));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const response = await fetch(`http://127.0.0.1:${port}/pricing`, {
      headers: { "accept-encoding": encoding },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-encoding")).toBe(encoding === "identity" ? null : encoding);
    expect(Number(response.headers.get("content-length"))).toBeGreaterThan(0);
    expect(response.headers.get("content-security-policy")).toBe("default-src 'none'");
    const text = await response.text();
    expect(text).toContain("<h1>Grüße</h1>");
    expect(text).not.toContain("__next_f");
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
);
