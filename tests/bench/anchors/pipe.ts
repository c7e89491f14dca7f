import { createServer, request as send } from "node:http";
import { argv, stdout } from "node:process";

/**
 * Frozen anchor: a plain Node.js server that forwards the upstream's bytes, the fastest possible path in
 * JavaScript.
 */
const upstream = new URL(argv[2] ?? "");
const server = createServer((incoming, outgoing) => {
  const onward = send(
    {
      host: upstream.hostname,
      port: upstream.port,
      path: "/v1/chat/completions",
      method: "POST",
      headers: { "content-type": "application/json" },
    },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, { "content-type": "text/event-stream" });
      answer.pipe(outgoing);
    },
  );
  onward.on("error", () => outgoing.destroy());
  outgoing.on("close", () => onward.destroy());
  incoming.pipe(onward);
});

server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  stdout.write(`listening ${typeof address === "object" ? address?.port : ""}\n`);
});
