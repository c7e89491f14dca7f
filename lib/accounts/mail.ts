import { and, eq, isNull, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { outgoingMail } from "#db/schema/accounts.ts";
import { type LetterTemplate, letterHtml, letterText } from "#lib/accounts/letter.ts";
import { raiseAlert } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { addToEvent } from "#lib/core/log.ts";
import { maskText } from "#lib/core/mask.ts";
import { enqueue } from "#lib/core/queue.ts";
import { deliverLetter } from "#lib/gateways/mail.ts";

type Mail<D> = {
  to: string;
  template: LetterTemplate<D>;
  data: D;
  /** The same key is the same letter: it is sent once, however often it is caused. */
  uniqueKey: string;
};

/**
 * Writes a letter in the caller's transaction, with the job that sends it.
 * @returns whether it is a new one
 */
export async function queueMail<D>(tx: Tx, mail: Mail<D>): Promise<boolean> {
  const letter = mail.template(mail.data);
  const mailId = newId();
  const added = await tx
    .insert(outgoingMail)
    .values({
      id: mailId,
      uniqueKey: mail.uniqueKey,
      toAddress: mail.to,
      subject: letter.subject,
      html: letterHtml(letter),
      text: letterText(letter),
      createdAt: now(),
    })
    .onConflictDoNothing({ target: outgoingMail.uniqueKey })
    .returning({ id: outgoingMail.id });
  if (added.length === 0) return false;
  await enqueue(tx, "mail.send", { mailId }, { uniqueKey: mailId });
  return true;
}

/** One more than the job is retried; see the queue's rules. */
const mostAttempts = 11;

/**
 * Sends a letter that waits. Its text is erased once it has left, because links in it are as good as a password.
 * @throws Error when the mail server could not take it now, so that the job is tried again
 */
export async function sendMail(mailId: string): Promise<void> {
  const waiting = and(
    eq(outgoingMail.id, mailId),
    isNull(outgoingMail.sentAt),
    eq(outgoingMail.failed, false),
  );
  const [mail] = await db().select().from(outgoingMail).where(waiting);
  if (mail === undefined) return;
  const { toAddress: to, subject, html, text } = mail;
  const delivery = await deliverLetter({ id: mailId, to, subject, html, text });
  const attempts = mail.attempts + 1;
  addToEvent({ mailId, attempts });
  if (delivery.ok) {
    const sent = { sentAt: now(), attempts, html: "", text: "", lastError: null };
    await db().update(outgoingMail).set(sent).where(eq(outgoingMail.id, mailId));
    return;
  }
  const failed = delivery.permanent || attempts >= mostAttempts;
  const lastError = maskText(delivery.reason).slice(0, 500);
  await db()
    .update(outgoingMail)
    .set({ attempts: sql`${outgoingMail.attempts} + 1`, lastError, failed })
    .where(eq(outgoingMail.id, mailId));
  if (!failed) throw new Error(`The mail server did not take a letter: ${lastError}`);
  // A refused address is the recipient's matter; giving up after every attempt is ours.
  if (!delivery.permanent)
    await raiseAlert({ key: "mail", title: "Letters cannot be sent", detail: lastError });
}
