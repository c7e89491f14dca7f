import type { landing as source } from "#app/_messages/en/landing.ts";
import type { Translation } from "#lib/core/translator.ts";

export const landing: Translation<typeof source> = {};
