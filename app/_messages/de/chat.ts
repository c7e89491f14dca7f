import type { chat as source } from "#app/_messages/en/chat.ts";
import type { Translation } from "#lib/core/translator.ts";

export const chat: Translation<typeof source> = {};
