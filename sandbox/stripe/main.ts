import { parseArgs } from "node:util";
import { startStripeSandbox } from "#sandbox/stripe/server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "12111" },
    data: { type: "string" },
  },
});
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`--port must be a number from 0 to 65535, not "${values.port}".`);
  process.exit(2);
}

try {
  const sandbox = await startStripeSandbox({
    port,
    ...(values.data === undefined ? {} : { dataDir: values.data }),
  });
  console.log(`stripe sandbox listening on ${sandbox.url}`);
  const stop = () => {
    sandbox.stop().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
} catch (error) {
  const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  console.error(
    isTaken ? `Port ${port} is already in use. Choose another with --port; 0 picks a free port.` : error,
  );
  process.exit(1);
}
