import { z } from "zod";
import {
  fromSeconds,
  type ImportedConversation,
  shownAncestor,
  withoutEmptyNodes,
} from "#lib/chat/portability/import/imported-conversation.ts";

const messageSchema = z.object({
  parentId: z.string().nullish(),
  role: z.string(),
  content: z.unknown().optional(),
  model: z.string().nullish(),
  timestamp: z.number().nullish(),
});

const schema = z.object({
  id: z.string().min(1),
  title: z.string().nullish(),
  created_at: z.number().nullish(),
  updated_at: z.number().nullish(),
  chat: z.object({
    title: z.string().nullish(),
    models: z.array(z.string()).nullish(),
    history: z.object({
      currentId: z.string().nullish(),
      messages: z.record(z.string(), z.unknown()),
    }),
  }),
});

/** Reads a chat that Open WebUI exported; null if it is another format. */
export function parseOpenWebUi(value: unknown): ImportedConversation | null {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return null;
  const { id: externalId, title, created_at, updated_at, chat } = parsed.data;
  const nodes = Object.entries(chat.history.messages).map(([id, message]) => toNode(id, message));
  return {
    source: "openwebui",
    externalId,
    title: title ?? chat.title ?? "",
    model: chat.models?.[0] ?? null,
    createdAt: fromSeconds(created_at),
    updatedAt: fromSeconds(updated_at),
    leafId: shownAncestor(new Map(nodes.map((node) => [node.id, node])), chat.history.currentId ?? null),
    messages: withoutEmptyNodes(nodes),
  };
}

function toNode(id: string, value: unknown) {
  const message = messageSchema.safeParse(value).data;
  const parentId = message?.parentId ?? null;
  if (message === undefined || typeof message.content !== "string") return { id, parentId, message: null };
  const { role, model, timestamp } = message;
  const { text, reasoning } = splitDetails(message.content);
  if ((role !== "user" && role !== "assistant") || text.trim() === "") return { id, parentId, message: null };
  const createdAt = fromSeconds(timestamp);
  const ofAnswer = role === "assistant" ? (model ?? null) : null;
  return {
    id,
    parentId,
    message: { externalId: id, role, text, reasoning, model: ofAnswer, createdAt },
  } as const;
}

/** Thinking and calls of tools are written into the text as `<details type="reasoning">` and "tool_calls". */
function splitDetails(content: string): { text: string; reasoning: string } {
  let reasoning = "";
  const pattern = /<details type="(reasoning|tool_calls|code_interpreter)"[^>]*>([\s\S]*?)<\/details>\s*/g;
  const text = content.replace(pattern, (_match, type: string, body: string) => {
    if (type === "reasoning")
      reasoning += body
        .replace(/<summary>[\s\S]*?<\/summary>/g, "")
        .replace(/^\s*(&gt;|>) ?/gm, "")
        .trim();
    return "";
  });
  return { text, reasoning };
}
