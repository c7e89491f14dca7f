import { readdirSync, readFileSync } from "node:fs";
import { stdout } from "node:process";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { pages } from "#app/pages.ts";

/** The maximum of compressed JavaScript that a page may load before it is usable, in KiB by path. */
export const budgetsKib: Record<string, number> = Object.fromEntries(
  pages.flatMap(({ path, firstLoadKib }) => (firstLoadKib === undefined ? [] : [[path, firstLoadKib]])),
);

type Manifest = { entryJSFiles: Record<string, string[]> };

/**
 * Returns the gzip-compressed JavaScript that each page of the production build loads first, in KiB: the
 * shared files and those of its layouts and components, without the polyfills that current browsers do not
 * load.
 * @param buildDir the folder of `next build`
 * @returns KiB by route
 */
export function firstLoadKib(buildDir: string): Map<string, number> {
  const shared = JSON.parse(readFileSync(`${buildDir}/build-manifest.json`, "utf8")) as {
    rootMainFiles: string[];
  };
  const sizes = new Map<string, number>();
  for (const path of findManifests(`${buildDir}/server/app`)) {
    for (const [page, manifest] of Object.entries(readManifest(path))) {
      const files = new Set([...shared.rootMainFiles, ...Object.values(manifest.entryJSFiles ?? {}).flat()]);
      const bytes = [...files].reduce(
        (sum, file) => sum + gzipSync(readFileSync(`${buildDir}/${file}`)).length,
        0,
      );
      sizes.set(routeOf(page), bytes / 1024);
    }
  }
  return sizes;
}

function findManifests(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith("page_client-reference-manifest.js"))
    .map((name) => `${folder}/${name}`);
}

/** Runs the manifest, a script that assigns to a global, in a new context and returns its entries. */
function readManifest(path: string): Record<string, Manifest> {
  const context: { globalThis?: unknown; __RSC_MANIFEST?: Record<string, Manifest> } = {};
  context.globalThis = context;
  runInNewContext(readFileSync(path, "utf8"), context);
  return context.__RSC_MANIFEST ?? {};
}

function routeOf(page: string): string {
  const route = page.replace(/\/page$/, "").replace(/\/\([^)]+\)/g, "");
  return route === "" ? "/" : route;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = firstLoadKib(".next");
  stdout.write("\nFirst-load JavaScript, compressed (KiB)\n");
  for (const [route, size] of [...sizes].sort(([a], [b]) => a.localeCompare(b))) {
    const budget = budgetsKib[route];
    const verdict = budget === undefined ? "" : size <= budget ? `  of ${budget}` : `  OVER ${budget}`;
    stdout.write(`  ${route.padEnd(28)}${size.toFixed(0).padStart(5)}${verdict}\n`);
  }
}
