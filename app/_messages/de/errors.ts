import type { errors as source } from "#app/_messages/en/errors.ts";
import type { Translation } from "#app/_messages/translation.ts";

export const errors: Translation<typeof source> = {};
