import { globSync, readFileSync } from "node:fs";

/** Source text by path from the root of the repository. */
export type SourceFiles = Map<string, string>;

const patterns = ["{app,lib,db,sandbox,tests}/**/*.{ts,tsx,mjs,css}", "db/functions/**/*.sql", "*.{ts,mjs}"];
const generated = /^next-env\.d\.ts$|(^|\/)(node_modules|\.next)\//;

/** Reads every source file of the repository. */
export function readSourceFiles(): SourceFiles {
  const paths = globSync(patterns, { exclude: (path) => /(^|\/)(node_modules|\.next)$/.test(path) });
  return new Map(
    paths
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => !generated.test(path))
      .map((path) => [path, readFileSync(path, "utf8")]),
  );
}

export type Import = { from: string; specifier: string };

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s+(?:type\s)?(?:[\w*{][^;"']*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)|\brequire\(\s*["']([^"']+)["']\s*\)/g;

/** Returns every import, type import, re-export and dynamic import of a file. */
export function importsOf(path: string, source: string): Import[] {
  return [...withoutComments(source).matchAll(importPattern)].map(([, fixed, dynamic, required]) => ({
    from: path,
    specifier: fixed ?? dynamic ?? required ?? "",
  }));
}

export function allImports(files: SourceFiles): Import[] {
  return [...files].flatMap(([path, source]) =>
    /\.(ts|tsx|mjs)$/.test(path) ? importsOf(path, source) : [],
  );
}

/** Removes comments, so that a word in a comment is not taken for code. */
export function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[\s;{(])\/\/[^\n]*/g, "$1");
}

/** Returns the path that an import alias (`#lib/...`) names; undefined for packages and Node.js modules. */
export function toPath(specifier: string): string | undefined {
  return /^#(app|lib|db|sandbox|tests)\//.test(specifier) ? specifier.slice(1) : undefined;
}
