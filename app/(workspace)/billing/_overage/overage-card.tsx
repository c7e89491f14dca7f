import { Card } from "#app/_ui/card.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { disableOverageAction } from "#app/(workspace)/billing/_overage/overage-actions.ts";
import { OverageForm } from "#app/(workspace)/billing/_overage/overage-form.tsx";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { capLimits } from "#lib/billing/catalog/overage-prices.ts";
import type { OverageStatus } from "#lib/billing/credit/overage-status.ts";
import { microsPerUsd } from "#lib/core/money.ts";

/** Overage (M16): whether it is enabled, its limit, the used amount and the billing date. */
export function OverageCard({ overage, canManage }: { overage: OverageStatus; canManage: boolean }) {
  const { access, enabled, capMicros, period } = overage;
  const usedMicros = period?.usedMicros ?? 0;
  const form = {
    capDollars: dollarsOf(capMicros),
    minDollars: dollarsOf(capLimits.minMicros),
    maxDollars: dollarsOf(capLimits.maxMicros),
  };
  return (
    <Card>
      <section id="overage" aria-labelledby="overage-title" className="flex scroll-mt-6 flex-col gap-4">
        <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
          <h2 id="overage-title" className="font-semibold">
            Use beyond credit
          </h2>
          {enabled && (
            <p className="text-muted-foreground text-sm">
              <Money micros={usedMicros} className="text-foreground" /> of <Money micros={capMicros} /> used
            </p>
          )}
        </div>
        {enabled && <UsageMeter share={usedMicros / capMicros} />}
        <p className="text-pretty text-muted-foreground text-sm">
          {access === "open" ? <Terms {...overage} /> : closedText[access]}
        </p>
        {access !== "open" && usedMicros > 0 && period !== null && (
          <p className="text-sm">
            <Money micros={usedMicros} /> was used beyond credit and is billed on{" "}
            <DateTime at={period.endsAt} />.
          </p>
        )}
        {canManage && access === "open" && (
          <div className="flex flex-wrap items-end gap-x-4 gap-y-3 border-t pt-5">
            <OverageForm key={`${enabled}:${capMicros}`} {...form} enabled={enabled} />
            {enabled && (
              <ActionButton action={disableOverageAction} variant="ghost">
                Turn off
              </ActionButton>
            )}
          </div>
        )}
      </section>
    </Card>
  );
}

const closedText: Record<Exclude<OverageStatus["access"], "open">, string> = {
  free: "When credit is used up, answers stop. With a paid plan you can let them go on, up to a limit that you set.",
  renewing: "It is on, and goes on with your payment for the new period, usually within the hour.",
  trial:
    "When credit is used up, answers stop. Once your trial has become a paid plan you can let them go on, up to a limit that you set.",
  grace: "When credit is used up, answers stop, until the open payment is made.",
};

function Terms({ enabled, period }: OverageStatus) {
  if (!enabled)
    return (
      <>
        When credit is used up, answers stop. You can let them go on instead, at the same prices, up to a
        limit that you set. What is used is billed at the end of the period
        {period !== null && period.usedMicros > 0 ? (
          <>
            , and so is what was used already: <Money micros={period.usedMicros} /> on{" "}
            <DateTime at={period.endsAt} />.
          </>
        ) : (
          "."
        )}
      </>
    );
  return (
    <>
      When credit is used up, answers go on up to your limit, at the same prices.{" "}
      {period !== null && (
        <>
          What was used is billed on <DateTime at={period.endsAt} />, also if you turn this off.
        </>
      )}{" "}
      We write to you at half, at four fifths and at all of it.
    </>
  );
}

function dollarsOf(micros: number): number {
  return Math.round(micros / microsPerUsd);
}

function UsageMeter({ share }: { share: number }) {
  const part = Math.min(1, Math.max(0, share));
  return (
    <>
      <meter className="sr-only" min={0} max={1} value={part} aria-label="Share of your limit that is used" />
      <div aria-hidden className="h-2 overflow-hidden rounded-full bg-muted">
        <div
          className={part >= 0.8 ? "h-full rounded-full bg-warning" : "h-full rounded-full bg-accent"}
          style={{ width: `${part * 100}%` }}
        />
      </div>
    </>
  );
}
