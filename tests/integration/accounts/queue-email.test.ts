import { eq } from "drizzle-orm";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { outgoingMail } from "#db/schema/accounts.ts";
import { resetPasswordEmail } from "#lib/accounts/email/account-emails.ts";
import type { EmailTemplate } from "#lib/accounts/email/email-template.ts";
import { queueEmail, sendEmail } from "#lib/accounts/email/queue-email.ts";
import { createUser, setLocale } from "#lib/accounts/users.ts";
import { now } from "#lib/core/clock.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { freePort, testEnvironment } from "#tests/integration/accounts/environment.ts";

let database: TestDatabase;
let server: SMTPServer;
const received: ParsedMail[] = [];
/** The SMTP reply code of the mail server; 250 accepts the email. */
let replyCode = 250;

beforeAll(async () => {
  const port = await freePort();
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  vi.stubEnv("SMTP_URL", `smtp://127.0.0.1:${port}`);
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData: async (stream, _session, done) => {
      const mail = await simpleParser(stream);
      if (replyCode !== 250)
        return done(Object.assign(new Error(`no, ${mail.subject}`), { responseCode: replyCode }));
      received.push(mail);
      done();
    },
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  database = await createTestDatabase();
});
beforeEach(() => {
  replyCode = 250;
  received.length = 0;
});
afterAll(async () => {
  await new Promise<void>((resolve) => server.close(resolve));
  await database.drop();
});

const greeting: EmailTemplate<{ who: string }> = ({ who }) => ({
  subject: `Hello ${who}`,
  preview: "A preview",
  heading: "A heading",
  paragraphs: [`Dear ${who}`],
  action: { label: "Open", url: 'http://localhost:3000/?a="1"&b=2' },
});

async function queueGreeting(uniqueKey: string, who = "Ada") {
  await queueEmail(database.db, {
    to: "ada@person.example",
    template: greeting,
    data: { who },
    uniqueKey,
  });
  return read(uniqueKey);
}

async function read(uniqueKey: string) {
  const [mail] = await database.db.select().from(outgoingMail).where(eq(outgoingMail.uniqueKey, uniqueKey));
  if (mail === undefined) throw new Error(`There is no email ${uniqueKey}.`);
  return mail;
}

test("an email is sent once even if its job runs repeatedly, and its text is deleted", async () => {
  const { id } = await queueGreeting("once");
  await sendEmail(id);
  await sendEmail(id);
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({ subject: "Hello Ada", messageId: `<${id}@localhost>` });
  expect(received[0]?.text).toContain("Dear Ada");
  const sent = await read("once");
  expect(sent).toMatchObject({ attempts: 1, html: "", text: "", failed: false });
  expect(sent.sentAt).not.toBeNull();
});

test("queueing an email with a known key sends nothing", async () => {
  const mail = { to: "ada@person.example", template: greeting, data: { who: "Ada" }, uniqueKey: "twice" };
  const written = await Promise.all([1, 2, 3].map(() => queueEmail(database.db, mail)));
  expect(written.filter(Boolean)).toHaveLength(1);
});

test("markup in a name is escaped", async () => {
  const { html, text } = await queueGreeting("markup", '<img src=x onerror="alert(1)">');
  expect(html).not.toContain("<img");
  expect(html).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
  expect(html).toContain('href="http://localhost:3000/?a=&quot;1&quot;&amp;b=2"');
  expect(text).toContain("<img src=x");
});

test("a name cannot inject a header or a recipient", async () => {
  const { id } = await queueGreeting("injection", "Ada\r\nBcc: mallory@evil.example");
  await sendEmail(id);
  expect(received[0]?.bcc).toBeUndefined();
  expect(received[0]?.headers.has("bcc")).toBe(false);
});

test("an email is kept and retried after a temporary SMTP error", async () => {
  const { id, html } = await queueGreeting("busy");
  replyCode = 451;
  await expect(sendEmail(id)).rejects.toThrow("did not accept an email");
  expect(await read("busy")).toMatchObject({ attempts: 1, failed: false, sentAt: null, html });
  replyCode = 250;
  await sendEmail(id);
  expect(received).toHaveLength(1);
  expect(await read("busy")).toMatchObject({ attempts: 2, failed: false, lastError: null });
});

test("an email is not retried after a permanent SMTP error", async () => {
  const { id } = await queueGreeting("refused", "ada@person.example");
  replyCode = 550;
  await sendEmail(id);
  const refused = await read("refused");
  expect(refused).toMatchObject({ attempts: 1, failed: true, sentAt: null });
  expect(refused.lastError).not.toContain("ada@person.example");
  replyCode = 250;
  await sendEmail(id);
  expect(received).toEqual([]);
});

test("an email fails after eleven attempts, and its job ends", async () => {
  const { id } = await queueGreeting("hopeless");
  replyCode = 451;
  for (let attempt = 1; attempt <= 10; attempt++) await expect(sendEmail(id)).rejects.toThrow();
  await sendEmail(id);
  expect(await read("hopeless")).toMatchObject({ attempts: 11, failed: true });
});

test("an email is in the account's language: the chosen one, else that of the last sign-in", async () => {
  const user = { email: "leser@person.example", name: "Leser", browserLocale: "de" as const };
  const created = await createUser(database.db, user, now());
  const send = async (uniqueKey: string, to = user.email) => {
    const mail = { to, template: resetPasswordEmail, data: { token: "t", code: "1234 5678" }, uniqueKey };
    await queueEmail(database.db, { ...mail, fallbackLocale: "de" });
    return read(uniqueKey);
  };
  expect(await send("by-browser")).toMatchObject({
    subject: "Ihr Parley-Passwort zurücksetzen",
    html: expect.stringContaining('<html lang="de">'),
  });
  await setLocale(database.db, created?.userId ?? "", "en");
  expect((await send("by-setting")).subject).toBe("Reset your Parley password");
  expect((await send("without-account", "nobody@person.example")).subject).toBe(
    "Ihr Parley-Passwort zurücksetzen",
  );
});
