import { pageMetadata } from "#app/_http/page-metadata.ts";
import {
  loadBillingOverview,
  loadOverageStatus,
  loadPaymentDetails,
  requestTime,
} from "#app/_http/request-facts.ts";
import { requireUser } from "#app/_http/session/session.ts";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { MonthlyCreditCard } from "#app/(workspace)/billing/_credit/monthly-credit-card.tsx";
import { BillingDetailsCard } from "#app/(workspace)/billing/_details/billing-details-card.tsx";
import { InvoiceTable } from "#app/(workspace)/billing/_invoices/invoice-table.tsx";
import { PendingChangeNotice } from "#app/(workspace)/billing/_notices/pending-change-notice.tsx";
import { RedirectNotice } from "#app/(workspace)/billing/_notices/redirect-notice.tsx";
import { OverageCard } from "#app/(workspace)/billing/_overage/overage-card.tsx";
import { PaymentMethodCard } from "#app/(workspace)/billing/_payment-method/payment-method-card.tsx";
import { PlanCard } from "#app/(workspace)/billing/_plan/plan-card.tsx";
import { RefreshOnReturn } from "#app/(workspace)/billing/_shared/refresh-on-return.tsx";
import { SandboxHint } from "#app/(workspace)/billing/_shared/sandbox-hint.tsx";
import { TrialCard } from "#app/(workspace)/billing/_trial/trial-card.tsx";
import { plans } from "#lib/billing/catalog/plans.ts";

export const generateMetadata = pageMetadata("/billing");

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function BillingPage({ searchParams }: Props) {
  const identity = await requireUser("/billing");
  const [billing, details, overage] = await Promise.all([
    loadBillingOverview(identity),
    loadPaymentDetails(identity),
    loadOverageStatus(identity),
  ]);
  const { notice, confirm, card } = await searchParams;
  const canManage = identity.memberRole !== "member";
  return (
    <>
      <PageHeader title="Billing" description="Your plan, your credit and your invoices." />
      <div className="flex flex-col gap-6">
        <RedirectNotice
          notice={typeof notice === "string" ? notice : undefined}
          planName={plans[billing.entitlements.plan].name}
        />
        <PendingChangeNotice
          billing={billing}
          card={details.card}
          payingWorkspaceId={canManage ? identity.workspaceId : null}
          confirmInvoiceId={typeof confirm === "string" ? confirm : null}
        />
        <TrialCard billing={billing} canManage={canManage} at={requestTime()} />
        <PlanCard billing={billing} overageMicros={overage.period?.usedMicros ?? 0} canManage={canManage} />
        <MonthlyCreditCard billing={billing} overage={overage} canManage={canManage} />
        <OverageCard overage={overage} canManage={canManage} />
        {billing.hasCustomer && (
          <PaymentMethodCard card={details.card} canManage={canManage} opensForm={card === "change"} />
        )}
        <InvoiceTable invoices={billing.invoices} card={details.card} canManage={canManage} />
        <BillingDetailsCard details={details} canManage={canManage} />
        <SandboxHint />
        <RefreshOnReturn />
      </div>
    </>
  );
}
