import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import {
  loadBillingOverview,
  loadOverageStatus,
  loadPaymentDetails,
  requestTime,
} from "#app/_http/request-facts.ts";
import { requireUser } from "#app/_http/session/session.ts";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { Card } from "#app/_ui/card.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { MonthlyCredit } from "#app/(workspace)/billing/_credit/monthly-credit.tsx";
import { BillingDetails } from "#app/(workspace)/billing/_details/billing-details.tsx";
import { InvoiceTable } from "#app/(workspace)/billing/_invoices/invoice-table.tsx";
import { PayOrConfirm } from "#app/(workspace)/billing/_invoices/pay-or-confirm.tsx";
import { PendingChangeNotice } from "#app/(workspace)/billing/_notices/pending-change-notice.tsx";
import { RedirectNotice } from "#app/(workspace)/billing/_notices/redirect-notice.tsx";
import { OverageSection } from "#app/(workspace)/billing/_overage/overage-section.tsx";
import { PaymentMethod } from "#app/(workspace)/billing/_payment-method/payment-method.tsx";
import { PlanSection } from "#app/(workspace)/billing/_plan/plan-section.tsx";
import { RefreshOnReturn } from "#app/(workspace)/billing/_shared/refresh-on-return.tsx";
import { SandboxHint } from "#app/(workspace)/billing/_shared/sandbox-hint.tsx";
import { TrialCard } from "#app/(workspace)/billing/_trial/trial-card.tsx";
import { plans } from "#lib/billing/catalog/plans.ts";

export const generateMetadata = pageMetadata("/billing");

/** A card of several sections with a line between them. */
const sections = "flex flex-col gap-6 [&>section+section]:border-t [&>section+section]:pt-6";

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function BillingPage({ searchParams }: Props) {
  const identity = await requireUser("/billing");
  const [billing, details, overage] = await Promise.all([
    loadBillingOverview(identity),
    loadPaymentDetails(identity),
    loadOverageStatus(identity),
  ]);
  const t = await getTranslations("billing");
  const payment = await getTranslations("shell.payment");
  const { notice, confirm, card } = await searchParams;
  const canManage = identity.memberRole !== "member";
  return (
    <ClientMessages of={["billingForms"]}>
      <PageHeader title={t("title")} description={t("lead")} />
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
        <Card>
          <PlanSection
            billing={billing}
            overageMicros={overage.period?.usedMicros ?? 0}
            canManage={canManage}
            payButton={
              canManage &&
              billing.problem !== null &&
              billing.subscription?.status === "incomplete" && (
                <PayOrConfirm
                  workspaceId={identity.workspaceId}
                  invoiceId={billing.problem.invoiceId}
                  about={payment("openInvoice")}
                  amountMicros={billing.problem.micros}
                  currency={billing.problem.currency}
                  card={details.card}
                />
              )
            }
          />
        </Card>
        <Card className={sections}>
          <MonthlyCredit billing={billing} overage={overage} canManage={canManage} />
          <OverageSection overage={overage} canManage={canManage} />
        </Card>
        <Card className={sections}>
          {billing.hasCustomer && (
            <PaymentMethod card={details.card} canManage={canManage} opensForm={card === "change"} />
          )}
          <BillingDetails details={details} canManage={canManage} />
        </Card>
        <InvoiceTable invoices={billing.invoices} card={details.card} canManage={canManage} />
        <SandboxHint />
        <RefreshOnReturn />
      </div>
    </ClientMessages>
  );
}
