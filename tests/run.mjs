import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter } from "node:path";
import { installPackages, node, requireNode20, root } from "../sandbox/install.mjs";

// `npm test`: installs what is missing, then every check there is. Plain JavaScript, because it runs before the packages do.
// `npm test -- unit integration` runs the named stages alone. The last line is always "N passed, N failed".

requireNode20();
installPackages();

const bin = (name) => `${root}node_modules/${name}`;
const reports = `${root}.data/reports`;
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const environment = {
  ...process.env,
  PATH: `${root}node_modules/.bin${delimiter}${process.env.PATH ?? ""}`,
  NEXT_TELEMETRY_DISABLED: "1",
  FORCE_COLOR: process.stdout.isTTY ? "1" : "0",
};

/** A stage is one command, and a way to learn how many of its checks passed and failed. */
const stages = {
  types: single([
    [bin("next/dist/bin/next"), "typegen"],
    [bin("typescript/bin/tsc"), "--noEmit"],
  ]),
  lint: single([[bin("@biomejs/biome/bin/biome"), "check", "."]]),
  knip: single([[bin("knip/bin/knip.js")]]),
  unit: vitest("unit"),
  integration: vitest("integration"),
  orders,
  build: single([[bin("next/dist/bin/next"), "build"], [`${root}tests/first-load.ts`]]),
  e2e: playwright,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in stages));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no stage ${unknown.join(", ")}; there are ${Object.keys(stages).join(", ")}.\n`,
  );
  process.exit(1);
}

const summary = [];
for (const [name, run] of Object.entries(stages)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const startedAt = Date.now();
  process.stdout.write(`\n== ${name}\n`);
  if (name === "e2e" && !existsSync(`${root}.next/BUILD_ID`)) {
    summary.push({
      name,
      passed: 0,
      failed: 1,
      failures: ["There is no production build to test."],
      seconds: 0,
    });
    continue;
  }
  const result = run();
  // A stage in which nothing ran has proved nothing.
  if (result.passed + result.failed === 0) result.failed = 1;
  summary.push({ name, ...result, seconds: Math.round((Date.now() - startedAt) / 1000) });
}
finish();

function execute(args, extra = {}) {
  const done = spawnSync(node, args, {
    cwd: root,
    env: { ...environment, ...extra },
    stdio: ["ignore", "inherit", "inherit"],
  });
  return done.status === 0;
}

function single(commands) {
  return () => {
    const good = commands.every((args) => execute(args));
    return { passed: good ? 1 : 0, failed: good ? 0 : 1, failures: [] };
  };
}

function vitest(project) {
  return () => {
    const report = `${reports}/${project}.json`;
    const good = execute([
      bin("vitest/vitest.mjs"),
      "run",
      "--project",
      project,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ]);
    if (!existsSync(report))
      return { passed: 0, failed: 1, failures: ["The runner ended without a report."] };
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
    const failures = testResults.flatMap((file) => [
      // A file that cannot be loaded fails without a test of its own.
      ...(file.status === "failed" && file.assertionResults.length === 0
        ? [`${file.name}: ${file.message}`]
        : []),
      ...file.assertionResults.filter((test) => test.status === "failed").map((test) => test.fullName),
    ]);
    const failed = Math.max(numFailedTests, failures.length, good ? 0 : 1);
    return { passed: numPassedTests, failed, failures };
  };
}

/** Random lives of customers, heard of in every order; more of them with `npm run test:orders`. */
function orders() {
  const report = `${reports}/orders.json`;
  const good = execute([`${root}tests/orders/run.ts`, "--histories", "200", "--report", report]);
  if (!existsSync(report))
    return { passed: 0, failed: 1, failures: ["The histories were not played to their end."] };
  const { passed, failedSeeds } = JSON.parse(readFileSync(report, "utf8"));
  const failures = failedSeeds.map((seed) => `npm run test:orders -- --histories 1 --seed ${seed}`);
  return { passed, failed: Math.max(failures.length, good ? 0 : 1), failures };
}

function playwright() {
  const chromium = findChromium();
  if (chromium === undefined)
    return { passed: 0, failed: 1, failures: ["No Chromium could be found or installed."] };
  const report = `${reports}/e2e.json`;
  const good = execute([bin("@playwright/test/cli.js"), "test"], {
    CHROMIUM_PATH: chromium,
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  });
  if (!existsSync(report)) return { passed: 0, failed: 1, failures: ["The runner ended without a report."] };
  const { stats, suites, errors } = JSON.parse(readFileSync(report, "utf8"));
  const failed = Math.max(stats.unexpected + stats.flaky, good ? 0 : 1);
  return {
    passed: stats.expected,
    failed,
    failures: [...errors.map((error) => error.message), ...failedSpecs(suites)],
  };
}

function failedSpecs(suites) {
  return suites.flatMap((suite) => [
    ...(suite.specs ?? []).filter((spec) => !spec.ok).map((spec) => `${suite.title} > ${spec.title}`),
    ...failedSpecs(suite.suites ?? []),
  ]);
}

/** The Chromium in PATH, else Debian's package where we may install it, else Playwright's own download. */
function findChromium() {
  const found = inPath();
  if (found !== undefined) return found;
  if (process.platform === "linux" && process.getuid?.() === 0) {
    process.stdout.write("Installing Chromium ...\n");
    const quiet = {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    };
    spawnSync("apt-get", ["update", "-qq"], quiet);
    spawnSync(
      "apt-get",
      ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-liberation"],
      quiet,
    );
    const installed = inPath();
    if (installed !== undefined) return installed;
  }
  if (!execute([bin("playwright/cli.js"), "install", "chromium"])) return undefined;
  const asked = spawnSync(node, ["-e", "console.log(require('playwright').chromium.executablePath())"], {
    cwd: root,
    encoding: "utf8",
  });
  const path = asked.stdout.trim();
  return existsSync(path) ? path : undefined;
}

function inPath() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return ["chromium", "chromium-browser", "google-chrome"]
    .flatMap((name) => folders.map((folder) => `${folder}/${name}`))
    .find((path) => existsSync(path));
}

function finish() {
  process.stdout.write("\n");
  for (const { name, passed, failed, failures, seconds } of summary) {
    process.stdout.write(`${name.padEnd(12)} ${passed} passed, ${failed} failed  (${seconds} s)\n`);
    for (const failure of failures) process.stdout.write(`    ${String(failure).split("\n")[0]}\n`);
  }
  const passed = summary.reduce((sum, stage) => sum + stage.passed, 0);
  const failed = summary.reduce((sum, stage) => sum + stage.failed, 0);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}
