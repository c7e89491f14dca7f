import { and, eq } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { conversations, type MessagePart, messages } from "#db/schema/chat.ts";
import type {
  ImportedConversation,
  ImportedMessage,
} from "#lib/chat/portability/import/imported-conversation.ts";
import { findLeaf, importedId, orderMessages } from "#lib/chat/portability/import/stored-tree.ts";
import { defaultModelId, findModel } from "#lib/usage/price-list.ts";
import { countTextInTimeSlices } from "#lib/usage/tokens.ts";

export type Importer = { userId: string; workspaceId: string };

/**
 * What became of a conversation: "added"; "updated" with messages that a newer file has; "unchanged"; "empty"
 * without anything to show; "too_large".
 */
export type StoreResult = "added" | "updated" | "unchanged" | "empty" | "too_large";

const maxMessages = 20_000;
/** Characters of one message; the model with the largest context takes about as many. */
const maxMessageLength = 2_000_000;
/** Rows of one statement. */
const batchSize = 100;

/**
 * Stores an imported conversation. Ids are derived from those of the file, so repeating an import adds
 * nothing, and a newer file adds its new messages. A conversation that the user has already, because it was
 * exported here, is recognized by its own ids.
 */
export async function storeImported(
  importer: Importer,
  imported: ImportedConversation,
  at: Date,
): Promise<StoreResult> {
  const ordered = orderMessages(imported.messages.map(toCleanMessage));
  if (ordered.length === 0) return "empty";
  if (ordered.length > maxMessages || ordered.some(({ text }) => text.length > maxMessageLength))
    return "too_large";
  const target = await findTarget(db(), importer, imported);
  const toId = (externalId: string) =>
    target.known.has(externalId)
      ? externalId
      : importedId(importer.userId, imported.source, imported.externalId, externalId);
  const missing = ordered.filter(({ externalId }) => !target.known.has(toId(externalId)));
  if (target.exists && missing.length === 0 && !target.isDeleted) return "unchanged";
  const counted = await countTokens(missing);
  const leaf = findLeaf(imported, ordered);
  await db().transaction(async (tx) => {
    await writeConversation(tx, importer, target.id, imported, ordered, at);
    for (let start = 0; start < counted.length; start += batchSize)
      await writeMessages(tx, importer, target.id, counted.slice(start, start + batchSize), toId, imported);
    // A conversation that was continued here keeps the branch that it shows.
    if (leaf !== null && (!target.exists || missing.some(({ externalId }) => externalId === leaf)))
      await tx
        .update(conversations)
        .set({ activeLeafId: toId(leaf) })
        .where(eq(conversations.id, target.id));
  });
  return target.exists ? "updated" : "added";
}

type Target = { id: string; exists: boolean; isDeleted: boolean; known: Set<string> };

async function findTarget(tx: Tx, importer: Importer, imported: ImportedConversation): Promise<Target> {
  const { source, externalId } = imported;
  const derived = importedId(importer.userId, source, externalId);
  // Other formats cannot name a conversation of ours.
  for (const id of source === "parley" ? [externalId, derived] : [derived]) {
    const [own] = await tx
      .select({ deletedAt: conversations.deletedAt })
      .from(conversations)
      .where(
        and(
          eq(conversations.id, id),
          eq(conversations.userId, importer.userId),
          eq(conversations.workspaceId, importer.workspaceId),
        ),
      );
    if (own === undefined) continue;
    const stored = await tx.select({ id: messages.id }).from(messages).where(eq(messages.conversationId, id));
    return {
      id,
      exists: true,
      isDeleted: own.deletedAt !== null,
      known: new Set(stored.map((message) => message.id)),
    };
  }
  return { id: derived, exists: false, isDeleted: false, known: new Set() };
}

type CountedMessage = ImportedMessage & { tokens: number };

async function countTokens(missing: readonly ImportedMessage[]): Promise<CountedMessage[]> {
  const counted: CountedMessage[] = [];
  for (const message of missing)
    counted.push({ ...message, tokens: await countTextInTimeSlices(defaultModelId(), message.text) });
  return counted;
}

async function writeConversation(
  tx: Tx,
  { userId, workspaceId }: Importer,
  id: string,
  { title, model, createdAt, updatedAt }: ImportedConversation,
  ordered: readonly ImportedMessage[],
  at: Date,
): Promise<void> {
  const name = cleanText(title).replace(/\s+/g, " ").trim() || (ordered[0]?.text ?? "").trim();
  const created = createdAt ?? at;
  await tx
    .insert(conversations)
    .values({
      id,
      workspaceId,
      userId,
      title: [...name.replace(/\s+/g, " ")].slice(0, 200).join(""),
      titleSource: "named",
      model: model !== null && findModel(model)?.kind === "chat" ? model : defaultModelId(),
      createdAt: created,
      updatedAt: updatedAt ?? created,
    })
    // An import brings back what was deleted.
    .onConflictDoUpdate({
      target: conversations.id,
      set: { deletedAt: null },
      setWhere: eq(conversations.userId, userId),
    });
}

async function writeMessages(
  tx: Tx,
  { workspaceId }: Importer,
  conversationId: string,
  batch: readonly CountedMessage[],
  toId: (externalId: string) => string,
  { createdAt }: ImportedConversation,
): Promise<void> {
  const rows = batch.map((message) => ({
    id: toId(message.externalId),
    workspaceId,
    conversationId,
    parentId: message.parentId === null ? null : toId(message.parentId),
    role: message.role,
    parts: toParts(message),
    content: message.text,
    tokens: message.tokens,
    model: message.role === "assistant" ? message.model : null,
    status: "done" as const,
    createdAt: message.createdAt ?? createdAt ?? new Date(0),
  }));
  await tx.insert(messages).values(rows).onConflictDoNothing({ target: messages.id });
}

function toParts({ reasoning, text }: ImportedMessage): MessagePart[] {
  const answer = { type: "text" as const, text };
  return reasoning === "" ? [answer] : [{ type: "reasoning", text: reasoning, durationMs: 0 }, answer];
}

function toCleanMessage(message: ImportedMessage): ImportedMessage {
  return { ...message, text: cleanText(message.text), reasoning: cleanText(message.reasoning) };
}

/** PostgreSQL stores neither NUL nor half of a surrogate pair. */
function cleanText(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}
