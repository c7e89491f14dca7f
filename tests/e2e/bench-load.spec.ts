import { execFile } from "node:child_process";
import { execPath } from "node:process";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";

const program = "tests/bench/sustained/main.ts";
const small = ["--seconds", "4", "--streams", "3", "--starts", "3", "--calls", "7", "--lenient"];

test("the load benchmark sends its traffic, finds an exact ledger and stops by itself", async () => {
  test.setTimeout(300_000);
  // After a failure the output says which target was missed.
  const { stdout } = await promisify(execFile)(execPath, [program, ...small]).catch(
    (error: { stdout: string; stderr: string }) => ({ stdout: error.stdout + error.stderr }),
  );
  expect(stdout).toMatch(/first token of open streams\s+\d+/);
  // Three new chats per second for four seconds.
  expect(stdout).toMatch(/first token of new chats\s+12\s/);
  expect(stdout).toMatch(/GET \/api\/v1\/models\s+\d+/);
  expect(stdout).toContain("met    no errors other than 429: 0");
  expect(stdout).toContain("met    the ledger is exact");
});
