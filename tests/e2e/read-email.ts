import { expect } from "@playwright/test";

/** Waits for an email to an address and returns the newest one with a matching subject. */
export async function readEmail(to: string, subject: RegExp): Promise<{ text: string; html: string }> {
  let found: { text: string; html: string } | undefined;
  const api = `${process.env.SANDBOX_MAIL_URL}/api/messages`;
  await expect(async () => {
    const list = await fetch(`${api}?to=${encodeURIComponent(to)}`);
    // The mail sandbox's API.
    const emails = (await list.json()) as { id: string; subject: string }[];
    const email = emails.find((candidate) => subject.test(candidate.subject));
    expect(email, `an email to ${to} with the subject ${subject}`).toBeDefined();
    const message = await fetch(`${api}/${email?.id}`);
    found = (await message.json()) as { text: string; html: string };
  }).toPass({ timeout: 20_000 });
  if (found === undefined) throw new Error(`No email to ${to}.`);
  return found;
}
