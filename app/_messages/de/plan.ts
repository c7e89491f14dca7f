import type { plan as source } from "#app/_messages/en/plan.ts";
import type { Translation } from "#lib/core/translator.ts";

export const plan: Translation<typeof source> = {};
