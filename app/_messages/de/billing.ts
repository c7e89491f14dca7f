import type { billing as source } from "#app/_messages/en/billing.ts";
import type { Translation } from "#lib/core/translator.ts";

export const billing: Translation<typeof source> = {};
