import type { Tx } from "#db/client.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { conversationFileName } from "#lib/chat/portability/conversation-file-name.ts";
import { conversationJson } from "#lib/chat/portability/conversation-json.ts";
import { conversationMarkdown } from "#lib/chat/portability/conversation-markdown.ts";
import { findConversationHead } from "#lib/chat/portability/read-conversation-pages.ts";
import { notFound } from "#lib/core/errors.ts";
import type { Locale } from "#lib/core/locale.ts";

type ConversationExport = { fileName: string; contentType: string; text: AsyncIterable<string> };

/**
 * Opens a user's conversation as a file: the shown branch as Markdown, or the complete tree in Parley's
 * format.
 * @throws AppError `not_found`, also for another user's conversation
 */
export async function openConversationExport(
  tx: Tx,
  { workspaceId, userId }: Pick<Identity, "workspaceId" | "userId">,
  id: string,
  format: "markdown" | "json",
  locale: Locale,
): Promise<ConversationExport> {
  const head = await findConversationHead(tx, workspaceId, userId, id);
  if (head === null) throw notFound("conversation");
  const name = conversationFileName(head);
  if (format === "json") {
    const text = conversationJson(tx, workspaceId, head);
    return { fileName: `${name}.json`, contentType: "application/json", text };
  }
  const text = conversationMarkdown(tx, workspaceId, head, locale);
  return { fileName: `${name}.md`, contentType: "text/markdown; charset=utf-8", text };
}
