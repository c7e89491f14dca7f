import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as rules from "#tests/architecture/rules.ts";
import { readSourceFiles } from "#tests/architecture/source-files.ts";

const files = readSourceFiles();

describe("the house as it stands", () => {
  test("was found at all", () => expect(files.size).toBeGreaterThan(30));
  test("no room imports one above it or beside it", () => expect(rules.findClimbs(files)).toEqual([]));
  test("no file comes back to itself through its imports", () =>
    expect(rules.findCircles(files)).toEqual([]));
  test("SDKs are imported by the gateways alone", () => expect(rules.findStraySdks(files)).toEqual([]));
  test("the environment is read in one file", () => expect(rules.findEnvironmentReads(files)).toEqual([]));
  test("nothing that runs in production imports the sandbox", () =>
    expect(rules.findSandboxImports(files)).toEqual([]));
  test("own imports go through the aliases, with their extension", () =>
    expect(rules.findOddImports(files)).toEqual([]));
  test("every import of ours leads somewhere", () => expect(rules.findMissingImports(files)).toEqual([]));
  test("no file is longer than 300 lines", () => expect(rules.findLongFiles(files)).toEqual([]));
  test("no file is named for nothing in particular", () => expect(rules.findVagueNames(files)).toEqual([]));
});

describe("the documents", () => {
  const documents = ["README.md", "CONTRIBUTING.md", "SECURITY.md"];
  test.each(documents)("every path that %s names exists", (document) => {
    const named = rules.pathsNamedIn(readFileSync(document, "utf8"));
    const missing = named.filter((path) => !existsSync(path));
    expect(missing).toEqual([]);
  });
});

describe("each rule sees what it is there for", () => {
  const tree = (path: string, source: string) => new Map([[path, source]]);

  test.each([
    ["lib/usage/a.ts", "#lib/billing/catalog/plans.ts"],
    ["lib/core/a.ts", "#db/client.ts"],
    ["lib/gateways/a.ts", "#db/client.ts"],
    ["lib/chat/a.ts", "#lib/jobs/worker.ts"],
    ["db/client.ts", "#lib/accounts/users.ts"],
    ["lib/jobs/a.ts", "#app/_ui/button.tsx"],
  ])("a climb from %s to %s", (path, target) => {
    expect(rules.findClimbs(tree(path, `import { x } from "${target}";`))).toHaveLength(1);
    expect(rules.findClimbs(tree(path, `import type {\n  x,\n} from "${target}";`))).toHaveLength(1);
    expect(rules.findClimbs(tree(path, `export * from "${target}";`))).toHaveLength(1);
    expect(rules.findClimbs(tree(path, `const { x } = await import("${target}");`))).toHaveLength(1);
  });

  test("a step down is none, nor is a word in a comment", () => {
    expect(rules.findClimbs(tree("app/a.ts", `import "#lib/core/log.ts";`))).toEqual([]);
    expect(
      rules.findClimbs(tree("lib/core/a.ts", `// import "#db/client.ts";\n/* import "#db/client.ts" */`)),
    ).toEqual([]);
  });

  test("a circle, of two files or of three", () => {
    const two = new Map([
      ["lib/chat/a.ts", `import "#lib/chat/b.ts";`],
      ["lib/chat/b.ts", `import "#lib/chat/c.ts";`],
      ["lib/chat/c.ts", `import "#lib/chat/a.ts";`],
    ]);
    expect(rules.findCircles(two)).toEqual([
      "lib/chat/a.ts -> lib/chat/b.ts -> lib/chat/c.ts -> lib/chat/a.ts",
    ]);
  });

  test("an SDK outside of the gateways", () => {
    expect(rules.findStraySdks(tree("lib/billing/a.ts", `import Stripe from "stripe";`))).toHaveLength(1);
    expect(
      rules.findStraySdks(tree("app/a.ts", `import { zodResponseFormat } from "openai/helpers/zod";`)),
    ).toHaveLength(1);
    expect(rules.findStraySdks(tree("lib/billing/a.ts", `import "@stripe/stripe-js";`))).toHaveLength(1);
    expect(rules.findStraySdks(tree("lib/gateways/a.ts", `import Stripe from "stripe";`))).toEqual([]);
    expect(rules.findStraySdks(tree("app/a.tsx", `import { loadStripe } from "@stripe/stripe-js";`))).toEqual(
      [],
    );
  });

  test.each([
    "process.env.A",
    "const { env } = process;",
    `import { env } from "node:process";`,
    `process["env"]`,
  ])("the environment read as %s", (source) => {
    expect(rules.findEnvironmentReads(tree("lib/chat/a.ts", source))).toHaveLength(1);
    expect(rules.findEnvironmentReads(tree("lib/core/env.ts", source))).toEqual([]);
  });

  test("the sandbox in production, a relative import, a lost import, a vague name, a long file", () => {
    expect(rules.findSandboxImports(tree("app/a.ts", `import "#sandbox/mail.ts";`))).toHaveLength(1);
    expect(rules.findOddImports(tree("lib/chat/a.ts", `import "./b.ts";`))).toHaveLength(1);
    expect(rules.findOddImports(tree("lib/chat/a.ts", `import "#lib/chat/b";`))).toHaveLength(1);
    expect(rules.findMissingImports(tree("lib/chat/a.ts", `import "#lib/chat/b.ts";`))).toHaveLength(1);
    expect(rules.findVagueNames(tree("lib/chat/utils.ts", ""))).toHaveLength(1);
    expect(rules.findLongFiles(tree("lib/chat/a.ts", "\n".repeat(301)))).toHaveLength(1);
  });

  test("paths in a document", () => {
    const text =
      "See `lib/chat/`, [the map](docs/map.md), `npm run dev`, [Stripe](https://stripe.com) and `.env.example`.";
    expect(rules.pathsNamedIn(text)).toEqual(["lib/chat/", ".env.example", "docs/map.md"]);
  });
});
