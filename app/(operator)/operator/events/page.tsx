import { Webhook } from "lucide-react";
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
        title="Webhooks"
        description={`${counts.received} waiting, ${counts.failed} failed, ${counts.done} done. An event only says whose customer to sync, so replaying one is safe.`}
      />
      <FilterForm
        path={path}
        fields={[
          {
            name: "state",
            label: "State",
            value: filter.state,
            options: { "": "All", received: "Waiting", failed: "Failed", done: "Done" },
          },
          { name: "type", label: "Type", value: filter.type, placeholder: "invoice." },
          { name: "customer", label: "Customer", value: filter.customer, placeholder: "cus_" },
          { name: "id", label: "Id", value: filter.id, placeholder: "evt_" },
        ]}
      />
      {shown.length === 0 ? (
        <EmptyState
          icon={<Webhook aria-hidden />}
          title={isFiltered || before ? "No event fits" : "No event has come yet"}
          description={
            isFiltered || before
              ? "Ask for less, or for other words."
              : "Register this address at Stripe: /api/webhooks/stripe, with all events."
          }
        />
      ) : (
        <EventTable events={shown} label="Events" />
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
