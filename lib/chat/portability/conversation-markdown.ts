import type { Tx } from "#db/client.ts";
import type { DocumentMessage } from "#lib/chat/portability/conversation-format.ts";
import { type ConversationHead, readBranchPages } from "#lib/chat/portability/read-conversation-pages.ts";
import { formatsFor } from "#lib/core/formats.ts";
import type { Locale } from "#lib/core/locale.ts";
import { findModel } from "#lib/usage/price-list.ts";

const labels: Record<Locale, { user: string; assistant: string }> = {
  en: { user: "You", assistant: "Assistant" },
  de: { user: "Sie", assistant: "Assistent" },
};

/** Writes the branch of a conversation that is shown as Markdown, in pieces. Thinking is left out. */
export async function* conversationMarkdown(
  tx: Tx,
  workspaceId: string,
  conversation: ConversationHead,
  locale: Locale,
): AsyncGenerator<string, void> {
  const { id, title, createdAt, activeLeafId } = conversation;
  yield `# ${toLine(title)}\n\n${formatsFor(locale).date(createdAt, { dateStyle: "long" })}\n`;
  for await (const page of readBranchPages(tx, workspaceId, id, activeLeafId))
    yield page.map((message) => messageMarkdown(message, locale)).join("");
}

function messageMarkdown({ role, model, parts }: DocumentMessage, locale: Locale): string {
  const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
  const name = role === "user" ? labels[locale].user : (modelName(model) ?? labels[locale].assistant);
  return `\n## ${toLine(name)}\n\n${text.trim()}\n`;
}

function modelName(model: string | null): string | null {
  return model === null ? null : (findModel(model)?.label ?? model);
}

function toLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
