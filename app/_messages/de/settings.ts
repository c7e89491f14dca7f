import type { settings as source } from "#app/_messages/en/settings.ts";
import type { Translation } from "#app/_messages/translation.ts";

export const settings: Translation<typeof source> = {};
