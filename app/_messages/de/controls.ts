import type { controls as source } from "#app/_messages/en/controls.ts";
import type { Translation } from "#lib/core/translator.ts";

export const controls: Translation<typeof source> = {
  language: { legend: "Sprache", system: "System" },
};
