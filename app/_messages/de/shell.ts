import type { shell as source } from "#app/_messages/en/shell.ts";
import type { Translation } from "#lib/core/translator.ts";

export const shell: Translation<typeof source> = {
  skip: "Zum Inhalt springen",
  sidebar: "Chats und Konto",
  menu: "Menü",
  openMenu: "Menü öffnen",
  newChat: "Neuer Chat",
  loadingChat: "Chat wird geladen",
  loadingPage: "Seite wird geladen",
  left: "übrig",
  account: "Konto",
  trialPlan: "{plan}-Testphase",
  chats: {
    search: "Chats durchsuchen",
    placeholder: "Suchen",
    list: "Chats",
    empty: "Hier erscheinen Ihre Chats.",
    nothingFound: "Keine Treffer für „{query}“",
    showOlder: "Ältere anzeigen",
    answering: "Antwort läuft",
    actionsFor: "Aktionen für {title}",
    rename: "Umbenennen",
    delete: "Löschen",
    titleField: "Titel des Chats",
    deleted: "Chat gelöscht. Nach 30 Tagen wird er endgültig entfernt.",
    undo: "Rückgängig",
  },
  days: {
    today: "Heute",
    yesterday: "Gestern",
    week: "Letzte 7 Tage",
    month: "Letzte 30 Tage",
    older: "Älter",
  },
  userMenu: {
    settings: "Einstellungen",
    operator: "Betreiberkonsole",
    signOut: "Abmelden",
  },
  deletion: {
    label: "Löschung des Kontos",
    text: "Ihr Konto wird am <date></date> gelöscht.",
    detail: "Bis dahin geht nichts verloren.",
    cancel: "Löschung abbrechen",
  },
  payment: {
    label: "Zahlung fehlgeschlagen",
    failed: "{amount} konnten nicht abgebucht werden.",
    onFree: "Ihr Workspace nutzt den Tarif Free, bis dieser Betrag bezahlt ist. Es wurde nichts gelöscht.",
    keepsPlan:
      "Sie behalten Ihren Tarif bis <date></date>. Danach wechselt Ihr Workspace in den Tarif Free. Es wird nichts gelöscht.",
    retry: "Wir versuchen es am <date></date> erneut mit Ihrer Karte.",
    viewInvoice: "Rechnung ansehen",
    openInvoice: "die offene Rechnung",
  },
};
