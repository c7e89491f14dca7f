import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import type { PageResponse } from "#sandbox/stripe/pages/layout.ts";

/** Files in script order: dependencies first. */
const parts = [
  new URL("../browser/call-api.ts", import.meta.url),
  new URL("../browser/frames.ts", import.meta.url),
  new URL("../browser/card-element.ts", import.meta.url),
  new URL("../browser/stripe-js.ts", import.meta.url),
];
let script: string | null = null;

/**
 * Serves the replacement of `https://js.stripe.com/.../stripe.js`, which calls this sandbox. Tests route that
 * URL here.
 */
export function serveStripeJs(baseUrl: string): PageResponse {
  script ??= parts.map(readPart).join("\n");
  return {
    status: 200,
    headers: { "content-type": "text/javascript; charset=utf-8", "access-control-allow-origin": "*" },
    body: `(() => {\n"use strict";\nconst sandboxUrl = ${JSON.stringify(baseUrl)};\n${script}\n})();\n`,
  };
}

/** Strips types and imports from a file so that the files can be concatenated for browsers. */
function readPart(file: URL): string {
  return stripTypeScriptTypes(readFileSync(file, "utf8"))
    .replace(/^import [^;]*;$/gm, "")
    .replace(/^export /gm, "");
}
