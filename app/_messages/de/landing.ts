import type { landing as source } from "#app/_messages/en/landing.ts";
import type { Translation } from "#app/_messages/translation.ts";

export const landing: Translation<typeof source> = {};
