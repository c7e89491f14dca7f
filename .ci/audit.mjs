import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";

const args = ["audit", "--omit=dev", "--audit-level=critical"];

/**
 * What the end of `npm audit` means. A registry without the endpoint has found nothing, but has not looked
 * either: that is never a pass.
 * @param {{ status: number | null, output: string }} run
 * @returns {"passed" | "failed" | "skipped"}
 */
export function judgeAudit({ status, output }) {
  if (status === 0) return "passed";
  const isUnsupported =
    /audit endpoint returned an error|\b(404|405|501)\b[^\n]*\/-\/npm\/v1\/security\/|ENOAUDIT/i;
  return isUnsupported.test(output) ? "skipped" : "failed";
}

/** `npm run audit`: fails on a critical advisory. With --required, as in CI, it also fails when skipped. */
function main() {
  const { status, stdout, stderr } = spawnSync("npm", args, { encoding: "utf8" });
  const output = `${stdout}${stderr}`;
  process.stdout.write(output);
  const verdict = judgeAudit({ status, output });
  const isRequired = process.argv.includes("--required");
  if (verdict === "skipped")
    process.stdout.write(
      "npm audit: SKIPPED, because the registry does not support it. Nothing was checked.\n",
    );
  else process.stdout.write(`npm audit: ${verdict}\n`);
  process.exit(verdict === "passed" || (verdict === "skipped" && !isRequired) ? 0 : 1);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main();
