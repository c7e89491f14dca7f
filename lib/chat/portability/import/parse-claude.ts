import { z } from "zod";
import {
  fromIso,
  type ImportedConversation,
  withoutEmptyNodes,
} from "#lib/chat/portability/import/imported-conversation.ts";

/** The parent of the first messages of a conversation. */
const noParent = "00000000-0000-4000-8000-000000000000";

const schema = z.object({
  uuid: z.string().min(1),
  name: z.string().nullish(),
  model: z.string().nullish(),
  created_at: z.string().nullish(),
  updated_at: z.string().nullish(),
  current_leaf_message_uuid: z.string().nullish(),
  chat_messages: z.array(
    z.object({
      uuid: z.string().min(1),
      sender: z.string(),
      text: z.string().nullish(),
      content: z
        .array(z.object({ type: z.string(), text: z.unknown().optional(), thinking: z.unknown().optional() }))
        .nullish(),
      created_at: z.string().nullish(),
      parent_message_uuid: z.string().nullish(),
    }),
  ),
});

/**
 * Reads a conversation of Claude's `conversations.json`; null if it is another format. Older files name no
 * parents: their messages follow each other.
 */
export function parseClaude(value: unknown): ImportedConversation | null {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return null;
  const { uuid, name, model, created_at, updated_at, current_leaf_message_uuid, chat_messages } = parsed.data;
  const isTree = chat_messages.some(({ parent_message_uuid }) => parent_message_uuid != null);
  const nodes = chat_messages.map((message, index) => {
    const previous = chat_messages[index - 1]?.uuid ?? null;
    const parent = isTree ? (message.parent_message_uuid ?? null) : previous;
    return {
      id: message.uuid,
      parentId: parent === noParent ? null : parent,
      message: toMessage(message),
    };
  });
  const messages = withoutEmptyNodes(nodes);
  return {
    source: "claude",
    externalId: uuid,
    title: name ?? "",
    model: model ?? null,
    createdAt: fromIso(created_at),
    updatedAt: fromIso(updated_at),
    leafId: current_leaf_message_uuid ?? messages.at(-1)?.externalId ?? null,
    messages,
  };
}

function toMessage(message: z.infer<typeof schema>["chat_messages"][number]) {
  const { sender, content, created_at } = message;
  if (sender !== "human" && sender !== "assistant") return null;
  const blocks = content ?? [];
  const join = (values: unknown[]) => values.filter((part) => typeof part === "string").join("\n\n");
  const fromBlocks = join(blocks.filter(({ type }) => type === "text").map(({ text }) => text));
  const text = fromBlocks === "" ? (message.text ?? "") : fromBlocks;
  if (text.trim() === "") return null;
  return {
    externalId: message.uuid,
    role: sender === "human" ? ("user" as const) : ("assistant" as const),
    text,
    reasoning: join(blocks.filter(({ type }) => type === "thinking").map(({ thinking }) => thinking)),
    model: null,
    createdAt: fromIso(created_at),
  };
}
