import { sql } from "drizzle-orm";
import { db } from "#db/client.ts";

/**
 * How long the text of a temporary chat's answer stays in the log after its end, in milliseconds, so that a
 * reader whose connection broke can resume. The privacy policy says so.
 */
export const temporaryLogMs = 600_000;

/**
 * Deletes the text of temporary chats from the log, ten minutes after the end of each answer. The end event
 * and the generation stay for a day; they contain no text.
 * @returns how many events were deleted
 */
export async function purgeTemporaryLogs(at: Date): Promise<number> {
  const endedBefore = new Date(at.getTime() - temporaryLogMs).toISOString();
  const { count } = await db().execute(sql`
    delete from generation_events e using generations g
    where g.message_id is null and g.ended_at < ${endedBefore}::timestamptz and e.generation_id = g.id
      and e.event ->> 'type' <> 'end'`);
  return count;
}
