import type { ImportedConversation } from "#lib/chat/portability/import/imported-conversation.ts";
import { parseChatGpt } from "#lib/chat/portability/import/parse-chatgpt.ts";
import { parseClaude } from "#lib/chat/portability/import/parse-claude.ts";
import { parseLibreChat } from "#lib/chat/portability/import/parse-librechat.ts";
import { parseOpenWebUi } from "#lib/chat/portability/import/parse-open-webui.ts";
import { parseParley } from "#lib/chat/portability/import/parse-parley.ts";

const parsers = [parseParley, parseChatGpt, parseClaude, parseOpenWebUi, parseLibreChat];

/** Reads a conversation of any known product; null if no format matches. */
export function parseConversation(value: unknown): ImportedConversation | null {
  for (const parse of parsers) {
    const conversation = parse(value);
    if (conversation !== null) return conversation;
  }
  return null;
}
