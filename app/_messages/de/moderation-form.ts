import type { moderationForm as source } from "#app/_messages/en/moderation-form.ts";
import type { Translation } from "#lib/core/translator.ts";

export const moderationForm: Translation<typeof source> = {
  modes: { off: "Aus", flag: "Melden", block: "Blockieren" },
  modesNote:
    "„Melden“ beantwortet die Nachricht und hält sie unten fest. „Blockieren“ lehnt sie außerdem ab: Es wird nichts angezeigt und nichts berechnet; was das Modell bis dahin verbraucht hat, zahlen Sie.",
  onFailure: "Wenn eine Nachricht nicht geprüft werden kann",
  failures: { allow: "Beantworten", block: "Ablehnen" },
  failuresNote: "Gilt für Tarife, die blockieren. Nach 5 Sekunden gilt eine Prüfung als fehlgeschlagen.",
  imageHosts: "Hosts, von denen Antworten Bilder laden dürfen",
  imageHostsNote:
    "Ein genauer Hostname pro Zeile, ohne https://. Antworten zeigen nur Bilder von diesen Hosts; alle anderen erscheinen als Links. Wer einen Host betreibt, kann lesen, was ein Modell in die Adresse eines Bildes schreibt. Tragen Sie deshalb nur Hosts ein, denen Sie vertrauen.",
  saveImageHosts: "Hosts speichern",
  save: "Speichern",
};
