import { z } from "zod";
import {
  fromSeconds,
  type ImportedConversation,
  type ImportedMessage,
  shownAncestor,
  withoutEmptyNodes,
} from "#lib/chat/portability/import/imported-conversation.ts";

const messageSchema = z.object({
  author: z.object({ role: z.string() }),
  create_time: z.number().nullish(),
  content: z.object({
    content_type: z.string(),
    parts: z.array(z.unknown()).optional(),
    text: z.unknown().optional(),
  }),
  metadata: z
    .object({
      model_slug: z.string().nullish(),
      is_visually_hidden_from_conversation: z.boolean().nullish(),
    })
    .nullish(),
  recipient: z.string().nullish(),
});

const schema = z.object({
  id: z.string().min(1).optional(),
  conversation_id: z.string().min(1).optional(),
  title: z.string().nullish(),
  create_time: z.number().nullish(),
  update_time: z.number().nullish(),
  current_node: z.string().nullish(),
  default_model_slug: z.string().nullish(),
  mapping: z.record(z.string(), z.object({ parent: z.string().nullish(), message: z.unknown().optional() })),
});

/** Reads a conversation of ChatGPT's `conversations.json`; null if it is another format. */
export function parseChatGpt(value: unknown): ImportedConversation | null {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return null;
  const { mapping, title, create_time, update_time, current_node, default_model_slug } = parsed.data;
  const externalId = parsed.data.conversation_id ?? parsed.data.id;
  if (externalId === undefined) return null;
  const nodes = Object.entries(mapping).map(([id, { parent, message }]) => ({
    id,
    parentId: parent ?? null,
    message: toMessage(id, message),
  }));
  return {
    source: "chatgpt",
    externalId,
    title: title ?? "",
    model: default_model_slug ?? null,
    createdAt: fromSeconds(create_time),
    updatedAt: fromSeconds(update_time),
    leafId: shownAncestor(new Map(nodes.map((node) => [node.id, node])), current_node ?? null),
    messages: withoutEmptyNodes(nodes),
  };
}

/** Null for what ChatGPT does not show either: system messages, calls of tools and their results. */
function toMessage(externalId: string, value: unknown): Omit<ImportedMessage, "parentId"> | null {
  const parsed = messageSchema.safeParse(value);
  if (!parsed.success) return null;
  const { author, content, metadata, recipient, create_time } = parsed.data;
  if (author.role !== "user" && author.role !== "assistant") return null;
  if (metadata?.is_visually_hidden_from_conversation === true) return null;
  if (recipient != null && recipient !== "all") return null;
  if (content.content_type !== "text" && content.content_type !== "multimodal_text") return null;
  const text = (content.parts ?? []).filter((part) => typeof part === "string").join("\n\n");
  if (text.trim() === "") return null;
  return {
    externalId,
    role: author.role,
    text,
    reasoning: "",
    model: author.role === "assistant" ? (metadata?.model_slug ?? null) : null,
    createdAt: fromSeconds(create_time),
  };
}
