import { Scale } from "lucide-react";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireOperator } from "#app/_http/session/operator.ts";
import { EmptyState } from "#app/_ui/empty-state.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { FilterForm } from "#app/(operator)/_console/filter-form.tsx";
import { Finding } from "#app/(operator)/_console/finding.tsx";
import { OperatorActionButton } from "#app/(operator)/_console/operator-action-button.tsx";
import {
  type QueryParams,
  readCursor,
  readText,
  toCursor,
  toHref,
} from "#app/(operator)/_console/read-query.ts";
import { StateTabs } from "#app/(operator)/_console/state-tabs.tsx";
import { Pager } from "#app/(operator)/_console/tables/pager.tsx";
import { checkNowAction } from "#app/(operator)/operator/actions.ts";
import { db } from "#db/client.ts";
import { listDrift } from "#lib/billing/operator/drift-list.ts";

export const generateMetadata = pageMetadata("/operator/drift");

const states = ["open", "closed"] as const;
const path = "/operator/drift";
const pageSize = 20;

export default async function OperatorDriftPage({ searchParams }: { searchParams: Promise<QueryParams> }) {
  await requireOperator();
  const query = await searchParams;
  const t = await getTranslations("operator.drift");
  const state = z.enum(states).safeParse(query.state).data ?? "open";
  const customer = readText(query, "customer");
  const before = z.object({ at: z.date(), id: z.uuid() }).safeParse(readCursor(query)).data;
  const findings = await listDrift(db(), { state, customerId: customer, before }, pageSize + 1);
  const shown = findings.slice(0, pageSize);
  const last = findings.length > pageSize ? shown.at(-1) : undefined;
  return (
    <>
      <PageHeader
        title={t("title")}
        description={t("lead")}
        actions={<OperatorActionButton action={checkNowAction}>{t("checkAll")}</OperatorActionButton>}
      />
      <StateTabs
        path={path}
        label={t("states")}
        states={states.map((choice) => ({ state: choice, label: t(choice) }))}
        current={state}
        query={{ customer }}
      />
      <FilterForm
        path={path}
        fields={[
          { name: "customer", label: t("customer"), value: customer, placeholder: t("customerPlaceholder") },
        ]}
      />
      {customer !== undefined && (
        <div className="mb-6">
          <OperatorActionButton action={checkNowAction} fields={{ customerId: customer }}>
            {t("checkOne")}
          </OperatorActionButton>
        </div>
      )}
      {shown.length === 0 ? (
        <EmptyState
          icon={<Scale aria-hidden />}
          title={t(state === "open" ? "emptyOpen" : "emptyClosed")}
          description={t(state === "open" ? "emptyOpenDescription" : "emptyClosedDescription")}
        />
      ) : (
        <ul className="flex flex-col gap-8">
          {shown.map((finding) => (
            <Finding key={finding.id} finding={finding} />
          ))}
        </ul>
      )}
      <Pager
        newestHref={before && toHref(path, { state, customer })}
        olderHref={
          last && toHref(path, { state, customer, before: toCursor({ at: last.foundAt, id: last.id }) })
        }
      />
    </>
  );
}
