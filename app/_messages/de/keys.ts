import type { keys as source } from "#app/_messages/en/keys.ts";
import type { Translation } from "#app/_messages/translation.ts";

export const keys: Translation<typeof source> = {};
