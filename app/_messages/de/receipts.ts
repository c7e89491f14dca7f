import type { receipts as source } from "#app/_messages/en/receipts.ts";
import type { Translation } from "#lib/core/translator.ts";

export const receipts: Translation<typeof source> = {
  open: "Nutzung und Kosten",
  title: "Nutzung und Kosten",
  text: "Was dieser Chat bisher verbraucht hat, einschließlich früherer Fassungen von Antworten und anderer Zweige.",
  scopes: "Welche Antworten zählen",
  whole: "Ganzer Chat",
  branch: "Aktueller Zweig",
  cost: "Kosten",
  answers: "Antworten",
  answerUnit: "{count, plural, one {Antwort} other {Antworten}}",
  input: "Eingabe-Token",
  cached: "davon aus dem Cache",
  output: "Ausgabe-Token",
  reasoning: "davon Nachdenken",
  models: "Nach Modell",
  model: "Modell",
  sideCalls: "Kostenlos enthalten",
  titleCall: "Chat-Titel von {model}",
  sideTokens: "{input, number} ein · {output, number} aus",
  none: "Noch keine berechneten Antworten.",
  free: "{count, plural, one {# Antwort wurde nicht berechnet.} other {# Antworten wurden nicht berechnet.}}",
  copied:
    "{count, plural, one {# Antwort stammt aus einem anderen Chat oder einem Import und wird hier nicht berechnet.} other {# Antworten stammen aus einem anderen Chat oder einem Import und werden hier nicht berechnet.}}",
  running: "Eine Antwort wird noch geschrieben. Sie zählt, sobald sie fertig ist.",
  estimated:
    "{count, plural, one {Bei # Antwort meldete das Modell keinen Verbrauch, daher haben wir die Token gezählt.} other {Bei # Antworten meldete das Modell keinen Verbrauch, daher haben wir die Token gezählt.}}",
  loading: "Wird geladen",
  unreachable: "Wir erreichen den Server nicht. Prüfen Sie Ihre Verbindung.",
  csv: "CSV herunterladen",
  fileName: "nutzung",
};
