import { appLink, type Letter } from "#lib/accounts/letter.ts";
import { dayOf } from "#lib/billing/letter-day.ts";
import type { OverageView } from "#lib/billing/overage-overview.ts";
import { formatMoney } from "#lib/core/money.ts";

export type WarningPercent = 50 | 80 | 100;
/** What is used of what, and until when that is all there is. */
export type Warning = { percent: WarningPercent; usedMicros: number; limitMicros: number; endsAt: Date };

const parts: Record<WarningPercent, string> = {
  50: "Half of your credit is used",
  80: "Four fifths of your credit are used",
  100: "Your credit is used up",
};

/** M17: a part of the allowance is used, and what comes then. At four fifths it is the letter "credit low". */
export function allowanceLetter({
  percent,
  usedMicros,
  limitMicros,
  endsAt,
  overage,
}: Warning & { overage: OverageView }): Letter {
  return {
    subject: parts[percent],
    preview: `${formatMoney(usedMicros)} of ${formatMoney(limitMicros)}. New credit comes on ${dayOf(endsAt)}.`,
    heading: parts[percent],
    paragraphs: [
      `Your workspace has used ${formatMoney(usedMicros)} of the ${formatMoney(limitMicros)} that came with its plan. New credit comes on ${dayOf(endsAt)}.`,
      whatComesThen(overage),
    ],
    facts: [
      { label: "Used", value: formatMoney(usedMicros) },
      { label: "Credit of this period", value: formatMoney(limitMicros) },
      { label: "New credit on", value: dayOf(endsAt) },
    ],
    action:
      overage.access === "free"
        ? { label: "See the plans", url: appLink("/pricing") }
        : { label: "See your credit", url: appLink("/billing") },
    notes: ["Credit that you bought beside your plan is used after it, and is not counted here."],
  };
}

function whatComesThen({ access, enabled, capMicros }: OverageView): string {
  if (enabled)
    return `When all credit is used, your workspace goes on, up to ${formatMoney(capMicros)} in this period. That is what you chose, and it is billed at the period's end.`;
  if (access === "open")
    return "When all credit is used, answers stop until there is more. You can add credit, or let your workspace go on up to a limit of your own.";
  if (access === "free")
    return "When all credit is used, answers stop until there is more. You can add credit, or choose a plan with more of it.";
  return "When all credit is used, answers stop until there is more. You can add credit at any time.";
}

const capParts: Record<WarningPercent, string> = {
  50: "Half of your limit beyond credit is used",
  80: "Four fifths of your limit beyond credit are used",
  100: "Your limit beyond credit is reached",
};

/** M17: a part of the cap is used. When all of it is, it is the letter "cap reached". */
export function capLetter({ percent, usedMicros, limitMicros, endsAt }: Warning): Letter {
  return {
    subject: capParts[percent],
    preview: `${formatMoney(usedMicros)} of ${formatMoney(limitMicros)}, billed on ${dayOf(endsAt)}.`,
    heading: capParts[percent],
    paragraphs: [
      `Beyond its credit, your workspace has used ${formatMoney(usedMicros)} of the ${formatMoney(limitMicros)} that you allowed for this period.`,
      percent === 100
        ? "Answers stop until there is new credit, or until you raise the limit."
        : "When the limit is reached, answers stop until there is new credit. You can move the limit at any time, and it counts at once.",
    ],
    facts: [
      { label: "Used beyond credit", value: formatMoney(usedMicros) },
      { label: "Your limit", value: formatMoney(limitMicros) },
      { label: "Billed on", value: dayOf(endsAt) },
    ],
    action: { label: "See or move the limit", url: appLink("/billing") },
  };
}
