import type { pricing as source } from "#app/_messages/en/pricing.ts";
import type { Translation } from "#lib/core/translator.ts";

export const pricing: Translation<typeof source> = {};
