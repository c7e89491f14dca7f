import { parseArgs } from "node:util";
import { readCoverage } from "#tests/coverage/read-coverage.ts";

/** `node tests/coverage/main.ts [FOLDER]`: lists the lines that the last run of `npm test` has missed. */
const { positionals } = parseArgs({ allowPositionals: true });
for (const { files } of readCoverage(positionals[0] ?? ".data/coverage"))
  for (const { path, lines, missed } of files.toSorted((a, b) => b.missed.length - a.missed.length))
    if (missed.length > 0)
      process.stdout.write(`${path}: ${missed.length} of ${lines}: ${missed.join(" ")}\n`);
