import { Users } from "lucide-react";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireOperator } from "#app/_http/session/operator.ts";
import { EmptyState } from "#app/_ui/empty-state.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { FilterForm } from "#app/(operator)/_console/filter-form.tsx";
import { type QueryParams, readText, toHref } from "#app/(operator)/_console/read-query.ts";
import { CustomerTable } from "#app/(operator)/_console/tables/customer-table.tsx";
import { Pager } from "#app/(operator)/_console/tables/pager.tsx";
import { db } from "#db/client.ts";
import { listCustomers } from "#lib/billing/operator/customer-list.ts";
import { now } from "#lib/core/clock.ts";

export const generateMetadata = pageMetadata("/operator/customers");

const path = "/operator/customers";
const pageSize = 50;

export default async function OperatorCustomersPage({
  searchParams,
}: {
  searchParams: Promise<QueryParams>;
}) {
  await requireOperator();
  const query = await searchParams;
  const t = await getTranslations("operator.customers");
  const text = readText(query, "text");
  const who = query.who === "subscribed" ? query.who : undefined;
  const before = z.uuid().safeParse(query.before).data;
  const filter = { text, payingOnly: who === "subscribed", before };
  const lines = await listCustomers(db(), filter, pageSize + 1, now());
  const shown = lines.slice(0, pageSize);
  const last = lines.length > pageSize ? shown.at(-1) : undefined;
  return (
    <>
      <PageHeader title={t("title")} description={t("lead")} />
      <FilterForm
        path={path}
        fields={[
          { name: "text", label: t("search"), value: text, placeholder: t("searchPlaceholder") },
          {
            name: "who",
            label: t("who"),
            value: who,
            options: { "": t("everyone"), subscribed: t("subscribed") },
          },
        ]}
      />
      {shown.length === 0 ? (
        <EmptyState
          icon={<Users aria-hidden />}
          title={t("emptyTitle")}
          description={t("emptyDescription")}
        />
      ) : (
        <CustomerTable lines={shown} />
      )}
      <Pager
        newestHref={before && toHref(path, { text, who })}
        olderHref={last && toHref(path, { text, who, before: last.workspaceId })}
      />
    </>
  );
}
