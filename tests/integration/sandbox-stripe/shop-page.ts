import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { type Browser, chromium, type Page } from "playwright";

export type Shop = { url: string; open(path?: string): Promise<Page>; stop(): Promise<void> };

// The package's entry only re-exports this file, which has no imports and can be served directly.
const loader = new URL("../../../node_modules/@stripe/stripe-js/dist/index.mjs", import.meta.url);
const readyMs = 15_000;
const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title></head>
<body><h1>Shop</h1><div id="card"></div><div id="checkout"></div><script type="module">
import { loadStripe } from "/stripe-js.mjs";
window.stripe = await loadStripe("pk_test_shop");
document.title = "Shop, ready";
</script></body></html>`;

/**
 * Opens a merchant page in Chromium. It loads Stripe.js with the official loader, whose request is routed to
 * the sandbox. The page exposes the loaded Stripe as `stripe`.
 */
export async function openShop(sandboxUrl: string): Promise<Shop> {
  const server = createServer((request, response) => {
    if (request.url === "/stripe-js.mjs") {
      response.writeHead(200, { "content-type": "text/javascript" });
      createReadStream(loader).pipe(response);
      return;
    }
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  const browser = await launch();
  return {
    url,
    open: async (path = "/") => {
      const page = await browser.newPage();
      page.setDefaultTimeout(readyMs);
      await page.route("https://js.stripe.com/**", async (route) => {
        const script = await fetch(`${sandboxUrl}${new URL(route.request().url()).pathname}`);
        await route.fulfill({ contentType: "text/javascript", body: await script.text() });
      });
      await page.goto(`${url}${path}`);
      await page.waitForFunction(() => document.title === "Shop, ready", undefined, { timeout: readyMs });
      return page;
    },
    stop: async () => {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Launches Chromium without background network traffic. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
