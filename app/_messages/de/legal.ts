import type { legal as source } from "#app/_messages/en/legal.ts";
import type { Translation } from "#lib/core/translator.ts";

export const legal: Translation<typeof source> = {};
