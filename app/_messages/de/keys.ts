import type { keys as source } from "#app/_messages/en/keys.ts";
import type { Translation } from "#lib/core/translator.ts";

export const keys: Translation<typeof source> = {
  title: "API-Schlüssel",
  lead: "Nutzen Sie alle Modelle in Ihren eigenen Programmen, mit demselben Guthaben.",
  table: {
    label: "API-Schlüssel",
    name: "Name",
    key: "Schlüssel",
    scopes: "Berechtigungen",
    budget: "Monatsbudget",
    noBudget: "Unbegrenzt",
    cache: "Antwort-Cache",
    lastUsed: "Zuletzt verwendet",
    neverUsed: "Noch nie",
    expires: "Läuft ab",
    neverExpires: "Nie",
    actions: "Aktionen",
  },
  empty: {
    title: "Noch keine API-Schlüssel",
    description: "Mit einem Schlüssel nutzen Sie Ihr Guthaben in jedem OpenAI-kompatiblen Programm.",
  },
  scopes: {
    chat: { label: "Chat", description: "Nachrichten an Modelle senden und Modelle auflisten" },
    embeddings: { label: "Embeddings", description: "Text in Vektoren umwandeln" },
    usage: { label: "Nutzung", description: "Nutzung und Kosten abrufen" },
  },
  create: {
    action: "Schlüssel erstellen",
    title: "API-Schlüssel erstellen",
    description:
      "Der Schlüssel verbraucht das Guthaben dieses Workspace. Erteilen Sie nur die nötigen Berechtigungen.",
    name: "Name",
    nameHint: "Zum Beispiel „Laptop“ oder „Nächtlicher Bericht“.",
    scopes: "Berechtigungen",
    budget: "Monatsbudget (USD)",
    budgetPlaceholder: "Unbegrenzt",
    budgetHint:
      "Sobald der Schlüssel in einem Kalendermonat so viel ausgegeben hat, werden Anfragen abgelehnt.",
    expires: "Läuft ab",
    expiry: { never: "Nie", in30: "In 30 Tagen", in90: "In 90 Tagen", in365: "In einem Jahr" },
    submit: "Schlüssel erstellen",
  },
  cache: {
    label: "Antwort-Cache verwenden",
    description:
      "Gleiche Chat-Anfragen erhalten kostenlos die gespeicherte Antwort. Eine Anfrage kann das mit x-parley-cache abschalten.",
    labelFor: "Antwort-Cache für {name}",
    on: "An",
    off: "Aus",
    turnedOn: "{name} verwendet jetzt den Antwort-Cache.",
    turnedOff: "{name} verwendet den Antwort-Cache nicht mehr.",
  },
  secret: {
    title: "Sichern Sie Ihren API-Schlüssel",
    description: "Kopieren Sie ihn jetzt. Aus Sicherheitsgründen können wir ihn nicht noch einmal anzeigen.",
    copy: "Schlüssel kopieren",
    done: "Fertig",
  },
  revoke: {
    action: "Widerrufen",
    actionFor: "{name} widerrufen",
    title: "{name} widerrufen?",
    description:
      "Programme mit diesem Schlüssel funktionieren sofort nicht mehr. Das lässt sich nicht rückgängig machen.",
    confirm: "Geben Sie zur Bestätigung „{name}“ ein",
    cancel: "Abbrechen",
    submit: "Schlüssel widerrufen",
    done: "{name} wurde widerrufen.",
  },
  example: {
    title: "Schnellstart",
    description:
      "Die API ist mit der von OpenAI kompatibel: Geben Sie in Ihrem OpenAI-Client <url></url> als Adresse an. <docs>Zur Dokumentation</docs>",
    copy: "Kopieren",
    copied: "Kopiert",
  },
};
