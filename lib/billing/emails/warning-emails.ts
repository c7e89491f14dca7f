import { appLink, type EmailTemplate } from "#lib/accounts/email/email-template.ts";
import type { OverageStatus } from "#lib/billing/credit/overage-status.ts";
import { type EmailTexts, emailTexts } from "#lib/billing/emails/email-texts.ts";

export type WarningPercent = 50 | 80 | 100;
/** Usage against a limit, and when the limit's period ends. */
export type Warning = { percent: WarningPercent; usedMicros: number; limitMicros: number; endsAt: Date };

/** M17: a share of the allowance is used. At 80 % this is the "credit low" email. */
export const allowanceWarningEmail: EmailTemplate<Warning & { overage: OverageStatus }> = (
  { overage, ...warning },
  locale,
) => {
  const texts = emailTexts(locale);
  const { t } = texts;
  const { used, limit, date } = formatWarning(texts, warning);
  const title = t("allowanceWarning.title", { percent: String(warning.percent) });
  return {
    subject: title,
    preview: t("allowanceWarning.preview", { used, limit, date }),
    heading: title,
    paragraphs: [t("allowanceWarning.body", { used, limit, date }), nextStepsText(texts, overage)],
    facts: [
      { label: t("labels.used"), value: used },
      { label: t("labels.periodCredit"), value: limit },
      { label: t("labels.newCredit"), value: date },
    ],
    action:
      overage.access === "free"
        ? { label: t("allowanceWarning.comparePlans"), url: appLink("/pricing") }
        : { label: t("allowanceWarning.viewCredit"), url: appLink("/billing") },
    notes: [t("allowanceWarning.note")],
  };
};

function nextStepsText({ t, money }: EmailTexts, { access, enabled, capMicros }: OverageStatus): string {
  if (enabled) return t("allowanceWarning.withOverage", { cap: money(capMicros) });
  if (access === "open") return t("allowanceWarning.canEnable");
  return access === "free" ? t("allowanceWarning.free") : t("allowanceWarning.canTopUp");
}

/** M17: a share of the overage cap is used. At 100 % this is the "cap reached" email. */
export const capWarningEmail: EmailTemplate<Warning> = (warning, locale) => {
  const texts = emailTexts(locale);
  const { t } = texts;
  const { used, limit, date } = formatWarning(texts, warning);
  const title = t("capWarning.title", { percent: String(warning.percent) });
  return {
    subject: title,
    preview: t("capWarning.preview", { used, limit, date }),
    heading: title,
    paragraphs: [
      t("capWarning.body", { used, limit }),
      warning.percent === 100 ? t("capWarning.reached") : t("capWarning.approaching"),
    ],
    facts: [
      { label: t("labels.extraUsed"), value: used },
      { label: t("labels.limit"), value: limit },
      { label: t("labels.billedOn"), value: date },
    ],
    action: { label: t("capWarning.action"), url: appLink("/billing") },
  };
};

function formatWarning({ money, date }: EmailTexts, { usedMicros, limitMicros, endsAt }: Warning) {
  return { used: money(usedMicros), limit: money(limitMicros), date: date(endsAt) };
}
