import type { shell as source } from "#app/_messages/en/shell.ts";
import type { Translation } from "#lib/core/translator.ts";

export const shell: Translation<typeof source> = {};
