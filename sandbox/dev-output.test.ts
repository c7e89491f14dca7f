import { expect, test } from "vitest";
import { isPrinted } from "#sandbox/dev-output.ts";

const progress = [
  " POST /api/webhooks/stripe 200 in 353ms (next.js: 7ms, application-code: 346ms)",
  " GET / 200 in 18.8s",
  "○ Compiling / ...",
  "✓ Running next.config.mjs took 271ms",
];
const problems = [
  "08:53:10 error http.request 317.5 ms route=/api/webhooks/stripe status=500",
  " ⨯ Error: The page could not be rendered",
  "⚠ Port 3000 is in use",
  "    at async handler (app/api/ready/route.ts:10:3)",
];

test.each(progress)("npm run dev prints %s only with LOG_LEVEL=info", (line) => {
  expect(isPrinted(line, "warn")).toBe(false);
  expect(isPrinted(line, "info")).toBe(true);
});

test.each(problems)("npm run dev always prints %s", (line) => {
  expect(isPrinted(line, "warn")).toBe(true);
});

test("npm run dev never prints Next's banner or an empty line", () => {
  for (const line of ["", "   ▲ Next.js 16", "   - Local: http://localhost:3000", " ✓ Ready in 1s"])
    expect(isPrinted(line, "info")).toBe(false);
});
