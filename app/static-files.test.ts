import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { manifestIcons, manifestScreenshots } from "#app/_ui/manifest-pictures.ts";

const publicFiles = readdirSync("public");
/** Files that a route of the app generates. */
const generatedFiles = ["robots.txt", "manifest.webmanifest", "offline.html"];
/** Next.js requires a literal in proxy.ts, so the test reads it from the source. */
const matcher: string = JSON.parse(
  /source:\s*("(?:[^"\\]|\\.)*")/.exec(readFileSync("proxy.ts", "utf8"))?.[1] ?? '""',
);
const runsFor = (path: string) => new RegExp(`^${matcher}$`).test(path);

test.each([...publicFiles, ...generatedFiles])("the proxy does not run for /%s", (file) => {
  expect(runsFor(`/${file}`)).toBe(false);
});

test("the proxy excludes no other files", () => {
  const excluded = /\(\?:(.+?)\)\$/.exec(matcher)?.[1]?.split("|") ?? [];
  const names = excluded.map((name) => name.replaceAll("\\", ""));
  expect(names.sort()).toEqual([...publicFiles, ...generatedFiles].sort());
});

test("S3: the proxy runs for prefetches, whatever headers they have", () => {
  expect(readFileSync("proxy.ts", "utf8")).not.toMatch(/^\s+(missing|has):/m);
});

test.each(["/", "/chat/notes.md", "/pricing.html", "/chat/favicon.ico", "/icon.svg.html", "/iconXsvg"])(
  "S3: the proxy runs for %s",
  (path) => {
    expect(runsFor(path)).toBe(true);
  },
);

test("every picture of the manifest and the metadata is a file in public/", () => {
  const inMetadata = readFileSync("app/layout.tsx", "utf8").matchAll(/url: "(\/[^"]+)"/g);
  const paths = [...manifestIcons, ...manifestScreenshots]
    .map(({ src }): string => src)
    .concat([...inMetadata].map(([, path]) => path ?? ""));
  expect(paths.length).toBe(10);
  for (const path of paths) expect(existsSync(`public${path}`), path).toBe(true);
});

test("the pictures have the sizes that the manifest declares", () => {
  for (const { src, sizes } of [...manifestIcons, ...manifestScreenshots]) {
    if (!src.endsWith(".png")) continue;
    const png = readFileSync(`public${src}`);
    expect(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`, src).toBe(sizes);
  }
});
