import { parseArgs } from "node:util";
import { realisticPace } from "./pace.ts";
import { startOpenAiSandbox } from "./server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "12112" },
    "tokens-per-second": { type: "string", default: String(realisticPace.tokensPerSecond) },
    "first-token-ms": { type: "string", default: String(realisticPace.firstTokenMs) },
  },
});

const { url, stop } = await startOpenAiSandbox({
  port: Number(values.port),
  tokensPerSecond: Number(values["tokens-per-second"]),
  firstTokenMs: Number(values["first-token-ms"]),
});
process.stdout.write(`openai sandbox listening on ${url}\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void stop());
