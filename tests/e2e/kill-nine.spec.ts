import { connect } from "#db/client.ts";
import type { GuardedProcess } from "#sandbox/guarded-process.ts";
import { longText } from "#sandbox/openai/showpieces.ts";
import { findFreePort } from "#sandbox/ports.ts";
import { startAppProcess } from "#tests/e2e/app-process.ts";
import { expectStreaming, lastAnswer, send, shownWords, wordsOf } from "#tests/e2e/chat-page.ts";
import { expect, signUp, test } from "#tests/e2e/fixtures.ts";

const databaseName = "kill_nine";
const serverUrl = process.env.DATABASE_URL ?? "postgres://nowhere.invalid/none";
const url = new URL(serverUrl);
url.pathname = `/${databaseName}`;
const environment = { ...process.env, DATABASE_URL: url.href };
let port: number;
let app: GuardedProcess;

// One after the other, on the one app.
test.describe.configure({ mode: "default" });
test.setTimeout(240_000);
test.beforeAll(async () => {
  const server = connect(serverUrl, { max: 1 }).sql;
  await server`drop database if exists ${server(databaseName)} with (force)`;
  await server`create database ${server(databaseName)}`;
  await server.end();
  port = await findFreePort(4400);
  app = await startAppProcess(port, environment);
});
test.afterAll(() => app.stop());

test("kill -9 in mid-stream keeps the answer, charges it once, holds nothing, and its reader sees it", async ({
  page,
  allowError,
}) => {
  allowError(/net::ERR_/);
  await signUp(page, `http://localhost:${port}`);
  await send(page, "long 6000 tokens");
  await expectStreaming(page);
  // What is in the log by then must survive.
  await expect.poll(() => readKept().then(({ logged }) => logged), { timeout: 20_000 }).toBeGreaterThan(200);
  app.kill();
  await app.exited;
  const { logged } = await readKept();
  await expect(page.getByText("The connection is gone.")).toBeVisible({ timeout: 20_000 });

  app = await startAppProcess(port, environment);
  await expect.poll(() => readKept().then(({ status }) => status), { timeout: 60_000 }).toBe("interrupted");
  await expect(lastAnswer(page).getByRole("alert")).toContainText("The server was restarted", {
    timeout: 60_000,
  });
  await expect(lastAnswer(page).getByRole("button", { name: "Try again" })).toBeVisible();
  await expect(lastAnswer(page)).toContainText("What was written is kept. Charged for what was received");

  const kept = await readKept();
  expect(kept).toMatchObject({ message: "interrupted", openHolds: 0, heldMicros: 0, charges: 1 });
  expect(kept.text.length).toBeGreaterThanOrEqual(logged);
  expect(longText(6_000).startsWith(kept.text), "what is kept is the beginning of what was written").toBe(
    true,
  );
  expect(kept.chargedMicros).toBeGreaterThan(0);
  expect(kept.chargedMicros).toBe(kept.ledgerMicros);
  // The page may have read the fifth of a second that no log had yet; what it shows begins with what is kept.
  await expect.poll(() => shownWords(lastAnswer(page))).toContain(wordsOf(kept.text));
  await page.reload();
  await expect(lastAnswer(page).getByRole("alert")).toContainText("The server was restarted");
  await expect.poll(() => shownWords(lastAnswer(page))).toBe(wordsOf(kept.text));
});

test("an app that is told to end keeps and charges what came of an answer, and says that it was restarted", async ({
  page,
}) => {
  await signUp(page, `http://localhost:${port}`);
  await send(page, "long 6000 tokens");
  await expectStreaming(page);
  await app.stop();
  const kept = await readKept();
  expect(kept).toMatchObject({
    status: "interrupted",
    errorCode: null,
    openHolds: 0,
    heldMicros: 0,
    charges: 1,
  });
  expect(kept.chargedMicros).toBeGreaterThan(0);
  expect(kept.chargedMicros).toBe(kept.ledgerMicros);
  expect(longText(6_000).startsWith(kept.text)).toBe(true);

  app = await startAppProcess(port, environment);
  await expect(lastAnswer(page).getByRole("alert")).toContainText("The server was restarted", {
    timeout: 60_000,
  });
  await expect(lastAnswer(page)).toContainText("What was written is kept. Charged for what was received");
  await expect.poll(() => shownWords(lastAnswer(page))).toBe(wordsOf(kept.text));
});

type Kept = {
  errorCode: string | null;
  status: string;
  message: string;
  text: string;
  logged: number;
  openHolds: number;
  heldMicros: number;
  charges: number;
  chargedMicros: number;
  ledgerMicros: number;
};

/** The newest answer as it is kept, and what became of its workspace's money. */
async function readKept(): Promise<Kept> {
  const { sql } = connect(url.href, { max: 1 });
  try {
    const [row] = await sql<Kept[]>`
      select g.status, g.error_code as "errorCode", m.status as message, m.content as text,
        (select coalesce(sum(length(e.event->>'text')), 0)::int from generation_events e where e.generation_id = g.id) as logged,
        (select count(*)::int from holds h where h.workspace_id = g.workspace_id and state = 'held') as "openHolds",
        (select held_micros::int from balances b where b.workspace_id = g.workspace_id) as "heldMicros",
        (select count(*)::int from openai_interactions i where i.workspace_id = g.workspace_id and purpose = 'chat') as charges,
        coalesce(g.charged_micros, 0)::int as "chargedMicros",
        (select coalesce(-sum(amount_micros), 0)::int from ledger_entries l
          where l.workspace_id = g.workspace_id and kind = 'spend') as "ledgerMicros"
      from generations g join messages m on m.id = g.message_id order by g.started_at desc limit 1`;
    if (row === undefined) throw new Error("There is no answer.");
    return row;
  } finally {
    await sql.end();
  }
}
