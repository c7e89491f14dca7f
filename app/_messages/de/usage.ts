import type { usage as source } from "#app/_messages/en/usage.ts";
import type { Translation } from "#app/_messages/translation.ts";

export const usage: Translation<typeof source> = {};
