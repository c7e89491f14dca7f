import type { imports as source } from "#app/_messages/en/imports.ts";
import type { Translation } from "#lib/core/translator.ts";

export const imports: Translation<typeof source> = {
  title: "Chats importieren",
  lead: "Aus Parley, ChatGPT, Claude, LibreChat und Open WebUI: die JSON- oder ZIP-Datei, die Sie dort exportiert haben.",
  choose: "Datei auswählen",
  uploading: "{name} wird hochgeladen",
  running: "{name} wird importiert",
  leave: "Sie können diese Seite verlassen.",
  counts:
    "{added, plural, =0 {Keine neuen Chats} one {# Chat hinzugefügt} other {# Chats hinzugefügt}}{updated, plural, =0 {} other {, # aktualisiert}}{unchanged, plural, =0 {} other {, # schon vorhanden}}{skipped, plural, =0 {} other {, # ausgelassen}}.",
  done: "Der Import von {name} ist abgeschlossen.",
  problems: {
    malformed: "Diese Datei ist beschädigt oder kein gültiges JSON.",
    too_large: "Diese Datei ist zu groß. Erlaubt sind bis zu 200 MB.",
    unsupported: "In dieser Datei haben wir keine Chats eines unterstützten Produkts gefunden.",
    encrypted: "Diese ZIP-Datei ist mit einem Passwort geschützt.",
    internal: "Bei uns ist ein Fehler aufgetreten. Versuchen Sie es erneut.",
  },
  kept: "Chats, die vor dem Fehler importiert wurden, bleiben erhalten.",
};
