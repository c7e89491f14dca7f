import { useTranslations } from "next-intl";
import {
  loadEntitlements,
  loadPaymentProblem,
  loadSubscription,
  loadTrialAvailability,
} from "#app/_http/request-facts.ts";
import type { Viewer } from "#app/(public)/pricing/plan-action.tsx";
import { PlanCard } from "#app/(public)/pricing/plan-card.tsx";
import type { Identity } from "#lib/accounts/sessions.ts";
import { planList } from "#lib/billing/catalog/plans.ts";
import { isOngoing } from "#lib/billing/customer/subscription-statuses.ts";
import { now } from "#lib/core/clock.ts";

/** All plans with the choice of the billing interval, on the pricing page and inside the app. */
export function PlanCards({ viewer }: { viewer: Viewer }) {
  const at = now();
  return (
    <div className="group flex flex-col gap-6">
      <IntervalChoice />
      <div className="grid gap-4 md:grid-cols-3">
        {planList.map((plan) => (
          <PlanCard key={plan.id} plan={plan} viewer={viewer} at={at} />
        ))}
      </div>
    </div>
  );
}

/** Reads what the signed-in user can do with the plans. */
export async function readViewer(identity: Identity): Promise<Viewer> {
  const [subscription, entitlements, problem, trial] = await Promise.all([
    loadSubscription(identity),
    loadEntitlements(identity),
    loadPaymentProblem(identity),
    loadTrialAvailability(identity),
  ]);
  const isActive = subscription !== null && isOngoing(subscription);
  return {
    kind: "customer",
    plan: entitlements.plan,
    lookupKey: isActive ? subscription.lookupKey : null,
    hasSubscription: isActive,
    hasOpenPayment: problem !== null,
    canBuy: identity.memberRole !== "member",
    canStartTrial: trial.kind === "open",
  };
}

/** Selects the billing interval with radio buttons and CSS, so that it works without JavaScript. */
function IntervalChoice() {
  const t = useTranslations("pricing.interval");
  const label =
    "flex min-h-9 cursor-pointer items-center gap-x-2 rounded-md px-4 text-sm font-medium text-muted-foreground transition-colors pointer-coarse:min-h-11 has-checked:bg-background has-checked:text-foreground has-checked:shadow-sm has-focus-visible:outline-2 has-focus-visible:outline-ring";
  return (
    <fieldset className="mx-auto flex max-w-full flex-wrap justify-center rounded-lg bg-muted p-1">
      <legend className="sr-only">{t("legend")}</legend>
      <label className={label}>
        <input type="radio" name="interval" value="month" className="sr-only" defaultChecked />
        {t("month")}
      </label>
      <label className={label}>
        <input type="radio" name="interval" value="year" id="yearly" className="sr-only" />
        {t("year")} <span className="text-success">{t("saving")}</span>
      </label>
    </fieldset>
  );
}
