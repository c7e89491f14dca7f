import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { loadBalance, loadCreditSummary, loadOverageWindow, requestTime } from "#app/_http/request-facts.ts";
import { requireUser } from "#app/_http/session/session.ts";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { Button } from "#app/_ui/button.tsx";
import { EmptyState } from "#app/_ui/empty-state.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { BalanceCard } from "#app/(workspace)/usage/balance-card.tsx";
import { DailySpend } from "#app/(workspace)/usage/daily-spend.tsx";
import { ModelTable } from "#app/(workspace)/usage/model-table.tsx";
import { toNamedGrants } from "#app/(workspace)/usage/named-grants.ts";
import { PeriodChoice, periods } from "#app/(workspace)/usage/period-choice.tsx";
import { RequestTable } from "#app/(workspace)/usage/request-table.tsx";
import { db } from "#db/client.ts";
import { findModel } from "#lib/usage/price-list.ts";
import { fillDays, readUsage, recentRequests } from "#lib/usage/reports.ts";

export const generateMetadata = pageMetadata("/usage");

const dayMs = 86_400_000;
const daysSchema = z.coerce.number().pipe(z.literal(periods));

type Props = { searchParams: Promise<{ days?: string | string[]; before?: string | string[] }> };

export default async function UsagePage({ searchParams }: Props) {
  const identity = await requireUser("/usage");
  const { workspaceId } = identity;
  const [query, t] = await Promise.all([searchParams, getTranslations("usage")]);
  const days = daysSchema.safeParse(query.days).data ?? 30;
  const before = parseCursor(query.before);
  const to = requestTime().toISOString().slice(0, 10);
  const period = { from: new Date(Date.parse(to) - (days - 1) * dayMs).toISOString().slice(0, 10), to };
  const [balance, credit, overage, byDay, byModel, requests] = await Promise.all([
    loadBalance(identity),
    loadCreditSummary(identity),
    loadOverageWindow(identity),
    readUsage(db(), workspaceId, period, "day"),
    readUsage(db(), workspaceId, period, "model"),
    recentRequests(db(), workspaceId, { before, limit: pageSize + 1 }),
  ]);
  const modelLabel = (model: string) => findModel(model)?.label ?? model;
  const last = requests.length > pageSize ? requests[pageSize - 1] : undefined;
  return (
    <ClientMessages of={["usage"]}>
      <PageHeader title={t("title")} description={t("lead")} actions={<PeriodChoice days={days} />} />
      <div className="flex flex-col gap-10">
        <BalanceCard
          availableMicros={credit.availableMicros}
          heldMicros={balance.heldMicros}
          grants={toNamedGrants(balance.grants, credit.pendingFreeGrant)}
          overage={overage}
        />
        {byDay.length === 0 && before === undefined && requests.length === 0 ? (
          <EmptyState
            title={t("empty.title")}
            description={t("empty.description")}
            action={
              <Button asChild>
                <Link href="/chat">{t("empty.action")}</Link>
              </Button>
            }
          />
        ) : (
          <>
            <DailySpend days={fillDays(byDay, period)} length={days} period={period} />
            {byModel.length > 0 && (
              <ModelTable rows={byModel.map((row) => ({ ...row, label: modelLabel(row.group) }))} />
            )}
            <RequestTable
              requests={requests
                .slice(0, pageSize)
                .map((request) => ({ ...request, modelLabel: modelLabel(request.model) }))}
              firstPage={before === undefined}
              olderHref={last && `/usage?days=${days}&before=${last.at.toISOString()}_${last.id}#requests`}
            />
          </>
        )}
      </div>
    </ClientMessages>
  );
}

const pageSize = 20;

/** Parses the position of a page of requests; undefined for the first page and malformed positions. */
function parseCursor(text: string | string[] | undefined): { at: Date; id: string } | undefined {
  const [at = "", id] = typeof text === "string" ? text.split("_") : [];
  return z.object({ at: z.coerce.date(), id: z.uuid() }).safeParse({ at, id }).data;
}
