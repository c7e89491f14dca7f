import { Users } from "lucide-react";
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
  const text = readText(query, "text");
  const who = query.who === "subscribed" ? query.who : undefined;
  const before = z.uuid().safeParse(query.before).data;
  const filter = { text, payingOnly: who === "subscribed", before };
  const lines = await listCustomers(db(), filter, pageSize + 1, now());
  const shown = lines.slice(0, pageSize);
  const last = lines.length > pageSize ? shown.at(-1) : undefined;
  return (
    <>
      <PageHeader
        title="Customers"
        description="Margin is what was paid, less what went back and what the models cost."
      />
      <FilterForm
        path={path}
        fields={[
          { name: "text", label: "Name, e-mail or customer id", value: text, placeholder: "ada@" },
          {
            name: "who",
            label: "Who",
            value: who,
            options: { "": "Everybody", subscribed: "With a subscription" },
          },
        ]}
      />
      {shown.length === 0 ? (
        <EmptyState
          icon={<Users aria-hidden />}
          title="Nobody fits"
          description="Look for part of a name, of an address, or of Stripe's customer id."
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
