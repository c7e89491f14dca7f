import type { pricing as source } from "#app/_messages/en/pricing.ts";
import type { Translation } from "#app/_messages/translation.ts";

export const pricing: Translation<typeof source> = {};
