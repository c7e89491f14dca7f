import { Webhook } from "lucide-react";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireOperator } from "#app/_http/session/operator.ts";
import { EmptyState } from "#app/_ui/empty-state.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { FilterForm } from "#app/(operator)/_console/filter-form.tsx";
import {
  type QueryParams,
  readCursor,
  readText,
  toCursor,
  toHref,
} from "#app/(operator)/_console/read-query.ts";
import { EventTable } from "#app/(operator)/_console/tables/event-table.tsx";
import { Pager } from "#app/(operator)/_console/tables/pager.tsx";
import { db } from "#db/client.ts";
import { countEvents, listEvents } from "#lib/billing/operator/stripe-event-list.ts";

export const generateMetadata = pageMetadata("/operator/events");

const path = "/operator/events";
const pageSize = 50;
const stateSchema = z.enum(["received", "done", "failed"]);

export default async function OperatorEventsPage({ searchParams }: { searchParams: Promise<QueryParams> }) {
  await requireOperator();
  const query = await searchParams;
  const t = await getTranslations("operator.events");
  const before = readCursor(query);
  const filter = {
    state: stateSchema.safeParse(query.state).data,
    type: readText(query, "type"),
    customer: readText(query, "customer"),
    id: readText(query, "id"),
  };
  const { customer: customerId, ...rest } = filter;
  const [events, counts] = await Promise.all([
    listEvents(db(), { ...rest, customerId, before }, pageSize + 1),
    countEvents(db()),
  ]);
  const shown = events.slice(0, pageSize);
  const last = events.length > pageSize ? shown.at(-1) : undefined;
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <>
      <PageHeader
        title={t("title")}
        description={t("lead", { waiting: counts.received, failed: counts.failed, done: counts.done })}
      />
      <FilterForm
        path={path}
        fields={[
          {
            name: "state",
            label: t("state"),
            value: filter.state,
            options: { "": t("all"), received: t("waiting"), failed: t("failed"), done: t("done") },
          },
          { name: "type", label: t("type"), value: filter.type, placeholder: t("typePlaceholder") },
          {
            name: "customer",
            label: t("customer"),
            value: filter.customer,
            placeholder: t("customerPlaceholder"),
          },
          { name: "id", label: t("id"), value: filter.id, placeholder: t("idPlaceholder") },
        ]}
      />
      {shown.length === 0 ? (
        <EmptyState
          icon={<Webhook aria-hidden />}
          title={t(isFiltered || before ? "noMatch" : "empty")}
          description={t(isFiltered || before ? "noMatchDescription" : "emptyDescription")}
        />
      ) : (
        <EventTable events={shown} label={t("table")} />
      )}
      <Pager
        newestHref={before && toHref(path, filter)}
        olderHref={
          last && toHref(path, { ...filter, before: toCursor({ at: last.receivedAt, id: last.id }) })
        }
      />
    </>
  );
}
