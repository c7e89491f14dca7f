import { processEnvErrors } from "#lib/core/env.ts";

/** Ends the process with a sentence for each thing that is wrong with its environment. */
export function assertEnv(): void {
  const problems = processEnvErrors();
  if (problems.length === 0) return;
  const lines = problems.map((problem) => `  - ${problem}\n`).join("");
  process.stderr.write(`Parley cannot start, because its environment is not right:\n${lines}`);
  process.stderr.write(".env.example explains every variable.\n");
  process.exit(1);
}
