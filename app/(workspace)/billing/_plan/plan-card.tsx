import Link from "next/link";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { Card } from "#app/_ui/card.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { CancelPlan } from "#app/(workspace)/billing/_plan/cancel-plan.tsx";
import { openPortalAction, resumePlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";
import { chatModelsWithGate } from "#app/(workspace)/billing/_plan/plan-models.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { findOffer, type Plan, plans } from "#lib/billing/catalog/plans.ts";
import { plusTax } from "#lib/billing/catalog/plus-tax.ts";
import { proTrial } from "#lib/billing/catalog/trial-offer.ts";
import { isRunning } from "#lib/billing/customer/subscription-statuses.ts";
import type { BillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { formatMoney } from "#lib/core/money.ts";

type Props = {
  billing: BillingOverview;
  /** Overage used in the current period; it is billed at the period's end. */
  overageMicros: number;
  canManage: boolean;
};

/** The plan, its price, the next payment and the possible actions. */
export function PlanCard({ billing, overageMicros, canManage }: Props) {
  const { entitlements, subscription } = billing;
  const plan = plans[entitlements.plan];
  return (
    <Card>
      <section aria-labelledby="plan" className="flex flex-col gap-5">
        <div className="flex flex-wrap items-start justify-between gap-4">
          <div className="flex flex-col gap-1">
            <h2 id="plan" tabIndex={-1} className="flex items-center gap-3 font-semibold text-xl">
              {plan.name}
              <PlanStatusBadge billing={billing} />
            </h2>
            <p className="text-muted-foreground">
              <Price billing={billing} overageMicros={overageMicros} />
            </p>
          </div>
          {subscription === null && (
            <Button asChild>
              <Link href="/pricing">See the plans</Link>
            </Button>
          )}
        </div>
        <ul className="grid list-disc gap-x-8 gap-y-1 pl-5 text-sm sm:grid-cols-2">
          {plan.features.map((feature) => (
            <li key={feature}>{feature}</li>
          ))}
        </ul>
        {canManage ? (
          <Actions billing={billing} overageMicros={overageMicros} />
        ) : (
          <p className="text-muted-foreground text-sm">Only the owner or an admin can change the plan.</p>
        )}
      </section>
    </Card>
  );
}

function PlanStatusBadge({ billing: { entitlements, subscription } }: { billing: BillingOverview }) {
  if (entitlements.source === "grace") return <Badge variant="danger">Payment failed</Badge>;
  if (entitlements.source === "trial") return <Badge>Trial</Badge>;
  if (isOnHold({ entitlements, subscription })) return <Badge variant="danger">On hold</Badge>;
  if (subscription?.endsAt != null) return <Badge variant="warning">Ends soon</Badge>;
  return entitlements.source === "subscription" ? <Badge variant="success">Active</Badge> : null;
}

/** Whether a subscription grants nothing because its payment is overdue beyond the grace period. */
function isOnHold({
  entitlements,
  subscription,
}: Pick<BillingOverview, "entitlements" | "subscription">): boolean {
  return subscription !== null && entitlements.source === "free";
}

/** The subscription's plan, even while it is on hold; without a subscription the current plan. */
function subscribedPlan({ entitlements, subscription }: BillingOverview): Plan {
  return findOffer(subscription?.lookupKey ?? null)?.plan ?? plans[entitlements.plan];
}

function Price({ billing, overageMicros }: Omit<Props, "canManage">) {
  const { subscription, nextPayment, entitlements } = billing;
  if (subscription === null) return <NoSubscription billing={billing} />;
  const isTrial = entitlements.source === "trial";
  const price =
    subscription.priceMicros === null
      ? null
      : `${formatMoney(subscription.priceMicros)}${plusTax()} a ${subscription.interval}`;
  return (
    <>
      {isOnHold(billing) && `${subscribedPlan(billing).name} waits for its payment: `}
      {price}
      {subscription.endsAt !== null && (
        <>
          {" · ends on "}
          <DateTime at={subscription.endsAt} />,{" "}
          <RemainingCharges isTrial={isTrial} overageMicros={overageMicros} />
        </>
      )}
      {nextPayment !== null && (
        <>
          {isTrial ? " · first payment of " : " · next payment of "}
          <Money micros={nextPayment.micros} />
          {overageMicros > 0 && (
            <>
              {" and the "}
              <Money micros={overageMicros} /> used beyond credit so far
            </>
          )}
          {plusTax()} on <DateTime at={nextPayment.at} />
        </>
      )}
    </>
  );
}

/** What is still charged for a plan that ends: its overage, if there is any. */
function RemainingCharges({ isTrial, overageMicros }: { isTrial: boolean; overageMicros: number }) {
  if (isTrial) return "nothing is charged";
  if (overageMicros === 0) return "nothing more is charged";
  return (
    <>
      nothing more is charged but the <Money micros={overageMicros} /> used beyond credit
    </>
  );
}

/** The text without a subscription. An unpaid invoice of an ended plan can still be paid for its credit. */
function NoSubscription({ billing: { invoices } }: Pick<Props, "billing">) {
  const open = invoices.find(({ status, dueMicros }) => status === "open" && dueMicros > 0);
  if (open === undefined) return "Nothing to pay.";
  return (
    <>
      An invoice of <Money micros={open.dueMicros} /> was never paid. Paying it brings the credit of its
      month; for the plan itself, choose one anew.
    </>
  );
}

function Actions({ billing, overageMicros }: Omit<Props, "canManage">) {
  const { subscription, hasCustomer } = billing;
  const plan = subscribedPlan(billing);
  const runs = subscription !== null && isRunning(subscription);
  if (!runs && !hasCustomer) return null;
  return (
    <div className="flex flex-wrap items-start gap-2 border-t pt-5">
      {runs && subscription.endsAt === null && subscription.status !== "past_due" && (
        <Button asChild>
          <Link href="/billing/plan">Change plan</Link>
        </Button>
      )}
      {runs && subscription.endsAt !== null && (
        <ActionButton action={resumePlanAction}>Keep {plan.name}</ActionButton>
      )}
      {hasCustomer && (
        <ActionButton action={openPortalAction} variant="outline">
          Billing portal
        </ActionButton>
      )}
      {runs && subscription.endsAt === null && subscription.periodEndsAt !== null && (
        <CancelPlan planName={plan.name}>
          {isOnHold(billing) ? (
            <p>
              It ends on <DateTime at={subscription.periodEndsAt} />, and no further period is charged. Your
              conversations, keys and invoices stay.
            </p>
          ) : (
            <CancellationEffects
              plan={plan}
              endsAt={subscription.periodEndsAt}
              isTrial={billing.entitlements.source === "trial"}
              overageMicros={overageMicros}
            />
          )}
        </CancelPlan>
      )}
    </div>
  );
}

type CancellationProps = { plan: Plan; endsAt: Date; isTrial: boolean; overageMicros: number };

function CancellationEffects({ plan, endsAt, isTrial, overageMicros }: CancellationProps) {
  const models = plan.gates.filter((gate) => gate !== "free").flatMap(chatModelsWithGate);
  return (
    <>
      <p>
        You keep everything until <DateTime at={endsAt} />, and{" "}
        <RemainingCharges isTrial={isTrial} overageMicros={overageMicros} />. From then on:
      </p>
      <ul className="list-disc pl-5">
        <li>
          {formatMoney(plans.free.allowanceMicros)} of credit a month instead of{" "}
          {formatMoney(isTrial ? proTrial.creditMicros : plan.allowanceMicros)}
        </li>
        {models.length > 0 && <li>no {models.join(", ")}</li>}
        {plan.requestsPerMinute > plans.free.requestsPerMinute && (
          <li>{plans.free.requestsPerMinute} requests a minute</li>
        )}
      </ul>
      <p>Your conversations, keys and invoices stay. You can change your mind until that day.</p>
    </>
  );
}
