import type { shell as source } from "#app/_messages/en/shell.ts";
import type { Translation } from "#app/_messages/translation.ts";

export const shell: Translation<typeof source> = {};
