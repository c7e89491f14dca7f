import { desc, eq } from "drizzle-orm";
import type { Db } from "#db/client.ts";
import { outgoingMail } from "#db/schema/accounts.ts";

/** Lists the emails to an address, newest first. */
export function listEmails(db: Db, toAddress: string) {
  return db
    .select()
    .from(outgoingMail)
    .where(eq(outgoingMail.toAddress, toAddress))
    .orderBy(desc(outgoingMail.createdAt), desc(outgoingMail.id));
}

/** Reads the token of the link in the newest email to an address whose subject matches. */
export async function readEmailToken(db: Db, toAddress: string, subjectPattern: RegExp): Promise<string> {
  const email = (await listEmails(db, toAddress)).find(({ subject }) => subjectPattern.test(subject));
  const token = email?.text.match(/token=([\w-]+)/)?.[1];
  if (token === undefined)
    throw new Error(`No email with a link and the subject ${subjectPattern} was queued.`);
  return token;
}
