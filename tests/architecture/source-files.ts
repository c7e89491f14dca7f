import { globSync, readFileSync } from "node:fs";

/** Our own source by its path from the root, as far as the rules of the house speak of it. */
export type SourceFiles = Map<string, string>;

const ours = ["app/**/*.{ts,tsx}", "lib/**/*.ts", "db/**/*.ts", "sandbox/**/*.{ts,mjs}", "*.{ts,mjs}"];

export function readSourceFiles(): SourceFiles {
  const paths = globSync(ours, {
    exclude: (path) => path.includes("node_modules") || path.includes(".next"),
  });
  return new Map(
    paths
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => path !== "next-env.d.ts")
      .map((path) => [path, readFileSync(path, "utf8")]),
  );
}

export type Import = { from: string; specifier: string; typeOnly: boolean };

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s+(type\s)?(?:[\w*{][^;"']*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)|\brequire\(\s*["']([^"']+)["']\s*\)/g;

/** Every import, re-export and dynamic import of a file. */
export function importsOf(path: string, source: string): Import[] {
  return [...withoutComments(source).matchAll(importPattern)].map(([, type, fixed, dynamic, required]) => ({
    from: path,
    specifier: fixed ?? dynamic ?? required ?? "",
    typeOnly: type !== undefined,
  }));
}

/** Source with its comments blanked out, so that a word in a sentence is no use of the thing. */
export function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[\s;{(])\/\/[^\n]*/g, "$1");
}

/** The path that one of our own aliases names, or undefined for packages and for Node itself. */
export function ownPath(specifier: string): string | undefined {
  return /^#(app|lib|db|sandbox|tests)\//.test(specifier) ? specifier.slice(1) : undefined;
}
