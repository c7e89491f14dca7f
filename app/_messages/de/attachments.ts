import type { attachments as source } from "#app/_messages/en/attachments.ts";
import type { Translation } from "#lib/core/translator.ts";

export const attachments: Translation<typeof source> = {
  add: "Dateien hinzufügen",
  list: "Dateien",
  uploading: "Wird hochgeladen …",
  remove: "{name} entfernen",
  open: "{name} öffnen",
  download: "Herunterladen",
  drop: "Dateien hier ablegen, um sie Ihrer Nachricht hinzuzufügen",
  pages: "{count, plural, one {# Seite} other {# Seiten}} · {size}",
  noVision: "{model} kann keine Bilder sehen.",
  useModel: "{model} verwenden",
};
