import type { pageFailure as source } from "#app/_messages/en/page-failure.ts";
import type { Translation } from "#lib/core/translator.ts";

export const pageFailure: Translation<typeof source> = {
  title: "Diese Seite lässt sich gerade nicht anzeigen",
  body: "Der Fehler liegt bei uns. Es ging nichts verloren, und es wurde nichts berechnet. Laden Sie die Seite gleich noch einmal.",
  reference: "Wenn das öfter passiert, nennen Sie uns diesen Code:",
  home: "Startseite",
};
