import type { operatorShares as source } from "#app/_messages/en/operator-shares.ts";
import type { Translation } from "#lib/core/translator.ts";

export const operatorShares: Translation<typeof source> = {
  title: "Geteilte Links",
  lead: "Öffentliche Links zu Chats. Eine Sperre wird protokolliert und lässt sich nicht rückgängig machen.",
  states: "Zustand",
  open: "Öffentlich",
  takenDown: "Gesperrt",
  link: "Link",
  linkPlaceholder: "https://…/share/…",
  empty: "Keine Links",
  emptyDescription: "Hier erscheinen Links, wenn Kunden einen Chat teilen.",
  sharedOn: "Geteilt am <date></date>",
  expires: "Läuft ab am <date></date>",
  takenDownOn: "Gesperrt am <date></date>",
  view: "Ansehen",
  takeDown: "Sperren",
  done: "Der Link ist nicht mehr öffentlich.",
};
