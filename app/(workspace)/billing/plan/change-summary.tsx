import { Card } from "#app/_ui/card.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { changePlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import type { ChangePreview } from "#lib/billing/actions/preview-plan-change.ts";
import { offerName } from "#lib/billing/catalog/plans.ts";
import { plusTax } from "#lib/billing/catalog/plus-tax.ts";
import { formatMoney } from "#lib/core/money.ts";

/** The price and date of a plan change. The button charges the shown amount or nothing (M20). */
export function ChangeSummary({ preview }: { preview: ChangePreview }) {
  const { from, to, when, takesEffectAt, dueNowMicros, nextPayment, prorationDate } = preview;
  const acceptedPreview = {
    lookupKey: to.price.lookupKey,
    dueNowMicros: String(dueNowMicros),
    prorationDate: prorationDate.toISOString(),
  };
  return (
    <Card>
      <section aria-labelledby="change" className="flex flex-col gap-5">
        <h2 id="change" className="font-semibold text-lg">
          {from === to ? `Keep ${offerName(from)}` : `From ${offerName(from)} to ${offerName(to)}`}
        </h2>
        <dl className="grid gap-x-8 gap-y-4 text-sm sm:grid-cols-3">
          <SummaryItem label="Due now">
            <Money micros={dueNowMicros} />
          </SummaryItem>
          <SummaryItem label="Takes effect">
            {when === "now" ? "At once" : <DateTime at={takesEffectAt} />}
          </SummaryItem>
          <SummaryItem label="Next payment">
            <Money micros={nextPayment.micros} />
            {plusTax()} on <DateTime at={nextPayment.at} />
          </SummaryItem>
        </dl>
        <p className="text-pretty text-muted-foreground text-sm">{explanation(preview)}</p>
        <div>
          <ActionButton action={changePlanAction} fields={acceptedPreview} className="sm:w-fit">
            {submitLabel(preview)}
          </ActionButton>
        </div>
      </section>
    </Card>
  );
}

function SummaryItem({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="flex flex-col gap-1">
      <dt className="text-muted-foreground">{label}</dt>
      <dd className="font-medium tabular-nums">{children}</dd>
    </div>
  );
}

function explanation({ from, to, when, trial }: ChangePreview): string {
  if (from === to) return "What was going to follow is taken back. Nothing is charged.";
  if (trial === "ends")
    return `Your trial ends today, and ${to.plan.name} is paid from today on. Its first month's credit is added as soon as it is paid, in full.`;
  if (trial === "continues")
    return "Your trial goes on as it is. Nothing is charged before it ends, and you can cancel until then.";
  if (when === "period_end")
    return `You keep ${from.plan.name} until then, and can change your mind. Nothing you have is taken back.`;
  return from.interval === to.interval
    ? "This is the difference for the time that is left. The credit for that time is added as soon as it is paid."
    : "A new year begins today. What is left of your present month is taken off.";
}

function submitLabel({ from, to, dueNowMicros, when }: ChangePreview): string {
  if (from === to) return `Keep ${offerName(from)}`;
  if (when === "period_end") return `Change to ${offerName(to)}`;
  return dueNowMicros > 0 ? `Pay ${formatMoney(dueNowMicros)} and change` : `Change to ${offerName(to)}`;
}
