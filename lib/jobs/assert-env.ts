import { processEnvErrors } from "#lib/core/env.ts";

/** Exits the process with one sentence per error of its environment. */
export function assertEnv(): void {
  const errors = processEnvErrors();
  if (errors.length === 0) return;
  const lines = errors.map((error) => `  - ${error}\n`).join("");
  process.stderr.write(`Parley cannot start, because its environment is not right:\n${lines}`);
  process.stderr.write(".env.example explains every variable.\n");
  process.exit(1);
}
