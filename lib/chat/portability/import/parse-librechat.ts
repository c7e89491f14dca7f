import { z } from "zod";
import {
  fromIso,
  type ImportedConversation,
  withoutEmptyNodes,
} from "#lib/chat/portability/import/imported-conversation.ts";

const noParent = "00000000-0000-0000-0000-000000000000";
/** Deeper trees are not read, so that no file overflows the stack or holds the process. */
const maxMessages = 20_000;

const messageSchema = z.object({
  messageId: z.string().min(1),
  parentMessageId: z.string().nullish(),
  isCreatedByUser: z.boolean(),
  text: z.string().nullish(),
  content: z.array(z.unknown()).nullish(),
  model: z.string().nullish(),
  createdAt: z.string().nullish(),
  children: z.array(z.unknown()).nullish(),
});
type Message = z.infer<typeof messageSchema>;

const schema = z.object({
  conversationId: z.string().min(1),
  title: z.string().nullish(),
  options: z.object({ model: z.string().nullish() }).nullish(),
  messages: z.array(z.unknown()).optional(),
  messagesTree: z.array(z.unknown()).optional(),
});

/** Reads a conversation that LibreChat exported as JSON, flat or as a tree; null if it is another format. */
export function parseLibreChat(value: unknown): ImportedConversation | null {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return null;
  const { conversationId, title, options } = parsed.data;
  const roots = parsed.data.messagesTree ?? parsed.data.messages;
  if (roots === undefined) return null;
  const nodes = flatten(roots).map(({ message, parentId }) => ({
    id: message.messageId,
    parentId,
    message: toMessage(message),
  }));
  const messages = withoutEmptyNodes(nodes);
  return {
    source: "librechat",
    externalId: conversationId,
    title: title ?? "",
    model: options?.model ?? null,
    createdAt: messages[0]?.createdAt ?? null,
    updatedAt: messages.at(-1)?.createdAt ?? null,
    leafId: null,
    messages,
  };
}

/** Lists the messages of a tree, parents before their children; in a flat list each names its parent. */
function flatten(roots: unknown[]): { message: Message; parentId: string | null }[] {
  const found: { message: Message; parentId: string | null }[] = [];
  const waiting = roots.map((value) => ({ value, parentId: null as string | null })).reverse();
  while (waiting.length > 0 && found.length < maxMessages) {
    const next = waiting.pop();
    const message = messageSchema.safeParse(next?.value).data;
    if (next === undefined || message === undefined) continue;
    const named = message.parentMessageId ?? null;
    found.push({ message, parentId: next.parentId ?? (named === noParent ? null : named) });
    for (const child of (message.children ?? []).toReversed())
      waiting.push({ value: child, parentId: message.messageId });
  }
  return found;
}

const partSchema = z.object({
  type: z.string(),
  text: z.unknown().optional(),
  think: z.unknown().optional(),
});

function toMessage({ messageId, isCreatedByUser, text, content, model, createdAt }: Message) {
  const parts = (content ?? []).flatMap((part) => partSchema.safeParse(part).data ?? []);
  const join = (type: string, pick: (part: z.infer<typeof partSchema>) => unknown) =>
    parts
      .filter((part) => part.type === type)
      .map((part) => textOf(pick(part)))
      .join("");
  const shown = text == null || text === "" ? join("text", (part) => part.text) : text;
  if (shown.trim() === "") return null;
  return {
    externalId: messageId,
    role: isCreatedByUser ? ("user" as const) : ("assistant" as const),
    text: shown,
    reasoning: join("think", (part) => part.think),
    model: isCreatedByUser ? null : (model ?? null),
    createdAt: fromIso(createdAt),
  };
}

/** Parts hold a text, or an object with one. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return z.object({ value: z.string() }).safeParse(value).data?.value ?? "";
}
