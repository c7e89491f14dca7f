import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireOperator } from "#app/_http/session/operator.ts";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { RefundBadges } from "#app/_ui/refund-badges.tsx";
import { CreditForm } from "#app/(operator)/_console/credit-form.tsx";
import { CustomerStats } from "#app/(operator)/_console/customer-stats.tsx";
import { EndSessions } from "#app/(operator)/_console/end-sessions.tsx";
import { OperatorActionButton } from "#app/(operator)/_console/operator-action-button.tsx";
import { type QueryParams, toHref } from "#app/(operator)/_console/read-query.ts";
import { Section } from "#app/(operator)/_console/section.tsx";
import { AuditTable } from "#app/(operator)/_console/tables/audit-table.tsx";
import { CustomerInvoiceTable } from "#app/(operator)/_console/tables/customer-invoice-table.tsx";
import { EventTable } from "#app/(operator)/_console/tables/event-table.tsx";
import { GrantTable } from "#app/(operator)/_console/tables/grant-table.tsx";
import { LedgerTable } from "#app/(operator)/_console/tables/ledger-table.tsx";
import { Pager } from "#app/(operator)/_console/tables/pager.tsx";
import { SubscriptionList } from "#app/(operator)/_console/tables/subscription-list.tsx";
import { checkNowAction, syncNowAction } from "#app/(operator)/operator/actions.ts";
import { db } from "#db/client.ts";
import { readCustomerDetail } from "#lib/billing/operator/customer-detail.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";

export const generateMetadata = pageMetadata("/operator/customers/[workspaceId]");

type Props = { params: Promise<{ workspaceId: string }>; searchParams: Promise<QueryParams> };

const entriesPerPage = 20;

export default async function OperatorCustomerPage({ params, searchParams }: Props) {
  await requireOperator();
  const workspaceId = z.uuid().safeParse((await params).workspaceId).data;
  const before = z.coerce
    .number()
    .int()
    .positive()
    .safeParse((await searchParams).entries).data;
  const at = now();
  const detail = workspaceId === undefined ? null : await readCustomerDetail(db(), workspaceId, before, at);
  if (detail === null) return notFound();
  const { line } = detail;
  const t = await getTranslations("operator.customer");
  const path = `/operator/customers/${line.workspaceId}`;
  const entries = detail.entries.slice(0, entriesPerPage);
  const last = detail.entries.length > entriesPerPage ? entries.at(-1) : undefined;
  return (
    <>
      <PageHeader
        title={line.name}
        description={
          <>
            {line.email ?? t("noMember")}
            {" · "}
            {t.rich("since", { date: () => <DateTime at={line.createdAt} /> })}
            {line.customerId !== null && <span className="font-mono text-xs"> · {line.customerId}</span>}
          </>
        }
        actions={
          <>
            {line.customerId !== null && (
              <>
                <OperatorActionButton action={syncNowAction} fields={{ workspaceId: line.workspaceId }}>
                  {t("sync")}
                </OperatorActionButton>
                <OperatorActionButton action={checkNowAction} fields={{ customerId: line.customerId }}>
                  {t("check")}
                </OperatorActionButton>
              </>
            )}
            {line.email !== null && (
              <EndSessions
                workspaceId={line.workspaceId}
                texts={{
                  action: t("endSessions.action"),
                  title: t("endSessions.title", { name: line.name }),
                  description: t("endSessions.description"),
                  cancel: t("endSessions.cancel"),
                }}
              />
            )}
          </>
        }
      />
      <div className="flex flex-col gap-10">
        <CustomerStats line={line} />
        <Section
          title={t("subscriptions")}
          empty={t("noSubscription")}
          isEmpty={detail.subscriptions.length === 0}
        >
          <SubscriptionList subscriptions={detail.subscriptions} />
        </Section>
        <Section title={t("invoices")} empty={t("noInvoice")} isEmpty={detail.invoices.length === 0}>
          <CustomerInvoiceTable invoices={detail.invoices} workspaceId={line.workspaceId} />
          {detail.returnedBeside !== null && (
            <p className="mt-3 flex flex-wrap items-center gap-2 text-sm">
              {t("returnedWithoutInvoice")} <RefundBadges {...detail.returnedBeside} alwaysShowAmount />
            </p>
          )}
        </Section>
        <Section title={t("credit")} empty={t("noCredit")} isEmpty={detail.grants.length === 0}>
          <GrantTable grants={detail.grants} at={at} />
        </Section>
        <ClientMessages of={["grantCredit"]}>
          <CreditForm workspaceId={line.workspaceId} name={line.name} nonce={newId()} today={toIsoDay(at)} />
        </ClientMessages>
        <Section title={t("ledger")} empty={t("noEntry")} isEmpty={entries.length === 0}>
          <LedgerTable entries={entries} />
          <Pager
            newestHref={before === undefined ? undefined : path}
            olderHref={last && toHref(path, { entries: String(last.id) })}
          />
        </Section>
        <Section title={t("webhooks")} empty={t("noEvent")} isEmpty={detail.events.length === 0}>
          <EventTable events={detail.events} label={t("events")} />
        </Section>
        <Section title={t("audit")} empty={t("noAudit")} isEmpty={detail.audit.length === 0}>
          <AuditTable lines={detail.audit} />
        </Section>
      </div>
    </>
  );
}

function toIsoDay(at: Date): string {
  return at.toISOString().slice(0, 10);
}
