import { conversationDocumentSchema } from "#lib/chat/portability/conversation-format.ts";
import { fromIso, type ImportedConversation } from "#lib/chat/portability/import/imported-conversation.ts";

/** Reads Parley's own format; null if it is another one. */
export function parseParley(value: unknown): ImportedConversation | null {
  const parsed = conversationDocumentSchema.safeParse(value);
  if (!parsed.success) return null;
  const { id, title, model, createdAt, updatedAt, activeLeafId, messages } = parsed.data;
  return {
    source: "parley",
    externalId: id,
    title,
    model,
    createdAt: fromIso(createdAt),
    updatedAt: fromIso(updatedAt),
    leafId: activeLeafId,
    messages: messages.map((message) => ({
      externalId: message.id,
      parentId: message.parentId,
      role: message.role,
      text: message.parts.map((part) => (part.type === "text" ? part.text : "")).join(""),
      reasoning: message.parts.map((part) => (part.type === "reasoning" ? part.text : "")).join(""),
      model: message.model,
      createdAt: fromIso(message.createdAt),
    })),
  };
}
