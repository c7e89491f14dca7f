import type { palette as source } from "#app/_messages/en/palette.ts";
import type { Translation } from "#lib/core/translator.ts";

export const palette: Translation<typeof source> = {
  open: "Befehle",
  title: "Befehle",
  description:
    "Tippen Sie, um einen Befehl oder einen Chat zu finden. Wählen Sie mit den Pfeiltasten und drücken Sie die Eingabetaste.",
  field: "Befehl oder Chat",
  placeholder: "Befehl eingeben oder Chats durchsuchen",
  results: "Befehle und Chats",
  nothing: "Nichts gefunden",
  count: "{count, plural, one {# Treffer} other {# Treffer}}",
  newChat: "Neuer Chat",
  newProject: "Neues Projekt",
  toggleSidebar: "Seitenleiste ein- oder ausblenden",
  shortcuts: "Tastenkürzel",
  groups: {
    chat: "Dieser Chat",
    actions: "Aktionen",
    pages: "Gehe zu",
    theme: "Design",
    language: "Sprache",
    chats: "Chats",
    recent: "Letzte Chats",
  },
  chat: {
    rename: "Chat umbenennen",
    pin: "Chat anheften",
    unpin: "Chat loslösen",
    move: "Chat in Projekt verschieben …",
    archive: "Chat archivieren",
    unarchive: "Chat aus dem Archiv holen",
    delete: "Chat löschen",
  },
  pages: {
    settings: "Einstellungen",
    security: "Sicherheit",
  },
  theme: {
    system: "Design des Systems",
    light: "Helles Design",
    dark: "Dunkles Design",
  },
  language: {
    en: "English (Englisch)",
    de: "Deutsch",
  },
  words: {
    project: "Ordner anlegen erstellen",
    shortcuts: "Hilfe Tasten Tastatur",
    language: "Sprache wechseln übersetzen",
  },
  sheet: {
    title: "Tastenkürzel",
    description: "Alle Tastenkürzel nach Bereich.",
    groups: {
      everywhere: "Überall",
      message: "Nachrichten",
      list: "Chatliste",
    },
    items: {
      palette: "Befehle",
      newChat: "Neuer Chat",
      sidebar: "Seitenleiste ein- oder ausblenden",
      sheet: "Tastenkürzel",
      send: "Nachricht senden",
      newLine: "Neue Zeile",
      stop: "Antwort stoppen",
      editLast: "Letzte Nachricht bearbeiten (im leeren Feld)",
      move: "In der Liste bewegen",
      menu: "Projekt öffnen oder zum Menü",
      back: "Projekt schließen oder zurück",
      delete: "Chat löschen",
    },
    keys: {
      ctrl: "Strg",
      shift: "Umschalt",
      enter: "Eingabe",
      del: "Entf",
    },
  },
};
