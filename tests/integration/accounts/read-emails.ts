import { desc, eq } from "drizzle-orm";
import type { Db } from "#db/client.ts";
import { outgoingMail } from "#db/schema/accounts.ts";

/** The letters that wait for an address, the newest first. */
export function listEmails(db: Db, toAddress: string) {
  return db
    .select()
    .from(outgoingMail)
    .where(eq(outgoingMail.toAddress, toAddress))
    .orderBy(desc(outgoingMail.createdAt), desc(outgoingMail.id));
}

/** The token of the link in the newest letter to an address, of those whose subject says `about`. */
export async function readEmailToken(db: Db, toAddress: string, about: RegExp): Promise<string> {
  const letter = (await listEmails(db, toAddress)).find(({ subject }) => about.test(subject));
  const token = letter?.text.match(/token=([\w-]+)/)?.[1];
  if (token === undefined) throw new Error(`No letter about ${about} with a link was written.`);
  return token;
}
