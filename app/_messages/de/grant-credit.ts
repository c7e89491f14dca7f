import type { grantCredit as source } from "#app/_messages/en/grant-credit.ts";
import type { Translation } from "#lib/core/translator.ts";

export const grantCredit: Translation<typeof source> = {
  title: "Guthaben gewähren",
  amount: "Betrag (USD)",
  until: "Läuft ab",
  reason: "Grund",
  reasonHint: "Wird im Audit-Protokoll festgehalten.",
  submit: "Guthaben gewähren",
  confirmTitle: "{name} {amount} gewähren?",
  confirmDescription:
    "Das Guthaben ist sofort verfügbar. Was nicht genutzt wird, verfällt am Ende des {date} (UTC).",
  cancel: "Abbrechen",
  confirm: "Guthaben gewähren",
};
