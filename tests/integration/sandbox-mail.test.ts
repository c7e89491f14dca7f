import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EmailSummary, ReceivedEmail } from "#sandbox/mail/email.ts";
import { type RunningMailSandbox, startMailSandbox } from "#sandbox/mail/server.ts";

let dataDir: string;
let sandbox: RunningMailSandbox;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "parley-mail-"));
  sandbox = await startMailSandbox({ smtpPort: 0, httpPort: 0, dataDir });
});
afterEach(async () => {
  await sandbox.stop();
  await rm(dataDir, { recursive: true });
});

async function send(to: string, subject = "Welcome", html?: string): Promise<void> {
  const transport = createTransport(sandbox.smtpUrl);
  const text = `Hello,\n\nopen http://localhost:3000/verify?token=${subject}&x=1.\n`;
  await transport.sendMail({
    from: "Parley <hello@parley.example>",
    to,
    subject,
    text,
    ...(html && { html }),
  });
  transport.close();
}

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(`${sandbox.url}${path}`);
  return (await answer.json()) as T; // each caller names the shape that its path has
}

const page = async (path: string) => (await fetch(`${sandbox.url}${path}`)).text();

describe("emails", () => {
  test("sent emails are listed newest first with their whole content", async () => {
    await send("ada@people.example", "First");
    await send("ada@people.example", "Second", "<p>Grüße</p>");
    const list = await get<EmailSummary[]>("/api/messages");
    expect(list.map(({ subject }) => subject)).toEqual(["Second", "First"]);
    const email = await get<ReceivedEmail>(`/api/messages/${list[0]?.id}`);
    expect(email).toMatchObject({ to: ["ada@people.example"], html: "<p>Grüße</p>" });
    expect(email.text).toContain("verify?token=Second");
    expect(email.headers).toContainEqual({ name: "Subject", value: "Second" });
  });

  test("the list filters by the whole recipient address, ignoring case", async () => {
    await send("ada@people.example");
    await send("grace@people.example");
    expect(await get("/api/messages?to=Ada@People.example")).toHaveLength(1);
    expect(await get("/api/messages?to=people.example")).toHaveLength(0);
  });

  test("deleting removes all emails, and an unknown email is a 404", async () => {
    await send("ada@people.example");
    const [email] = await get<EmailSummary[]>("/api/messages");
    await fetch(`${sandbox.url}/api/messages`, { method: "DELETE" });
    expect(await get("/api/messages")).toEqual([]);
    expect((await fetch(`${sandbox.url}/api/messages/${email?.id}`)).status).toBe(404);
  });

  test("emails survive a restart", async () => {
    await send("ada@people.example", "Kept");
    await sandbox.stop();
    sandbox = await startMailSandbox({ smtpPort: 0, httpPort: 0, dataDir });
    expect(await get("/api/messages")).toMatchObject([{ subject: "Kept" }]);
  });

  test("a missing mailbox gets a permanent error, and a busy one a temporary error", async () => {
    await expect(send("bounce@people.example")).rejects.toMatchObject({ responseCode: 550 });
    await expect(send("defer@people.example")).rejects.toMatchObject({ responseCode: 451 });
    expect(await get("/api/messages")).toEqual([]);
  });
});

describe("waiting", () => {
  test("waiting returns the matching email when it arrives", async () => {
    const waited = get<ReceivedEmail>("/api/messages/wait?to=ada@people.example&subject=sign-in");
    await send("grace@people.example", "Your sign-in link");
    await send("ada@people.example", "Welcome");
    await send("ada@people.example", "Your sign-in link");
    expect(await waited).toMatchObject({ to: ["ada@people.example"], subject: "Your sign-in link" });
  });

  test("waiting for emails after an id ignores the email with the id", async () => {
    await send("ada@people.example", "One");
    const [one] = await get<EmailSummary[]>("/api/messages");
    const early = await fetch(`${sandbox.url}/api/messages/wait?after=${one?.id}&timeoutMs=50`);
    expect(early.status).toBe(404);
    const waited = get<ReceivedEmail>(`/api/messages/wait?after=${one?.id}`);
    await send("ada@people.example", "Two");
    expect((await waited).subject).toBe("Two");
  });
});

describe("pages", () => {
  test("the page shows an email as text with working links", async () => {
    await send("ada@people.example", "<script>alert(1)</script>");
    const [email] = await get<EmailSummary[]>("/api/messages");
    const shown = await page(`/messages/${email?.id}`);
    expect(shown).not.toContain("<script>alert");
    expect(shown).toContain('href="http://localhost:3000/verify?token=');
    expect(await page("/")).toContain("&lt;script&gt;alert(1)");
  });

  test("the HTML of an email is served without scripts, and its links open in a new tab", async () => {
    await send(
      "ada@people.example",
      "Hi",
      "<html><head></head><body><script>alert(1)</script></body></html>",
    );
    const [email] = await get<EmailSummary[]>("/api/messages");
    const answer = await fetch(`${sandbox.url}/messages/${email?.id}/html`);
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/default-src 'none'/);
    expect(policy).toMatch(/sandbox(?!.*allow-scripts)/);
    expect(await answer.text()).toContain('<head><meta charset="utf-8"><base target="_blank">');
  });
});
