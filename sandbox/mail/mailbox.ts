import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ReceivedEmail } from "./email.ts";

export type Filter = {
  /** A whole recipient address, case-insensitive. */
  to?: string | undefined;
  /** Part of the subject, case-insensitive. */
  subject?: string | undefined;
  /** An email's id or a timestamp; only later emails match. */
  after?: string | undefined;
};

export type Mailbox = ReturnType<typeof openMailbox>;

const maxEmails = 500;

/**
 * The received emails, newest first, at most 500.
 * @param dataDir folder of `emails.json`; null keeps them in memory only
 */
export function openMailbox(dataDir: string | null) {
  const file = dataDir === null ? null : join(dataDir, "emails.json");
  if (dataDir !== null) mkdirSync(dataDir, { recursive: true });
  let emails = readKept(file);
  const waiting = new Set<(email: ReceivedEmail) => void>();

  function keep(): void {
    if (file === null) return;
    // Write a temporary file and rename it, so that a crash cannot corrupt the file.
    writeFileSync(`${file}.new`, JSON.stringify(emails), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  const list = (filter: Filter = {}): ReceivedEmail[] => since(emails, filter.after).filter(matcher(filter));

  return {
    list,
    find: (id: string): ReceivedEmail | undefined => emails.find((email) => email.id === id),
    add(email: ReceivedEmail): void {
      emails = [email, ...emails].slice(0, maxEmails);
      keep();
      for (const notify of waiting) notify(email);
    },
    clear(): void {
      emails = [];
      keep();
    },
    /** Waits for the newest matching email; null if none arrives before the signal. */
    wait(filter: Filter, signal: AbortSignal): Promise<ReceivedEmail | null> {
      const found = list(filter)[0];
      if (found !== undefined || signal.aborted) return Promise.resolve(found ?? null);
      return new Promise((resolve) => {
        const fits = matcher(filter);
        const end = (email: ReceivedEmail | null) => {
          waiting.delete(notify);
          signal.removeEventListener("abort", giveUp);
          resolve(email);
        };
        const notify = (email: ReceivedEmail) => fits(email) && end(email);
        const giveUp = () => end(null);
        waiting.add(notify);
        signal.addEventListener("abort", giveUp);
      });
    },
  };
}

function readKept(file: string | null): ReceivedEmail[] {
  if (file === null || !existsSync(file)) return [];
  return JSON.parse(readFileSync(file, "utf8"));
}

function since(emails: ReceivedEmail[], after: string | undefined): ReceivedEmail[] {
  if (after === undefined || after === "") return emails;
  const index = emails.findIndex(({ id }) => id === after);
  if (index !== -1) return emails.slice(0, index);
  // Distinguished by format, because Date.parse accepts almost anything.
  if (!/^\d{4}-\d\d-\d\dT/.test(after)) return emails;
  return emails.filter(({ at }) => Date.parse(at) > Date.parse(after));
}

function matcher({ to, subject }: Filter): (email: ReceivedEmail) => boolean {
  const address = to?.toLowerCase();
  const words = subject?.toLowerCase();
  return (email) =>
    (address === undefined || email.to.some((recipient) => recipient.toLowerCase() === address)) &&
    (words === undefined || email.subject.toLowerCase().includes(words));
}
