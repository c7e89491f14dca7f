import { sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { failStuckExports } from "#lib/accounts/data-exports/build-run.ts";
import { purgeDataExports } from "#lib/accounts/data-exports/data-exports.ts";
import { purgeDeletedConversations } from "#lib/chat/conversations/purge-deleted.ts";
import { purgeAttachments } from "#lib/chat/files/purge-attachments.ts";
import { purgeImports } from "#lib/chat/portability/import/imports.ts";
import { addToEvent } from "#lib/core/log.ts";

const dayMs = 86_400_000;
/** Retention of request logs, webhook payloads and emails. */
const logDays = 90;
/** How long browsers keep a cookie. */
const deviceDays = 400;
/** As conversations. */
const deletedProjectDays = 30;
const batchSize = 5_000;

/**
 * Deletes expired data in small batches: request logs, webhook payloads and emails after 90 days, the replay
 * log of an answer and the generations of temporary chats a day after their end, deleted conversations after
 * 30 days, files without a message after a day, archives of personal data after seven days, and expired
 * tokens and sessions. Rollups, ledger entries and the audit log are kept.
 * @param at the current time
 */
export async function applyRetention(at: Date): Promise<void> {
  const logsBefore = daysBefore(at, logDays);
  const dayBefore = daysBefore(at, 1);
  addToEvent({
    interactions: await inBatches(sql`delete from openai_interactions where id in (
      select id from openai_interactions where at < ${logsBefore} limit ${batchSize})`),
    webhookPayloads: await inBatches(sql`update stripe_events set payload = '{}' where id in (
      select id from stripe_events where received_at < ${logsBefore} and state <> 'received'
        and payload <> '{}' limit ${batchSize})`),
    // Events that arrived after their account was deleted.
    deletedAccountPayloads: await inBatches(sql`update stripe_events set payload = '{}' where id in (
      select e.id from stripe_events e join billing_customers c on c.stripe_customer_id = e.customer_id
        join workspaces w on w.id = c.workspace_id
      where w.deleted_at is not null and e.state <> 'received' and e.payload <> '{}' limit ${batchSize})`),
    emails: await inBatches(sql`update outgoing_mail set html = '', text = '' where id in (
      select id from outgoing_mail where created_at < ${logsBefore} and (html <> '' or text <> '')
      limit ${batchSize})`),
    // No user has these addresses: they were mistyped, never signed up, or their account was deleted.
    emailsWithoutUser: await inBatches(sql`delete from outgoing_mail where id in (
      select m.id from outgoing_mail m where m.created_at < ${dayBefore} and (m.sent_at is not null or m.failed)
        and not exists (select from users u where u.email = m.to_address) limit ${batchSize})`),
    deletedConversations: await purgeDeletedConversations(at),
    dataExports: await purgeDataExports(at),
    attachments: await purgeAttachments(at),
    chatImports: await purgeImports(at),
    stuckDataExports: await failStuckExports(at),
    deletedProjects: await inBatches(sql`delete from projects where id in (
      select id from projects where deleted_at < ${daysBefore(at, deletedProjectDays)} limit ${batchSize})`),
    replayEvents: await inBatches(sql`delete from generation_events where (generation_id, seq) in (
      select e.generation_id, e.seq from generation_events e join generations g on g.id = e.generation_id
      where g.ended_at < ${dayBefore} limit ${batchSize})`),
    // The receipt of a temporary chat remains in the request log and the ledger.
    temporaryGenerations: await inBatches(sql`delete from generations where id in (
      select id from generations where message_id is null and ended_at < ${dayBefore} limit ${batchSize})`),
    tokens: await inBatches(sql`delete from email_tokens where token_hash in (
      select token_hash from email_tokens where expires_at < ${dayBefore} limit ${batchSize})`),
    pendingSignIns: await inBatches(sql`delete from pending_sign_ins where id in (
      select id from pending_sign_ins where expires_at < ${dayBefore} limit ${batchSize})`),
    passkeyChallenges: await inBatches(sql`delete from passkey_challenges where (binding, purpose) in (
      select binding, purpose from passkey_challenges where expires_at < ${dayBefore} limit ${batchSize})`),
    // The browser has deleted its cookie by then.
    knownDevices: await inBatches(sql`delete from known_devices where (user_id, device_hash) in (
      select user_id, device_hash from known_devices where last_used_at < ${daysBefore(at, deviceDays)}
      limit ${batchSize})`),
    sessions: await inBatches(sql`delete from sessions where id in (
      select id from sessions where expires_at < ${logsBefore} limit ${batchSize})`),
    // Calls are sent again since then, and nobody has called.
    modelOutages: await inBatches(sql`delete from model_outages where (upstream, model) in (
      select upstream, model from model_outages where ends_at < ${dayBefore} limit ${batchSize})`),
    cachedAnswers: await inBatches(sql`delete from response_cache where (workspace_id, key) in (
      select workspace_id, key from response_cache where expires_at < ${at.toISOString()} limit ${batchSize})`),
    rateBuckets: await inBatches(sql`delete from rate_buckets where key in (
      select key from rate_buckets where refilled_at < ${dayBefore} limit ${batchSize})`),
  });
}

/** Returns text, because the driver cannot infer the parameter's type here. */
function daysBefore(at: Date, days: number): string {
  return new Date(at.getTime() - days * dayMs).toISOString();
}

async function inBatches(statement: ReturnType<typeof sql>): Promise<number> {
  let total = 0;
  while (true) {
    const { count } = await db().execute(statement);
    total += count;
    if (count < batchSize) return total;
  }
}
