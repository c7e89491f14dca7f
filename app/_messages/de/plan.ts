import type { plan as source } from "#app/_messages/en/plan.ts";
import type { Translation } from "#app/_messages/translation.ts";

export const plan: Translation<typeof source> = {};
