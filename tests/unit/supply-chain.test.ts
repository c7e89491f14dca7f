import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { judgeAudit } from "../../.ci/audit.mjs";

const {
  dependencies,
  devDependencies,
}: Record<string, Record<string, string>> = JSON.parse(readFileSync("package.json", "utf8"));

test.each([
  [0, "found 0 vulnerabilities", "passed"],
  [1, "1 critical severity vulnerability", "failed"],
  [
    1,
    "npm warn audit 405 Method Not Allowed - POST https://registry.example/-/npm/v1/security/advisories/bulk\nnpm error audit endpoint returned an error",
    "skipped",
  ],
  [1, "npm error code ENOTFOUND", "failed"],
  [null, "", "failed"],
] as const)("an audit that ends with %s and %j is %s", (status, output, verdict) => {
  expect(judgeAudit({ status, output })).toBe(verdict);
});

test("the bill of materials is a CycloneDX document of the production packages", () => {
  const folder = mkdtempSync(join(tmpdir(), "parley-sbom-"));
  const file = join(folder, "sbom.json");
  const { status, stderr } = spawnSync(process.execPath, [".ci/sbom.mjs", file], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  const document = JSON.parse(readFileSync(file, "utf8"));
  rmSync(folder, { recursive: true });
  expect(document).toMatchObject({ bomFormat: "CycloneDX", specVersion: expect.stringMatching(/^1\.\d$/) });
  expect(document.metadata.component).toMatchObject({ name: "parley", type: "application" });
  const components: { name: string; version: string; purl: string; group?: string }[] = document.components;
  const found = new Set(components.map(({ name, version }) => `${name} ${version}`));
  for (const [name, version] of Object.entries(dependencies ?? {}))
    expect(found).toContain(`${name} ${version}`);
  // A package that a production package may use (an optional peer) is installed in production too.
  const lock: { packages: Record<string, { dev?: boolean; version: string }> } = JSON.parse(
    readFileSync("package-lock.json", "utf8"),
  );
  const forDevelopment = Object.keys(devDependencies ?? {}).filter(
    (name) => lock.packages[`node_modules/${name}`]?.dev === true,
  );
  expect(forDevelopment).toEqual(expect.arrayContaining(["vitest", "knip"]));
  for (const name of forDevelopment)
    expect(found).not.toContain(`${name} ${lock.packages[`node_modules/${name}`]?.version}`);
  const refs = new Set([document.metadata.component, ...components].map((one) => one["bom-ref"]));
  for (const { ref, dependsOn } of document.dependencies)
    for (const name of [ref, ...dependsOn]) expect(refs).toContain(name);
  const references: string[] = components.map((component) => component.purl);
  expect(references.every((purl) => purl.startsWith("pkg:npm/"))).toBe(true);
});

test("the workflows name actions by commit, and audit the dependencies", () => {
  const workflows = globSync(".github/workflows/*.yml").map((path) => readFileSync(path, "utf8"));
  const used = workflows.flatMap((text) => [...text.matchAll(/uses: (.+)/g)].map(([, action]) => action));
  expect(used.length).toBeGreaterThan(0);
  for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  expect(workflows.join()).toContain("npm run audit -- --required");
});
