import type { operator as source } from "#app/_messages/en/operator.ts";
import type { Translation } from "#app/_messages/translation.ts";

export const operator: Translation<typeof source> = {};
