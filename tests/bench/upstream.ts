import { createServer, type ServerResponse } from "node:http";
import { argv, hrtime, stdout } from "node:process";

/**
 * The frozen mock upstream of every measured target.
 *
 * The model name `bench-<tokens>-<intervalMs>` sends that many tokens, one per interval (0: all at once). The
 * text of the first token is the monotonic clock in nanoseconds, which all processes of a Linux machine
 * share.
 */
const usage = { prompt_tokens: 20, completion_tokens: 0, total_tokens: 20 };

type Script = { tokens: number; intervalMs: number };

function readScript(body: string): Script {
  const match = /bench-(\d+)-(\d+)/.exec(body);
  return { tokens: Number(match?.[1] ?? 10), intervalMs: Number(match?.[2] ?? 0) };
}

function chunk(content: string | null, finish: "stop" | null): string {
  const delta = content === null ? {} : { content };
  return `data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1,"model":"bench","choices":[{"index":0,"delta":${JSON.stringify(delta)},"finish_reason":${JSON.stringify(finish)}}]}\n\n`;
}

function lastChunks(tokens: number): string {
  const total = { ...usage, completion_tokens: tokens, total_tokens: usage.prompt_tokens + tokens };
  return `${chunk(null, "stop")}data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1,"model":"bench","choices":[],"usage":${JSON.stringify(total)}}\n\ndata: [DONE]\n\n`;
}

function play(response: ServerResponse, { tokens, intervalMs }: Script): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.write(chunk(`${hrtime.bigint()} `, null));
  const word = chunk("token ", null);
  if (intervalMs === 0) {
    response.end(word.repeat(Math.max(0, tokens - 1)) + lastChunks(tokens));
    return;
  }
  let sent = 1;
  const timer = setInterval(() => {
    if (sent < tokens) {
      response.write(word);
      sent += 1;
      return;
    }
    clearInterval(timer);
    response.end(lastChunks(tokens));
  }, intervalMs);
  response.on("close", () => clearInterval(timer));
}

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (text: string) => {
    body += text;
  });
  request.on("end", () => {
    if (!body.includes('"stream":true')) {
      // A request without streaming (for a title) gets one short answer.
      response.writeHead(200, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          id: "chatcmpl-bench",
          object: "chat.completion",
          created: 1,
          model: "bench",
          choices: [{ index: 0, message: { role: "assistant", content: "Bench" }, finish_reason: "stop" }],
          usage,
        }),
      );
      return;
    }
    play(response, readScript(body));
  });
});

server.keepAliveTimeout = 60_000;
server.listen(Number(argv[2] ?? 0), "127.0.0.1", () => {
  const address = server.address();
  stdout.write(`listening ${typeof address === "object" ? address?.port : ""}\n`);
});
