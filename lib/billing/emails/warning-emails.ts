import { appLink, type Email } from "#lib/accounts/email/email-template.ts";
import type { OverageStatus } from "#lib/billing/credit/overage-status.ts";
import { formatEmailDate } from "#lib/billing/emails/email-date.ts";
import { formatMoney } from "#lib/core/money.ts";

export type WarningPercent = 50 | 80 | 100;
/** Usage against a limit, and when the limit's period ends. */
export type Warning = { percent: WarningPercent; usedMicros: number; limitMicros: number; endsAt: Date };

const allowanceHeadings: Record<WarningPercent, string> = {
  50: "Half of your credit is used",
  80: "Four fifths of your credit are used",
  100: "Your credit is used up",
};

/** M17: a share of the allowance is used. At 80 % this is the "credit low" email. */
export function allowanceWarningEmail({
  percent,
  usedMicros,
  limitMicros,
  endsAt,
  overage,
}: Warning & { overage: OverageStatus }): Email {
  return {
    subject: allowanceHeadings[percent],
    preview: `${formatMoney(usedMicros)} of ${formatMoney(limitMicros)}. New credit comes on ${formatEmailDate(endsAt)}.`,
    heading: allowanceHeadings[percent],
    paragraphs: [
      `Your workspace has used ${formatMoney(usedMicros)} of the ${formatMoney(limitMicros)} that came with its plan. New credit comes on ${formatEmailDate(endsAt)}.`,
      nextStepsText(overage),
    ],
    facts: [
      { label: "Used", value: formatMoney(usedMicros) },
      { label: "Credit of this period", value: formatMoney(limitMicros) },
      { label: "New credit on", value: formatEmailDate(endsAt) },
    ],
    action:
      overage.access === "free"
        ? { label: "See the plans", url: appLink("/pricing") }
        : { label: "See your credit", url: appLink("/billing") },
    notes: ["Credit that you bought beside your plan is used after it, and is not counted here."],
  };
}

function nextStepsText({ access, enabled, capMicros }: OverageStatus): string {
  if (enabled)
    return `When all credit is used, your workspace goes on, up to ${formatMoney(capMicros)} in this period. That is what you chose, and it is billed at the period's end.`;
  if (access === "open")
    return "When all credit is used, answers stop until there is more. You can add credit, or let your workspace go on up to a limit of your own.";
  if (access === "free")
    return "When all credit is used, answers stop until there is more. You can add credit, or choose a plan with more of it.";
  return "When all credit is used, answers stop until there is more. You can add credit at any time.";
}

const capHeadings: Record<WarningPercent, string> = {
  50: "Half of your limit beyond credit is used",
  80: "Four fifths of your limit beyond credit are used",
  100: "Your limit beyond credit is reached",
};

/** M17: a share of the overage cap is used. At 100 % this is the "cap reached" email. */
export function capWarningEmail({ percent, usedMicros, limitMicros, endsAt }: Warning): Email {
  return {
    subject: capHeadings[percent],
    preview: `${formatMoney(usedMicros)} of ${formatMoney(limitMicros)}, billed on ${formatEmailDate(endsAt)}.`,
    heading: capHeadings[percent],
    paragraphs: [
      `Beyond its credit, your workspace has used ${formatMoney(usedMicros)} of the ${formatMoney(limitMicros)} that you allowed for this period.`,
      percent === 100
        ? "Answers stop until there is new credit, or until you raise the limit."
        : "When the limit is reached, answers stop until there is new credit. You can move the limit at any time, and it counts at once.",
    ],
    facts: [
      { label: "Used beyond credit", value: formatMoney(usedMicros) },
      { label: "Your limit", value: formatMoney(limitMicros) },
      { label: "Billed on", value: formatEmailDate(endsAt) },
    ],
    action: { label: "See or move the limit", url: appLink("/billing") },
  };
}
