import { relative } from "node:path";
import type { Plugin } from "vite";
import { instrument } from "#tests/coverage/instrument.ts";
import { isMeasured } from "#tests/coverage/measured-files.ts";

/** Counts the statements of lib/ and db/ if the run measures coverage (COVERAGE_DIR). */
export function coveragePlugin(): Plugin {
  return {
    name: "coverage",
    // Before the types are removed, so that the lines are those of the source.
    enforce: "pre",
    transform(source, id) {
      const path = relative(process.cwd(), id);
      if (process.env.COVERAGE_DIR === undefined || !isMeasured(path)) return null;
      return { code: instrument(path, source).code, map: null };
    },
  };
}
