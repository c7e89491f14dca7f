import type { Tx } from "#db/client.ts";
import type { DocumentMessage } from "#lib/chat/portability/conversation-format.ts";
import { type ConversationHead, readBranchPages } from "#lib/chat/portability/read-conversation-pages.ts";
import { scopeFootnotes } from "#lib/chat/portability/scope-footnotes.ts";
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
  let count = 0;
  for await (const page of readBranchPages(tx, workspaceId, id, activeLeafId)) {
    const first = count + 1;
    count += page.length;
    yield page.map((message, index) => messageMarkdown(message, first + index, locale)).join("");
  }
}

/** @param position in the branch, from 1 */
function messageMarkdown(message: DocumentMessage, position: number, locale: Locale): string {
  const { role, model, parts, attachments = [] } = message;
  const files = attachments.map(({ name: file }) => `- ${toLine(file)}\n`).join("");
  const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
  const name = role === "user" ? labels[locale].user : (modelName(model) ?? labels[locale].assistant);
  const body = [files, scopeFootnotes(text.trim(), String(position))].filter((part) => part !== "");
  return `\n## ${toLine(name)}\n\n${body.join("\n")}\n`;
}

function modelName(model: string | null): string | null {
  return model === null ? null : (findModel(model)?.label ?? model);
}

function toLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
