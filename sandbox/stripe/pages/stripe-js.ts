import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import type { PageAnswer } from "#sandbox/stripe/pages/layout.ts";

/** In the order they stand in the script: what is used comes first. */
const parts = [
  new URL("../browser/calls.ts", import.meta.url),
  new URL("../browser/frames.ts", import.meta.url),
  new URL("../browser/card-element.ts", import.meta.url),
  new URL("../browser/stripe-js.ts", import.meta.url),
];
let script: string | null = null;

/** The stand-in for `https://js.stripe.com/.../stripe.js`, which calls this sandbox. A test routes that address to it. */
export function answerStripeJs(baseUrl: string): PageAnswer {
  script ??= parts.map(readPart).join("\n");
  return {
    status: 200,
    headers: { "content-type": "text/javascript; charset=utf-8", "access-control-allow-origin": "*" },
    body: `(() => {\n"use strict";\nconst sandboxUrl = ${JSON.stringify(baseUrl)};\n${script}\n})();\n`,
  };
}

/** A file as a browser runs it among the others: without types, and without the imports that these others fulfil. */
function readPart(file: URL): string {
  return stripTypeScriptTypes(readFileSync(file, "utf8"))
    .replace(/^import [^;]*;$/gm, "")
    .replace(/^export /gm, "");
}
