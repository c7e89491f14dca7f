import { globSync } from "node:fs";

/** The folders whose lines are counted. */
export const measuredFolders = ["lib", "db"] as const;

export function isMeasured(path: string): boolean {
  return /^(lib|db)\/.*\.ts$/.test(path) && !path.endsWith(".test.ts");
}

/** Every file that counts, also those that no test loads. */
export function listMeasuredFiles(): string[] {
  return measuredFolders.flatMap((folder) => globSync(`${folder}/**/*.ts`)).filter(isMeasured);
}
