import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter } from "node:path";
import { execPath } from "node:process";
import { chromium } from "playwright";

/** The first one is Chromium without windows: it starts no spare pages and takes less CPU time. */
const chromiumNames = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

/**
 * Returns the path of a Chromium: `CHROMIUM_PATH`, the one in PATH, Debian's package (installed when this
 * process may), or Playwright's own download. Undefined when none can be found or installed.
 */
export function findChromium(): string | undefined {
  const found = process.env.CHROMIUM_PATH ?? findInPath();
  if (found !== undefined && existsSync(found)) return found;
  return installDebianPackage() ?? downloadWithPlaywright();
}

function findInPath(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return chromiumNames
    .flatMap((name) => folders.map((folder) => `${folder}/${name}`))
    .find((path) => existsSync(path));
}

function installDebianPackage(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  process.stdout.write("Installing Chromium ...\n");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const packages = ["--no-install-recommends", "chromium-headless-shell", "fonts-liberation"];
  for (const args of [
    ["update", "-qq"],
    ["install", "-y", "-qq", ...packages],
  ])
    spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"], env });
  return findInPath();
}

function downloadWithPlaywright(): string | undefined {
  const downloaded = chromium.executablePath();
  if (!existsSync(downloaded))
    spawnSync(execPath, ["node_modules/playwright/cli.js", "install", "chromium"], { stdio: "inherit" });
  return existsSync(downloaded) ? downloaded : undefined;
}
