import { useTranslations } from "next-intl";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { disableOverageAction } from "#app/(workspace)/billing/_overage/overage-actions.ts";
import { OverageForm } from "#app/(workspace)/billing/_overage/overage-form.tsx";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { capLimits } from "#lib/billing/catalog/overage-prices.ts";
import type { OverageStatus } from "#lib/billing/credit/overage-status.ts";
import { microsPerUsd } from "#lib/core/money.ts";

/** Overage (M16): whether it is enabled, its limit, the used amount and the billing date. */
export function OverageSection({ overage, canManage }: { overage: OverageStatus; canManage: boolean }) {
  const t = useTranslations("billing.overage");
  const { access, enabled, capMicros, period } = overage;
  const usedMicros = period?.usedMicros ?? 0;
  const form = {
    capDollars: dollarsOf(capMicros),
    minDollars: dollarsOf(capLimits.minMicros),
    maxDollars: dollarsOf(capLimits.maxMicros),
  };
  return (
    <section id="overage" aria-labelledby="overage-title" className="flex scroll-mt-6 flex-col gap-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <h2 id="overage-title" className="font-semibold">
          {t("title")}
        </h2>
        {enabled && (
          <p className="text-muted-foreground text-sm">
            {t.rich("used", {
              used: () => <Money micros={usedMicros} className="text-foreground" />,
              limit: () => <Money micros={capMicros} />,
            })}
          </p>
        )}
      </div>
      {enabled && <UsageMeter share={usedMicros / capMicros} />}
      <p className="text-pretty text-muted-foreground text-sm">
        <Terms {...overage} />
      </p>
      {access !== "open" && usedMicros > 0 && period !== null && (
        <p className="text-sm">
          {t.rich("usedWhileClosed", {
            amount: () => <Money micros={usedMicros} />,
            date: () => <DateTime at={period.endsAt} />,
          })}
        </p>
      )}
      {canManage && access === "open" && (
        <div className="flex flex-wrap items-end gap-x-4 gap-y-3">
          <OverageForm key={`${enabled}:${capMicros}`} {...form} enabled={enabled} />
          {enabled && (
            <ActionButton action={disableOverageAction} variant="ghost">
              {t("disable")}
            </ActionButton>
          )}
        </div>
      )}
    </section>
  );
}

/** What happens when credit is used up, and what extra usage costs until now. */
function Terms({ access, enabled, period }: OverageStatus) {
  const t = useTranslations("billing.overage");
  if (access !== "open") return t(access);
  if (enabled)
    return (
      <>
        {t("on")} {period !== null && t.rich("billedOn", { date: () => <DateTime at={period.endsAt} /> })}
      </>
    );
  if (period === null || period.usedMicros === 0) return t("off");
  return t.rich("offWithUsage", {
    amount: () => <Money micros={period.usedMicros} />,
    date: () => <DateTime at={period.endsAt} />,
  });
}

function dollarsOf(micros: number): number {
  return Math.round(micros / microsPerUsd);
}

function UsageMeter({ share }: { share: number }) {
  const t = useTranslations("billing.overage");
  const part = Math.min(1, Math.max(0, share));
  return (
    <>
      <meter className="sr-only" min={0} max={1} value={part} aria-label={t("meter")} />
      <div aria-hidden className="h-2 overflow-hidden rounded-full bg-muted">
        <div
          className={part >= 0.8 ? "h-full rounded-full bg-warning" : "h-full rounded-full bg-accent"}
          style={{ width: `${part * 100}%` }}
        />
      </div>
    </>
  );
}
