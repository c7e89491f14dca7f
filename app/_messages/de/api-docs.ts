import type { apiDocs as source } from "#app/_messages/en/api-docs.ts";
import type { Translation } from "#lib/core/translator.ts";

export const apiDocs: Translation<typeof source> = {
  title: "API",
  lead: "Nutzen Sie alle Modelle in eigenen Programmen, mit demselben Guthaben wie im Chat. Die API ist mit der von OpenAI kompatibel. Deren SDKs und die meisten Werkzeuge funktionieren daher ohne Änderung.",
  contents: "Auf dieser Seite",
  quickStart: {
    title: "Schnellstart",
    body: "<keys>Erstellen Sie einen API-Schlüssel</keys>, speichern Sie ihn als <code>PARLEY_API_KEY</code> und stellen Sie in Ihrem Client die Basis-URL <url></url> ein.",
    curl: "curl",
    python: "Python",
    node: "Node.js",
    install: "Installieren Sie zuerst das SDK von OpenAI: <code></code>",
    example: "Beispiel in {language}",
  },
  authentication: {
    title: "Authentifizierung",
    header: "Senden Sie den Schlüssel mit jeder Anfrage im Header <code>Authorization: Bearer</code>.",
    scopes:
      "Ein Schlüssel darf chatten, Embeddings erstellen oder die Nutzung lesen, je nachdem, was Sie beim Erstellen auswählen. Sie können ihm ein Monatsbudget und ein Ablaufdatum geben.",
    safety:
      "Verwenden Sie Schlüssel nur auf Servern, nie in Browsern oder Apps. Ein widerrufener Schlüssel funktioniert sofort nicht mehr, und seine laufenden Antworten enden.",
  },
  models: {
    title: "Modelle und Preise",
    body: "Preise in US-Dollar pro 1 Mio. Tokens. Sie werden von Ihrem Guthaben abgezogen. Anfragen, die ohne Antwort fehlschlagen, kosten nichts.",
    model: "Modell",
    plan: "Tarif",
    context: "Kontext",
    input: "Eingabe",
    output: "Ausgabe",
    tokens: "{count} Tokens",
  },
  limits: {
    title: "Limits",
    body: "Für jeden Workspace gilt eine Höchstzahl von Anfragen pro Minute. Die Header <code>x-ratelimit-remaining-requests</code> und <code>x-ratelimit-reset-requests</code> jeder Antwort zeigen, was noch übrig ist.",
    plan: "Tarif",
    requests: "Anfragen pro Minute",
    size: "Eine Anfrage darf bis zu {size} MB groß sein. Prompt und Antwort müssen in den Kontext des Modells passen.",
  },
  cache: {
    title: "Antwort-Cache",
    body: "Gleiche Chat-Anfragen können kostenlos aus einem Cache beantwortet werden. Senden Sie dazu <code>x-parley-cache: allow</code>. Mit <code>refresh</code> statt <code>allow</code> wird die gespeicherte Antwort ersetzt. Ohne den Header gilt die Einstellung Ihres API-Schlüssels; sie ist zunächst ausgeschaltet.",
    ttl: "<code>x-parley-cache-ttl</code> legt fest, wie lange eine Antwort gültig ist, in Sekunden: {min} bis {max}, standardmäßig {initial}. Der Header <code>x-parley-cache</code> der Antwort ist <code>hit</code>, <code>miss</code> oder <code>bypass</code>.",
    privacy:
      "Gespeicherte Antworten sind verschlüsselt und stehen nur Ihrem Workspace zur Verfügung. Eine Antwort aus dem Cache zählt für das Anfragelimit.",
  },
  errors: {
    title: "Fehler",
    body: "Fehler haben Format und Status von OpenAI, sodass deren SDKs die passende Ausnahme auslösen. Der Header <code>x-request-id</code> kennzeichnet eine Anfrage, wenn Sie sich an uns wenden.",
    status: "Status",
    code: "Code",
    meaning: "Bedeutung",
    retry:
      "Wiederholen Sie 429 und 503 nach der in <code>retry-after</code> angegebenen Anzahl Sekunden. Der Header <code>x-should-retry: false</code> bedeutet, dass ein weiterer Versuch nichts ändert.",
    moderation:
      "<code>content_policy_violation</code> bedeutet, dass die Moderation die Eingabe abgelehnt hat. Die Anfrage wird nicht berechnet, und ein weiterer Versuch ändert nichts.",
    stream:
      "Ein Fehler in einem laufenden Stream kommt als Ereignis mit <code>error</code>. Der bis dahin empfangene Text wird berechnet.",
  },
  reference: {
    title: "Referenz",
    body: "Alle Endpunkte mit Parametern, Antworten, Ereignissen, Headern und Fehlern, auf Englisch. Aus dem <document>OpenAPI-Dokument</document> können Sie einen typisierten Client erzeugen.",
    loading: "Referenz wird geladen …",
    failed: "Die Referenz konnte nicht geladen werden.",
    retry: "Erneut versuchen",
    noScript: "Aktivieren Sie JavaScript, um die Referenz zu sehen, oder lesen Sie das OpenAPI-Dokument.",
  },
};
