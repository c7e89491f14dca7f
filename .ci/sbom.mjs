import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// `npm run sbom [-- FILE]`: writes the packages of the production installation as a CycloneDX document, by
// default to sbom.cdx.json. npm describes a copy of the package lock without development packages: with
// --omit=dev, npm 11 also omits production packages that a development package needs as peers (next, react).

const file = process.argv[2] ?? "sbom.cdx.json";
const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
const { devDependencies: _, ...manifest } = readJson("package.json");
const lock = readJson("package-lock.json");
const packages = Object.entries(lock.packages).filter(([, { dev }]) => !dev);
lock.packages = Object.fromEntries(packages);
delete lock.packages[""].devDependencies;

const folder = mkdtempSync(join(tmpdir(), "parley-sbom-"));
writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
writeFileSync(join(folder, "package-lock.json"), JSON.stringify(lock));
const args = ["sbom", "--sbom-format=cyclonedx", "--sbom-type=application", "--package-lock-only"];
const run = spawnSync("npm", args, { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 28 });
rmSync(folder, { recursive: true });
if (run.status !== 0) {
  process.stderr.write(run.stderr);
  process.exit(1);
}
const document = JSON.parse(run.stdout);
// npm names the document after the folder.
document.metadata.component.name = manifest.name;
writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
process.stdout.write(`${document.components.length} packages in ${file}\n`);
