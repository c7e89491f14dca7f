import { parseArgs } from "node:util";
import { startMailSandbox } from "./server.ts";

const { values } = parseArgs({
  options: {
    "smtp-port": { type: "string", default: "1025" },
    "http-port": { type: "string", default: "1080" },
    data: { type: "string" },
  },
});

const { url, smtpUrl, stop } = await startMailSandbox({
  smtpPort: Number(values["smtp-port"]),
  httpPort: Number(values["http-port"]),
  ...(values.data !== undefined && { dataDir: values.data }),
});
process.stdout.write(`mail sandbox listening on ${url} and ${smtpUrl}\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void stop());
