import { existsSync, globSync, readFileSync } from "node:fs";
import { instrument } from "#tests/coverage/instrument.ts";
import { listMeasuredFiles, measuredFolders } from "#tests/coverage/measured-files.ts";
import type { Counters } from "#tests/coverage/write-counters.ts";

/** The lines of a file on which a statement begins, and those of them that no test ran. */
export type FileCoverage = { path: string; lines: number; missed: number[] };
export type FolderCoverage = { folder: string; percent: number; files: FileCoverage[] };

/** The least percentage of the lines of each folder that the tests must run. */
export const minPercent = 90;

/** Merges what the processes of a run have counted. */
export function readCoverage(countersFolder: string): FolderCoverage[] {
  const counters = existsSync(countersFolder)
    ? globSync(`${countersFolder}/*.json`).map(
        (path) => JSON.parse(readFileSync(path, "utf8")) as Counters, // write-counters.ts wrote it.
      )
    : [];
  const files = listMeasuredFiles().map((path) =>
    measureFile(
      path,
      instrument(path, readFileSync(path, "utf8")).lines,
      counters.flatMap((process) => process[path] ?? []),
    ),
  );
  return measuredFolders.map((folder) => {
    const own = files.filter(({ path }) => path.startsWith(`${folder}/`));
    return { folder, percent: toPercent(own), files: own };
  });
}

/** @param runs for each process, a 0 or 1 for each of the statements that begin on `lines` */
export function measureFile(path: string, lines: number[], runs: string[]): FileCoverage {
  const ran = new Set(lines.filter((_, index) => runs.some((run) => run[index] === "1")));
  const all = new Set(lines);
  return { path, lines: all.size, missed: [...all].filter((line) => !ran.has(line)).sort((a, b) => a - b) };
}

export function toPercent(files: FileCoverage[]): number {
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
  const missed = files.reduce((sum, file) => sum + file.missed.length, 0);
  return lines === 0 ? 0 : (100 * (lines - missed)) / lines;
}

/** The line that `npm test` prints: "coverage  lib 93.4 %, db 95.1 %". Rounds down, so 90.0 is 90 or more. */
export function formatCoverage(folders: FolderCoverage[]): string {
  const parts = folders.map(
    ({ folder, percent }) => `${folder} ${(Math.floor(percent * 10) / 10).toFixed(1)} %`,
  );
  return `coverage  ${parts.join(", ")}`;
}

/** One message per folder with too little coverage, with the files that miss most lines. */
export function findCoverageFailures(folders: FolderCoverage[]): string[] {
  return folders
    .filter(({ percent }) => percent < minPercent)
    .map(({ folder, files }) => {
      const worst = files.toSorted((a, b) => b.missed.length - a.missed.length).slice(0, 5);
      const names = worst.map(({ path, missed }) => `${path} (${missed.length})`);
      return `Less than ${minPercent} % of the lines of ${folder}/ ran; most are missed in ${names.join(", ")}`;
    });
}
