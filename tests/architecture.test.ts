import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findMissingClientMessages } from "#tests/architecture/client-messages.ts";
import * as fileRules from "#tests/architecture/file-rules.ts";
import * as importRules from "#tests/architecture/import-rules.ts";
import { findLiteralTexts } from "#tests/architecture/literal-text.ts";
import { readSourceFiles, type SourceFiles } from "#tests/architecture/source-files.ts";

const files = readSourceFiles();

describe("the repository", () => {
  test.each([
    "app/pages.ts",
    "lib/core/env.ts",
    "db/client.ts",
    "sandbox/dev.mjs",
    "sandbox/seed/main.ts",
    "tests/run.mjs",
    "tests/e2e/fixtures.ts",
    "app/globals.css",
    "next.config.mjs",
  ])("the rules read %s", (path) => expect([...files.keys()]).toContain(path));

  test("imports follow the order of modules and of the folders inside a module", () =>
    expect(importRules.findUpwardImports(files)).toEqual([]));
  test("no file imports itself through other files, type imports included", () =>
    expect(importRules.findCycles(files)).toEqual([]));
  test("B19: the auditor shares no code with the sync, the credit rules and the entitlements", () =>
    expect(importRules.findSharedAuditorCode(files)).toEqual([]));
  test("only lib/gateways imports the SDKs", () => expect(importRules.findSdkImports(files)).toEqual([]));
  test("only lib/core/env.ts reads the environment", () =>
    expect(importRules.findEnvironmentReads(files)).toEqual([]));
  test("production code imports neither the sandbox nor tests", () =>
    expect(importRules.findSandboxImports(files)).toEqual([]));
  test("imports use the aliases and name the extension", () =>
    expect(importRules.findUnresolvableImports(files)).toEqual([]));
  test("every imported file exists", () => expect(importRules.findMissingImports(files)).toEqual([]));
  test("no file has more than 300 lines", () => expect(fileRules.findLongFiles(files)).toEqual([]));
  test("no folder has more than 30 source files", () =>
    expect(fileRules.findLargeFolders(files)).toEqual([]));
  test("no file has a vague name", () => expect(fileRules.findVagueNames(files)).toEqual([]));
  test("no comment is wider than 110 columns", () => expect(fileRules.findWideComments(files)).toEqual([]));
  test("sets of subscription statuses have one definition", () =>
    expect(fileRules.findStatusSets(files)).toEqual([]));
  test("components contain no literal text", () => expect(findLiteralTexts(files)).toEqual([]));
  test("every page passes its client components their messages", () =>
    expect(findMissingClientMessages(files)).toEqual([]));
});

describe("documents", () => {
  const documents = ["README.md", "CONTRIBUTING.md", "SECURITY.md"];
  test.each(documents)("every path that %s names exists", (document) => {
    const named = fileRules.pathsNamedIn(readFileSync(document, "utf8"));
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });
});

/** A repository of one file. */
function fileTree(path: string, source: string): SourceFiles {
  return new Map([[path, source]]);
}

describe("the rules report violations", () => {
  test.each([
    ["text between tags", "<p>Hello</p>"],
    ["a string between tags", '<p>{ok ? "Saved" : "Not saved"}</p>'],
    ["a template between tags", "<p>{`Hello`}</p>"],
    ["an attribute", '<img alt="Logo" />'],
    ["a condition in an attribute", '<button title={open ? "Close" : undefined} />'],
    ["a toast", 'toast("Copied")'],
    ["a sentence in a constant", 'const text = "Nothing was charged."'],
  ])("literal text in %s is reported", (_place, source) => {
    expect(findLiteralTexts(fileTree("app/a.tsx", source))).not.toEqual([]);
  });

  test("class names, keys, symbols, types and errors for developers are no literal text", () => {
    const source = `
      type Tone = "Very quiet tone";
      const a = <p className="Not shown at all" data-state="open">{t("hello")} · {ok ? "–" : "$"}</p>;
      throw new TypeError("No such state is known");`;
    expect(findLiteralTexts(fileTree("app/a.tsx", source))).toEqual([]);
  });

  test("messages that a client component uses and its page does not pass are reported", () => {
    const component = `"use client"; const t = useTranslations("auth.signIn");`;
    const tree = (page: string) =>
      new Map([
        ["app/page.tsx", `import "#app/a.tsx"; ${page}`],
        ["app/a.tsx", component],
      ]);
    expect(findMissingClientMessages(tree(""))).toHaveLength(1);
    expect(findMissingClientMessages(tree(`<ClientMessages of={["auth"]}>`))).toEqual([]);
  });

  test.each([
    ["lib/usage/a.ts", "#lib/billing/catalog/plans.ts"],
    ["lib/core/a.ts", "#db/client.ts"],
    ["lib/gateways/a.ts", "#db/client.ts"],
    ["lib/chat/a.ts", "#lib/jobs/worker.ts"],
    ["db/client.ts", "#lib/accounts/users.ts"],
    ["lib/jobs/a.ts", "#app/_ui/button.tsx"],
    ["lib/billing/catalog/a.ts", "#lib/billing/sync/sync-customer.ts"],
    ["lib/billing/credit/a.ts", "#lib/billing/emails/emails-due.ts"],
    ["lib/billing/new-folder/a.ts", "#lib/billing/catalog/plans.ts"],
    ["lib/chat/generation/a.ts", "#lib/chat/start/prepare-generation.ts"],
    ["lib/chat/start/a.ts", "#lib/chat/api/completions.ts"],
  ])("an import from %s of %s is an upward import", (path, target) => {
    const statements = [
      `import { x } from "${target}";`,
      `import type {\n  x,\n} from "${target}";`,
      `export * from "${target}";`,
      `const { x } = await import("${target}");`,
    ];
    for (const statement of statements)
      expect(importRules.findUpwardImports(fileTree(path, statement))).toHaveLength(1);
  });

  test("a downward import and an import in a comment are allowed", () => {
    const downward = [
      fileTree("app/a.ts", `import "#lib/core/log.ts";`),
      fileTree("lib/billing/operator/a.ts", `import "#lib/billing/catalog/plans.ts";`),
      fileTree("lib/core/a.ts", `// import "#db/client.ts";\n/* import "#db/client.ts" */`),
    ];
    for (const tree of downward) expect(importRules.findUpwardImports(tree)).toEqual([]);
  });

  test("a cycle is reported with its path, also when it consists of type imports", () => {
    const cycle = new Map([
      ["lib/chat/a.ts", `import "#lib/chat/b.ts";`],
      ["lib/chat/b.ts", `import type { C } from "#lib/chat/c.ts";`],
      ["lib/chat/c.ts", `import type { A } from "#lib/chat/a.ts";`],
    ]);
    expect(importRules.findCycles(cycle)).toEqual([
      "lib/chat/a.ts -> lib/chat/b.ts -> lib/chat/c.ts -> lib/chat/a.ts",
    ]);
  });

  test.each([
    ["lib/billing/a.ts", "stripe"],
    ["app/a.ts", "openai/helpers/zod"],
    ["lib/billing/a.ts", "@stripe/stripe-js"],
    ["lib/gateways/openai/a.ts", "stripe"],
    ["lib/accounts/a.ts", "nodemailer"],
  ])("an import in %s of %s is an SDK import", (path, sdk) => {
    expect(importRules.findSdkImports(fileTree(path, `import X from "${sdk}";`))).toHaveLength(1);
  });

  test.each([
    ["lib/gateways/stripe/a.ts", "stripe"],
    ["lib/gateways/openai/a.ts", "openai"],
    ["lib/gateways/mail.ts", "nodemailer"],
    ["app/a.tsx", "@stripe/stripe-js"],
  ])("%s may import %s", (path, sdk) => {
    expect(importRules.findSdkImports(fileTree(path, `import X from "${sdk}";`))).toEqual([]);
  });

  test.each([
    "process.env.A",
    "const { env } = process;",
    `import { env } from "node:process";`,
    `process["env"]`,
  ])("%s reads the environment", (source) => {
    expect(importRules.findEnvironmentReads(fileTree("lib/chat/a.ts", source))).toHaveLength(1);
    expect(importRules.findEnvironmentReads(fileTree("lib/core/env.ts", source))).toEqual([]);
  });

  test.each([
    ["#lib/billing/credit/allowance.ts", 1],
    ["#lib/billing/customer/record-drift.ts", 1],
    ["#lib/gateways/stripe/history.ts", 1],
    ["#lib/gateways/stripe/client.ts", 0],
    ["#lib/billing/catalog/plans.ts", 0],
    ["#db/client.ts", 0],
  ])("an import of %s by the auditor is reported %i times", (target, count) => {
    const tree = fileTree("lib/billing/audit/a.ts", `import { x } from "${target}";`);
    expect(importRules.findSharedAuditorCode(tree)).toHaveLength(count);
  });

  test("an import of the sandbox or of tests in production code is reported", () => {
    const sandbox = `import "#sandbox/mail/server.ts";`;
    expect(importRules.findSandboxImports(fileTree("app/a.ts", sandbox))).toHaveLength(1);
    expect(importRules.findSandboxImports(fileTree("lib/chat/a.test.ts", sandbox))).toEqual([]);
    const tests = `import "#tests/database.ts";`;
    expect(importRules.findSandboxImports(fileTree("db/a.ts", tests))).toHaveLength(1);
  });

  test("a relative import, an import without extension and an import of a missing file are reported", () => {
    expect(importRules.findUnresolvableImports(fileTree("lib/chat/a.ts", `import "./b.ts";`))).toHaveLength(
      1,
    );
    expect(
      importRules.findUnresolvableImports(fileTree("lib/chat/a.ts", `import "#lib/chat/b";`)),
    ).toHaveLength(1);
    expect(importRules.findMissingImports(fileTree("tests/a.ts", `import "#lib/chat/b.ts";`))).toHaveLength(
      1,
    );
  });

  test("a vague name, a long file and a large folder are reported", () => {
    expect(fileRules.findVagueNames(fileTree("lib/chat/utils.ts", ""))).toHaveLength(1);
    expect(fileRules.findLongFiles(fileTree("lib/chat/a.ts", "\n".repeat(301)))).toHaveLength(1);
    const folder = new Map(Array.from({ length: 31 }, (_, index) => [`lib/chat/start/${index}.ts`, ""]));
    expect(fileRules.findLargeFolders(folder)).toHaveLength(1);
  });

  test.each([
    ["lib/a.ts", `// ${"word ".repeat(25)}`],
    ["lib/a.ts", ` * ${"word ".repeat(25)}`],
    ["app/a.css", `/* ${"word ".repeat(25)} */`],
    ["db/functions/a.sql", `-- ${"word ".repeat(25)}`],
  ])("a wide comment in %s is reported", (path, comment) => {
    expect(fileRules.findWideComments(fileTree(path, comment))).toEqual([`${path}:1`]);
  });

  test("a wide string and a comment of 110 columns are allowed", () => {
    expect(fileRules.findWideComments(fileTree("lib/a.ts", `const a = "${"word ".repeat(25)}";`))).toEqual(
      [],
    );
    expect(
      fileRules.findWideComments(fileTree("lib/a.ts", `// ${"word ".repeat(25)}`.slice(0, 110))),
    ).toEqual([]);
  });

  test("a second set of subscription statuses is reported", () => {
    const set = `const running = ["active", "trialing", "past_due"];`;
    expect(fileRules.findStatusSets(fileTree("lib/billing/sync/a.ts", set))).toHaveLength(1);
    expect(fileRules.findStatusSets(fileTree("lib/billing/sync/a.ts", `status === "trialing"`))).toEqual([]);
  });

  test("paths in a document are found in code and in links", () => {
    const text =
      "`lib/chat/`, [map](docs/map.md), `npm run dev`, [Stripe](https://stripe.com), `.env.example`, `lib/NAME.ts`.";
    expect(fileRules.pathsNamedIn(text)).toEqual(["lib/chat/", ".env.example", "docs/map.md"]);
  });
});
