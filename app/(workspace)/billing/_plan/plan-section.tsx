import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { usePlanFeatures, usePlanPrice } from "#app/_ui/plan-features.tsx";
import { CancelPlan } from "#app/(workspace)/billing/_plan/cancel-plan.tsx";
import { openPortalAction, resumePlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";
import { chatModelsWithGate } from "#app/(workspace)/billing/_plan/plan-models.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { findOffer, type Plan, plans } from "#lib/billing/catalog/plans.ts";
import { addsTax } from "#lib/billing/catalog/plus-tax.ts";
import { proTrial } from "#lib/billing/catalog/trial-offer.ts";
import { isOngoing, isRunning } from "#lib/billing/customer/subscription-statuses.ts";
import type { BillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { formatsFor } from "#lib/core/formats.ts";

type Props = {
  billing: BillingOverview;
  /** Overage used in the current period; it is billed at the period's end. */
  overageMicros: number;
  canManage: boolean;
  /** The primary action of a plan whose first payment failed; other overdue payments have a banner. */
  payButton: ReactNode;
};

/** The plan, its price, the next payment and the possible actions. */
export function PlanSection({ billing, overageMicros, canManage, payButton }: Props) {
  const t = useTranslations("billing.plan");
  const { entitlements, subscription } = billing;
  const plan = plans[entitlements.plan];
  return (
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
          // The trial's offer above has the page's primary action.
          <Button asChild variant={billing.trial.kind === "open" ? "outline" : "default"}>
            <Link href="/billing/plan">{t("seePlans")}</Link>
          </Button>
        )}
      </div>
      <ul className="grid list-disc gap-x-8 gap-y-1 pl-5 text-sm sm:grid-cols-2">
        {usePlanFeatures(plan).map((feature) => (
          <li key={feature}>{feature}</li>
        ))}
      </ul>
      {canManage ? (
        <Actions billing={billing} overageMicros={overageMicros} payButton={payButton} />
      ) : (
        <p className="text-muted-foreground text-sm">{t("onlyAdmins")}</p>
      )}
    </section>
  );
}

function PlanStatusBadge({ billing: { entitlements, subscription } }: { billing: BillingOverview }) {
  const t = useTranslations("billing.plan.status");
  if (entitlements.source === "grace") return <Badge variant="danger">{t("grace")}</Badge>;
  if (entitlements.source === "trial") return <Badge>{t("trial")}</Badge>;
  if (isOnHold({ entitlements, subscription })) return <Badge variant="danger">{t("onHold")}</Badge>;
  if (subscription?.endsAt != null) return <Badge variant="warning">{t("endsSoon")}</Badge>;
  return entitlements.source === "subscription" ? <Badge variant="success">{t("active")}</Badge> : null;
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

/** Why the subscription is on hold; a payment is named only if there is one to make (B16, B18). */
function onHoldText({ subscription, problem }: BillingOverview) {
  if (problem !== null) return "onHoldUnpaid";
  if (subscription?.status === "paused") return "onHoldPaused";
  return subscription?.status === "incomplete" ? "onHold" : "onHoldEnded";
}

/** The price and what is charged next, in sentences. */
function Price({ billing, overageMicros }: Pick<Props, "billing" | "overageMicros">) {
  const t = useTranslations("billing.plan");
  const { subscription, nextPayment, entitlements } = billing;
  const prices = usePlanPrice(addsTax(), subscription?.currency);
  if (subscription === null) return <NoSubscription billing={billing} />;
  const isTrial = entitlements.source === "trial";
  const { endsAt, priceMicros, interval, collectionPause, sendsInvoices } = subscription;
  const resumesAt = collectionPause?.resumesAt ?? null;
  const sentences: ReactNode[] = [
    priceMicros !== null && `${prices.recurring(priceMicros, interval)}.`,
    isOnHold(billing) && t(onHoldText(billing), { plan: subscribedPlan(billing).name }),
    collectionPause !== null &&
      (resumesAt === null
        ? t("collectionPaused")
        : t.rich("collectionPausedUntil", { date: () => <DateTime at={resumesAt} /> })),
    sendsInvoices && nextPayment !== null && t("sendsInvoices"),
    endsAt !== null && t.rich("ends", { date: () => <DateTime at={endsAt} /> }),
    endsAt !== null && <RemainingCharges isTrial={isTrial} overageMicros={overageMicros} />,
    nextPayment !== null &&
      t.rich(isTrial ? "firstPayment" : "nextPayment", {
        amount: () => <span className="tabular-nums">{prices.amount(nextPayment.micros)}</span>,
        date: () => <DateTime at={nextPayment.at} />,
      }),
    nextPayment !== null &&
      overageMicros > 0 &&
      t.rich("plusOverage", { amount: () => <Money micros={overageMicros} /> }),
  ];
  return sentences
    .filter((sentence) => sentence !== false)
    .map((sentence, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: the sentences of one rendering never change places
      <span key={index}>{sentence} </span>
    ));
}

/** What is still charged for a plan that ends: its overage, if there is any. */
function RemainingCharges({ isTrial, overageMicros }: { isTrial: boolean; overageMicros: number }) {
  const t = useTranslations("billing.plan");
  if (isTrial) return t("noCharge");
  if (overageMicros === 0) return t("noFurtherCharge");
  return t.rich("onlyOverageCharge", { amount: () => <Money micros={overageMicros} /> });
}

/** The text without a subscription. An unpaid invoice of an ended plan can still be paid for its credit. */
function NoSubscription({ billing: { invoices, otherSubscription } }: Pick<Props, "billing">) {
  const t = useTranslations("billing.plan");
  const prices = usePlanPrice(addsTax(), otherSubscription?.currency);
  if (otherSubscription !== null) {
    const { name, priceMicros, interval } = otherSubscription;
    const price = priceMicros === null ? "" : prices.recurring(priceMicros, interval);
    return t(priceMicros === null ? "otherProduct" : "otherProductAt", { name, price });
  }
  const open = invoices.find(({ status, dueMicros }) => status === "open" && dueMicros > 0);
  if (open === undefined) return t("nothingDue");
  return t.rich("unpaidInvoice", {
    amount: () => <Money micros={open.dueMicros} currency={open.currency} />,
  });
}

function Actions({ billing, overageMicros, payButton }: Omit<Props, "canManage">) {
  const t = useTranslations("billing");
  const { subscription, hasCustomer } = billing;
  const plan = subscribedPlan(billing);
  const runs = subscription !== null && isRunning(subscription);
  if (!runs && !hasCustomer) return null;
  const periodEndsAt = subscription?.periodEndsAt ?? null;
  return (
    <div className="flex flex-wrap items-start gap-2">
      {payButton}
      {runs && subscription.endsAt === null && subscription.status !== "past_due" && (
        <Button asChild>
          <Link href="/billing/plan">{t("plan.changePlan")}</Link>
        </Button>
      )}
      {runs && subscription.endsAt !== null && (
        <ActionButton action={resumePlanAction}>{t("plan.keepPlan", { plan: plan.name })}</ActionButton>
      )}
      {hasCustomer && (
        <ActionButton action={openPortalAction} variant="outline">
          {t("plan.portal")}
        </ActionButton>
      )}
      {subscription !== null && isOngoing(subscription) && !runs && (
        <CancelPlan planName={plan.name} endsNow>
          <p>{t("cancel.now")}</p>
        </CancelPlan>
      )}
      {runs && subscription.endsAt === null && periodEndsAt !== null && (
        <CancelPlan planName={plan.name}>
          {isOnHold(billing) ? (
            <p>{t.rich("cancel.onHold", { date: () => <DateTime at={periodEndsAt} /> })}</p>
          ) : (
            <CancellationEffects
              plan={plan}
              endsAt={periodEndsAt}
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
  const t = useTranslations("billing.cancel");
  const locale = useLocale();
  const formats = formatsFor(locale);
  const models = plan.gates.filter((gate) => gate !== "free").flatMap(chatModelsWithGate);
  return (
    <>
      <p>
        {t.rich("keepUntil", { date: () => <DateTime at={endsAt} /> })}{" "}
        <RemainingCharges isTrial={isTrial} overageMicros={overageMicros} /> {t("afterwards")}
      </p>
      <ul className="list-disc pl-5">
        <li>
          {t("credit", {
            less: formats.price(plans.free.allowanceMicros),
            more: formats.price(isTrial ? proTrial.creditMicros : plan.allowanceMicros),
          })}
        </li>
        {models.length > 0 && <li>{t("models", { models: new Intl.ListFormat(locale).format(models) })}</li>}
        {plan.requestsPerMinute > plans.free.requestsPerMinute && (
          <li>{t("requests", { count: plans.free.requestsPerMinute })}</li>
        )}
      </ul>
      <p>{t("kept")}</p>
    </>
  );
}
