import { Scale } from "lucide-react";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireOperator } from "#app/_http/session/operator.ts";
import { cn } from "#app/_ui/cn.ts";
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
import { Pager } from "#app/(operator)/_console/tables/pager.tsx";
import { checkNowAction } from "#app/(operator)/operator/actions.ts";
import { db } from "#db/client.ts";
import { listDrift } from "#lib/billing/operator/drift-list.ts";

export const generateMetadata = pageMetadata("/operator/drift");

const path = "/operator/drift";
const pageSize = 20;

export default async function OperatorDriftPage({ searchParams }: { searchParams: Promise<QueryParams> }) {
  await requireOperator();
  const query = await searchParams;
  const t = await getTranslations("operator.drift");
  const state = z.enum(["open", "closed"]).safeParse(query.state).data ?? "open";
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
      <nav aria-label={t("states")} className="mb-6 flex w-fit rounded-lg bg-muted p-1 text-sm">
        {(["open", "closed"] as const).map((choice) => (
          <Link
            key={choice}
            href={toHref(path, { state: choice, customer })}
            aria-current={choice === state ? "page" : undefined}
            className={cn(
              "flex min-h-8 items-center rounded-md px-3 text-muted-foreground hover:text-foreground pointer-coarse:min-h-11",
              choice === state && "bg-background text-foreground shadow-xs",
            )}
          >
            {t(choice)}
          </Link>
        ))}
      </nav>
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
