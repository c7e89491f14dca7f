import type { settings as source } from "#app/_messages/en/settings.ts";
import type { Translation } from "#lib/core/translator.ts";

export const settings: Translation<typeof source> = {};
