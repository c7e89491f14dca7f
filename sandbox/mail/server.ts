import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { summarize } from "./email.ts";
import { type Filter, type Mailbox, openMailbox } from "./mailbox.ts";
import { emailDocument, emailPolicy, mailboxPage, pagePolicy } from "./pages.ts";
import { createSmtpServer } from "./smtp.ts";

type MailSandboxOptions = {
  /** The SMTP port; 0 lets the system choose. */
  smtpPort: number;
  /** The HTTP port; 0 lets the system choose. */
  httpPort: number;
  /** The data folder; null keeps nothing. */
  dataDir?: string;
};

export type RunningMailSandbox = { smtpUrl: string; url: string; stop: () => Promise<void> };

/** Starts a mail server on loopback that shows received emails on a page and as JSON. */
export async function startMailSandbox(options: MailSandboxOptions): Promise<RunningMailSandbox> {
  const mailbox = openMailbox(options.dataDir ?? null);
  const smtp = createSmtpServer((email) => mailbox.add(email));
  // Ignore a client that disconnects in the middle of an email.
  smtp.on("error", () => {});
  const web = createServer((request, response) => {
    answer(request, response, mailbox).catch((error: unknown) => {
      process.stderr.write(`mail sandbox: ${error instanceof Error ? error.stack : String(error)}\n`);
      response.destroy();
    });
  });
  const smtpPort = await listen(smtp.server, options.smtpPort);
  const httpPort = await listen(web, options.httpPort);
  return {
    smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
    url: `http://127.0.0.1:${httpPort}`,
    async stop() {
      web.closeAllConnections();
      await Promise.all([
        new Promise<void>((resolve) => smtp.close(resolve)),
        new Promise<void>((resolve) => web.close(() => resolve())),
      ]);
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port; // it listens on a port, so it is no pipe's name
}

async function answer(request: IncomingMessage, response: ServerResponse, mailbox: Mailbox): Promise<void> {
  const url = new URL(request.url ?? "/", "http://sandbox");
  const called = `${request.method} ${url.pathname}`;
  const filter = filterOf(url.searchParams);
  if (called === "GET /") sendPage(response, mailboxPage(mailbox.list(), null), pagePolicy);
  else if (called === "GET /api/messages") sendJson(response, 200, mailbox.list(filter).map(summarize));
  else if (called === "GET /api/messages/wait") await answerWait(url.searchParams, filter, response, mailbox);
  else if (called === "DELETE /api/messages") {
    mailbox.clear();
    response.writeHead(204).end();
  } else if (called === "POST /clear") {
    mailbox.clear();
    response.writeHead(303, { location: "/" }).end();
  } else sendMessage(called, response, mailbox);
}

function sendMessage(called: string, response: ServerResponse, mailbox: Mailbox): void {
  const [, api, id = "", part] = /^GET (\/api)?\/messages\/([\w-]+)(\/html)?$/.exec(called) ?? [];
  const email = mailbox.find(id);
  if (email === undefined) sendJson(response, 404, { error: "Email not found." });
  else if (api !== undefined) sendJson(response, 200, email);
  else if (part !== undefined) sendPage(response, emailDocument(email), emailPolicy);
  else sendPage(response, mailboxPage(mailbox.list(), email), pagePolicy);
}

const longestWaitMs = 60_000;

/** 200 with the newest matching email as soon as it arrives; 404 on timeout. */
async function answerWait(
  query: URLSearchParams,
  filter: Filter,
  response: ServerResponse,
  mailbox: Mailbox,
): Promise<void> {
  const timeoutMs = Math.min(Number(query.get("timeoutMs") ?? 20_000) || 0, longestWaitMs);
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const email = await mailbox.wait(filter, AbortSignal.any([gone.signal, AbortSignal.timeout(timeoutMs)]));
  if (email !== null) sendJson(response, 200, email);
  else sendJson(response, 404, { error: `No matching email arrived within ${timeoutMs} ms.` });
}

function filterOf(query: URLSearchParams): Filter {
  const param = (name: string) => query.get(name) ?? undefined;
  return { to: param("to"), subject: param("subject"), after: param("after") };
}

function sendJson(response: ServerResponse, status: number, json: unknown): void {
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(json));
}

function sendPage(response: ServerResponse, page: string, policy: string): void {
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": policy,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
  response.end(page);
}
