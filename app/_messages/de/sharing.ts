import type { sharing as source } from "#app/_messages/en/sharing.ts";
import type { Translation } from "#lib/core/translator.ts";

export const sharing: Translation<typeof source> = {
  share: "Teilen",
  export: "Exportieren",
  shareTitle: "Diesen Chat teilen",
  shareText:
    "Wer den Link hat, kann den Chat in seinem jetzigen Stand lesen. Spätere Nachrichten sind nicht enthalten.",
  expires: "Link gültig",
  days: "{days, plural, one {# Tag} other {# Tage}}",
  never: "unbegrenzt",
  create: "Link erstellen",
  link: "Link",
  copy: "Link kopieren",
  copied: "Kopiert",
  links: "Links zu diesem Chat",
  allLinks: "Geteilte Links",
  allLinksLead: "Wer einen Link hat, kann den Chat in dem Stand lesen, in dem Sie ihn geteilt haben.",
  noLinks: "Sie haben keinen Chat geteilt.",
  until: "Bis <date></date>",
  untilRevoked: "Bis Sie das Teilen beenden",
  takenDown: "Vom Betreiber gesperrt",
  open: "Öffnen",
  openShared: "Geteilte Seite von {title} öffnen",
  revoke: "Nicht mehr teilen",
  revokeShared: "{title} nicht mehr teilen",
  revoked: "Der Link funktioniert nicht mehr.",
  exportTitle: "Diesen Chat exportieren",
  exportText:
    "Markdown und PDF enthalten den Zweig, den Sie sehen. JSON enthält alle Zweige und kann wieder importiert werden.",
  markdown: "Markdown",
  json: "JSON",
  pdf: "PDF",
  pdfHint: "Öffnet eine Druckansicht. Wählen Sie dort „Als PDF speichern“.",
};
