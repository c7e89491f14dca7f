import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { sampleMarkdown } from "#tests/bench/browser/sample-markdown.ts";
import { sampleMessages } from "#tests/e2e/insert-conversation.ts";

export const tokensPerSecond = 75;

const maxStreamedTokens = tokensPerSecond * 60;

/**
 * Starts the upstream of the streaming benchmark. The prompt `from N` is answered with N characters at once,
 * and what follows at 75 tokens per second. The anchors are `/plain?from=N`, a page that appends the same
 * tokens as plain text, and `/messages?count=N`, a page with the messages of a long conversation.
 */
export async function startPacedServer(): Promise<{ url: string; stop: () => void }> {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/plain") return response.setHeader("content-type", "text/html").end(plainPage);
    if (pathname === "/messages")
      return response
        .setHeader("content-type", "text/html")
        .end(messagesPage(Number(searchParams.get("count"))));
    if (pathname === "/tokens") return stream(response, Number(searchParams.get("from")), plainEvent);
    const body = await readBody(request);
    if (!body.includes('"stream":true')) return response.end(JSON.stringify(title));
    stream(response, Number(/from (\d+)/.exec(body)?.[1] ?? 0), completionEvent);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${address.port}`, stop };
}

function stream(response: ServerResponse, from: number, toEvent: (text: string | null) => string): void {
  const text = sampleMarkdown(from + maxStreamedTokens * 5);
  const tokens = text.slice(from).match(/\s?\S{1,5}|\s/g) ?? [];
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" });
  if (from > 0) response.write(toEvent(text.slice(0, from)));
  const startedAt = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * tokensPerSecond);
    for (; sent < due && sent < maxStreamedTokens; sent += 1) response.write(toEvent(tokens[sent] ?? ""));
    if (sent < maxStreamedTokens) return;
    clearInterval(timer);
    response.end(toEvent(null));
  }, 5);
  response.on("close", () => clearInterval(timer));
}

function plainEvent(text: string | null): string {
  return text === null ? "" : `data: ${JSON.stringify({ type: "text", text })}\n\n`;
}

const completion = { id: "chatcmpl-bench", created: 1, model: "bench" };

function completionEvent(text: string | null): string {
  const delta = text === null ? {} : { content: text };
  const choice = { index: 0, delta, finish_reason: text === null ? "stop" : null };
  const chunk = { ...completion, object: "chat.completion.chunk", choices: [choice] };
  return `data: ${JSON.stringify(chunk)}\n\n${text === null ? "data: [DONE]\n\n" : ""}`;
}

const title = {
  ...completion,
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "Bench" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};

async function readBody(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const part of request.setEncoding("utf8")) body += part;
  return body;
}

/** The messages of the benchmark's conversation as plain text, scrolled to their end. */
function messagesPage(count: number): string {
  const articles = sampleMessages(count).map(
    (text) => `<article><pre>${text.replaceAll("<", "&lt;")}</pre></article>`,
  );
  return `<!doctype html><meta charset="utf-8"><title>Plain messages</title>
<main role="log" style="height: 90vh; overflow-y: auto">${articles.join("")}</main>
<script>{ const log = document.querySelector("main"); log.scrollTop = log.scrollHeight; }</script>`;
}

/** Appends every token to the text of the last paragraph and keeps the end in view. */
const plainPage = `<!doctype html><meta charset="utf-8"><title>Plain text</title>
<main role="log" style="height: 90vh; overflow-y: auto; max-width: 43rem"></main>
<script type="module">
const log = document.querySelector("main");
const reader = (await fetch("/tokens" + location.search)).body.pipeThrough(new TextDecoderStream()).getReader();
let last, rest = "";
for (let read = await reader.read(); !read.done; read = await reader.read()) {
  const events = (rest + read.value).split("\\n\\n");
  rest = events.pop();
  for (const event of events) {
    JSON.parse(event.slice(6)).text.split("\\n\\n").forEach((text, index) => {
      if (last === undefined || index > 0) {
        log.append(document.createElement("p"));
        last = log.lastChild.appendChild(new Text());
      }
      last.appendData(text);
    });
  }
  log.scrollTop = log.scrollHeight;
}
</script>`;
