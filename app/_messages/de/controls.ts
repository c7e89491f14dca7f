import type { controls as source } from "#app/_messages/en/controls.ts";
import type { Translation } from "#lib/core/translator.ts";

export const controls: Translation<typeof source> = {
  offline: "Sie sind offline. Versuchen Sie es erneut, sobald Sie wieder verbunden sind.",
  language: { legend: "Sprache", system: "System" },
};
