import type { billing as source } from "#app/_messages/en/billing.ts";
import type { Translation } from "#app/_messages/translation.ts";

export const billing: Translation<typeof source> = {};
