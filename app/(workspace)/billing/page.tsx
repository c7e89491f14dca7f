import type { Metadata } from "next";
import { requireUser } from "#app/_http/session.ts";
import { Button } from "#app/_ui/button.tsx";
import { DateTime } from "#app/_ui/date-time.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { ActionButton } from "#app/(workspace)/billing/action-button.tsx";
import { keepPlanAction } from "#app/(workspace)/billing/actions.ts";
import { AllowanceCard } from "#app/(workspace)/billing/allowance-card.tsx";
import { ArrivalNotice, BillingNotice } from "#app/(workspace)/billing/billing-notice.tsx";
import { InvoiceTable } from "#app/(workspace)/billing/invoice-table.tsx";
import { PlanCard } from "#app/(workspace)/billing/plan-card.tsx";
import { SandboxHint } from "#app/(workspace)/billing/sandbox-hint.tsx";
import { TrialCard } from "#app/(workspace)/billing/trial-card.tsx";
import { db } from "#db/client.ts";
import { type BillingOverview, readBilling } from "#lib/billing/billing-overview.ts";
import { findOffer, plans } from "#lib/billing/plans.ts";
import { now } from "#lib/ground/clock.ts";
import { formatMoney, fromCents } from "#lib/ground/money.ts";

export const metadata: Metadata = { title: "Billing" };

type Props = { searchParams: Promise<{ notice?: string | string[] }> };

export default async function BillingPage({ searchParams }: Props) {
  const identity = await requireUser("/billing");
  const at = now();
  const billing = await readBilling(db(), identity, at);
  const { notice } = await searchParams;
  return (
    <>
      <PageHeader title="Billing" description="Your plan, your credit and your invoices." />
      <div className="flex flex-col gap-6">
        <ArrivalNotice
          notice={typeof notice === "string" ? notice : undefined}
          planName={plans[billing.entitlements.plan].name}
        />
        <WaitingNotice billing={billing} canManage={identity.memberRole !== "member"} />
        <TrialCard billing={billing} canManage={identity.memberRole !== "member"} at={at} />
        <PlanCard billing={billing} canManage={identity.memberRole !== "member"} />
        <AllowanceCard billing={billing} canManage={identity.memberRole !== "member"} />
        <InvoiceTable invoices={billing.invoices} />
        <SandboxHint />
      </div>
    </>
  );
}

/** A change that waits, for the bank or for the period's end, and the way to take it back. */
function WaitingNotice({ billing, canManage }: { billing: BillingOverview; canManage: boolean }) {
  const { pendingChange, scheduledChange } = billing;
  const keep = canManage && (
    <ActionButton action={keepPlanAction} variant="outline">
      Keep my present plan
    </ActionButton>
  );
  if (pendingChange !== null) {
    const { micros, payUrl, until } = pendingChange;
    const buttons = (
      <div className="flex flex-wrap gap-2">
        {payUrl && (
          <Button asChild>
            <a href={payUrl}>Confirm {formatMoney(micros)}</a>
          </Button>
        )}
        {keep}
      </div>
    );
    return (
      <BillingNotice tone="warning" title="Your bank wants to be asked" action={buttons}>
        Your new plan begins once {formatMoney(micros)} is confirmed. Until then your present plan runs on;{" "}
        <DateTime at={until} format={{ dateStyle: "medium", timeStyle: "short" }} /> the change is given up.
      </BillingNotice>
    );
  }
  const next = findOffer(scheduledChange?.lookupKey ?? null);
  if (scheduledChange === null || next === undefined) return null;
  return (
    <BillingNotice tone="plain" title={`${next.plan.name} begins soon`} action={keep}>
      On <DateTime at={scheduledChange.at} /> your plan becomes {next.plan.name},{" "}
      {formatMoney(fromCents(next.price.cents))} a {next.interval}.
    </BillingNotice>
  );
}
