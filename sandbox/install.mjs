import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// Plain JavaScript without packages: this runs before anything is installed, with Node.js 20 or newer.

export const root = fileURLToPath(new URL("..", import.meta.url));
/** Node.js 24 from its npm package; everything after the installation runs on it. */
export const node = `${root}node_modules/node/bin/${process.platform === "win32" ? "node.exe" : "node"}`;

const marker = `${root}node_modules/.parley-installed`;

/** Exits with a message if this Node.js is too old. */
export function requireNode20() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= 20) return;
  process.stderr.write(`Parley needs Node.js 20 or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}

/**
 * Installs packages by the lock file. The hash of the installed lock file is stored, so a second start does
 * nothing and a changed lock file installs again.
 */
export function installPackages() {
  const wanted = createHash("sha256")
    .update(readFileSync(`${root}package-lock.json`))
    .digest("hex");
  if (existsSync(node) && existsSync(marker) && readFileSync(marker, "utf8") === wanted) return;
  const startedAt = Date.now();
  process.stdout.write("Installing packages (a minute or two, once) ...\n");
  if (!npm(["ci"])) {
    // A lock file from another platform can lack this platform's optional binaries; npm install adds them.
    process.stdout.write("npm ci refused the lock file; installing by it with npm install instead ...\n");
    if (!npm(["install", "--no-save"])) {
      process.stderr.write("The packages could not be installed; see the npm output above.\n");
      process.exit(1);
    }
  }
  writeFileSync(marker, wanted);
  process.stdout.write(`Packages installed in ${Math.round((Date.now() - startedAt) / 1000)} s\n`);
}

function npm(args) {
  const done = spawnSync("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  return done.status === 0;
}
