import type { chat as source } from "#app/_messages/en/chat.ts";
import type { Translation } from "#app/_messages/translation.ts";

export const chat: Translation<typeof source> = {};
