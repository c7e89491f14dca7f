import { and, eq, isNull, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { outgoingMail } from "#db/schema/accounts.ts";
import { type EmailTemplate, renderEmailHtml, renderEmailText } from "#lib/accounts/email/email-template.ts";
import { findEmailLocale } from "#lib/accounts/users.ts";
import { raiseAlert } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import type { Locale } from "#lib/core/locale.ts";
import { addToEvent } from "#lib/core/log.ts";
import { maskText } from "#lib/core/mask.ts";
import { enqueue } from "#lib/core/queue.ts";
import { deliverEmail } from "#lib/gateways/mail.ts";

type QueuedEmail<D> = {
  to: string;
  template: EmailTemplate<D>;
  data: D;
  /** Idempotency key: an email with a known key is not sent again. */
  uniqueKey: string;
  /** The language for an address without an account; English by default. */
  fallbackLocale?: Locale;
};

/**
 * Stores an email in the recipient's language, and its job, in the caller's transaction.
 * @returns whether the email is new
 */
export async function queueEmail<D>(tx: Tx, email: QueuedEmail<D>): Promise<boolean> {
  const locale = (await findEmailLocale(tx, email.to)) ?? email.fallbackLocale ?? "en";
  const content = email.template(email.data, locale);
  const mailId = newId();
  const added = await tx
    .insert(outgoingMail)
    .values({
      id: mailId,
      uniqueKey: email.uniqueKey,
      toAddress: email.to,
      subject: content.subject,
      html: renderEmailHtml(content, locale),
      text: renderEmailText(content),
      createdAt: now(),
    })
    .onConflictDoNothing({ target: outgoingMail.uniqueKey })
    .returning({ id: outgoingMail.id });
  if (added.length === 0) return false;
  await enqueue(tx, "mail.send", { mailId }, { uniqueKey: mailId });
  return true;
}

/** The first attempt and the retries of the job "mail.send". */
export const maxEmailAttempts = 11;

/**
 * Sends a queued email. Its text is deleted once it was sent, because links in it work like passwords.
 * @throws Error if the mail server is temporarily unavailable, so that the job is retried
 */
export async function sendEmail(mailId: string): Promise<void> {
  const isPending = and(
    eq(outgoingMail.id, mailId),
    isNull(outgoingMail.sentAt),
    eq(outgoingMail.failed, false),
  );
  const [email] = await db().select().from(outgoingMail).where(isPending);
  if (email === undefined) return;
  const { toAddress: to, subject, html, text } = email;
  const delivery = await deliverEmail({ id: mailId, to, subject, html, text });
  const attempts = email.attempts + 1;
  addToEvent({ mailId, attempts });
  if (delivery.ok) {
    const sent = { sentAt: now(), attempts, html: "", text: "", lastError: null };
    await db().update(outgoingMail).set(sent).where(eq(outgoingMail.id, mailId));
    return;
  }
  const failed = delivery.permanent || attempts >= maxEmailAttempts;
  const lastError = maskText(delivery.reason).slice(0, 500);
  await db()
    .update(outgoingMail)
    .set({ attempts: sql`${outgoingMail.attempts} + 1`, lastError, failed })
    .where(eq(outgoingMail.id, mailId));
  if (!failed) throw new Error(`The mail server did not accept an email: ${lastError}`);
  // A rejected address needs no operator; running out of attempts does.
  if (!delivery.permanent)
    await raiseAlert({ key: "mail", title: "Emails cannot be sent", detail: lastError });
}
