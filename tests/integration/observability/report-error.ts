import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { reportPageError } from "#app/_http/server/report-page-error.ts";
import { log } from "#lib/core/log.ts";
import { startObserving, stopObserving } from "#lib/jobs/observe-process.ts";

/** A program whose errors contain what nobody may read; processes.test.ts reads what it logs and reports. */
await startObserving("app");
const body = z.object({ prompt: z.string(), key: z.string() });
const failing = route({ auth: "none", body }, ({ body: { prompt, key } }) => {
  const cause = new Error(`upstream said: "${prompt.slice(5, 30)}"\nparams: ${prompt}`);
  throw new TypeError(`ada@person.example with ${key} asked: ${prompt}`, { cause });
});
const response = await failing(
  new Request("http://localhost:3000/api/things?token=in-the-query", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-request-id": "request-1",
      cookie: "session=in-a-cookie",
    },
    body: JSON.stringify({
      prompt: "Tell nobody about the purple elephant",
      key: "sk-proj-abcdefghijklmnop1234",
    }),
  }),
);
log.error(
  { detail: "grace@person.example", prompt: "turquoise" },
  "Something failed for grace@person.example",
);
const pageError = Object.assign(new Error("grace@person.example has no chat"), { digest: "12345" });
const pageRequest = { method: "GET", path: "/chat?q=in-the-query", headers: { "x-request-id": "request-2" } };
await reportPageError(pageError, pageRequest, { routePath: "/chat/[id]/page", routeType: "render" });
process.stdout.write(`${JSON.stringify({ answered: await response.json() })}\n`);
await stopObserving();
process.exit(0);
