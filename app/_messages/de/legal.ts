import type { legal as source } from "#app/_messages/en/legal.ts";
import type { Translation } from "#app/_messages/translation.ts";

export const legal: Translation<typeof source> = {};
