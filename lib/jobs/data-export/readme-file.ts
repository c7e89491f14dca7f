import { env } from "#lib/core/env.ts";
import { formatsFor } from "#lib/core/formats.ts";
import type { Locale } from "#lib/core/locale.ts";
import { createTranslators } from "#lib/core/translator.ts";
import { type ExportFile, textFile } from "#lib/jobs/data-export/export-file.ts";

const english = {
  title: "Your {app} data",
  created:
    "Created on {date}. Times are in UTC (ISO 8601), amounts in US dollars unless a file names a currency.",
  profile: "profile.json: your account and workspace",
  security: "security/: sessions, sign-in methods, and security events",
  conversations:
    "conversations/: one JSON file per chat with every message and branch (Parley format, can be imported again), and one Markdown file with the branch you last saw. index.csv lists them. Chats you deleted in the last 30 days are included.",
  files: "files/: the files you added to chats. index.csv lists them.",
  usage: "usage/: every request to a model, and totals by day",
  billing: "billing/: plan, payment details, invoices, payments, credit, and the ledger",
  keys: "api-keys.csv: your API keys by prefix. We don’t store the secrets.",
  audit: "audit-log.json: everything our audit log says about you",
  emails: "emails.csv: the emails we sent you. We delete their text after sending.",
} as const;

const german: Record<keyof typeof english, string> = {
  title: "Ihre {app}-Daten",
  created:
    "Erstellt am {date}. Zeiten sind in UTC (ISO 8601), Beträge in US-Dollar, sofern eine Datei keine Währung nennt.",
  profile: "profile.json: Ihr Konto und Ihr Workspace",
  security: "security/: Sitzungen, Anmeldewege und Sicherheitsereignisse",
  conversations:
    "conversations/: je Chat eine JSON-Datei mit allen Nachrichten und Zweigen (Parley-Format, kann wieder importiert werden) und eine Markdown-Datei mit dem zuletzt gezeigten Zweig. index.csv führt sie auf. Chats, die Sie in den letzten 30 Tagen gelöscht haben, sind enthalten.",
  files: "files/: die Dateien, die Sie Chats hinzugefügt haben. index.csv führt sie auf.",
  usage: "usage/: jede Anfrage an ein Modell und die Summen je Tag",
  billing: "billing/: Tarif, Zahlungsangaben, Rechnungen, Zahlungen, Guthaben und alle Buchungen",
  keys: "api-keys.csv: Ihre API-Schlüssel mit ihrem Anfang. Die Schlüssel selbst speichern wir nicht.",
  audit: "audit-log.json: alles, was unser Protokoll über Sie enthält",
  emails: "emails.csv: die E-Mails, die wir Ihnen gesendet haben. Ihren Text löschen wir nach dem Versand.",
};

const texts = createTranslators<typeof english>({ en: english, de: german });

/** Describes the files of the archive in the user's language. */
export function readmeFile(locale: Locale, isAdmin: boolean, at: Date): ExportFile {
  const t = texts[locale];
  const app = env().APP_NAME;
  const date = formatsFor(locale).date(at, { dateStyle: "long" });
  const files = [
    t("profile"),
    t("security"),
    t("conversations"),
    t("files"),
    t("usage"),
    ...(isAdmin ? [t("billing"), t("keys")] : []),
    t("audit"),
    t("emails"),
  ];
  const list = files.map((line) => `- ${line}`).join("\n");
  return textFile("README.md", `# ${t("title", { app })}\n\n${t("created", { date })}\n\n${list}\n`);
}
