import { findInvoiceSubscription } from "#sandbox/stripe/invoices/invoice-object.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { paramsOf, required, text, whole } from "#sandbox/stripe/protocol/params.ts";
import { type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { assertSearchable, matchesQuery, type SearchFields } from "#sandbox/stripe/search/match-query.ts";
import { parseQuery } from "#sandbox/stripe/search/parse-query.ts";
import type { Tables } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Searchable = { id: string; created: number };
type Resource = {
  fields: SearchFields;
  rows: (world: World) => Searchable[];
  /** Searchable values that the object itself does not have. */
  related?: (world: World, id: string) => object;
};

const common: SearchFields = { created: "number", metadata: "metadata" };
const rowsOf =
  (
    table: "charges" | "customers" | "invoices" | "paymentIntents" | "prices" | "products" | "subscriptions",
  ) =>
  ({ tables }: { tables: Tables }): Searchable[] =>
    tables[table].all();
/** The searchable resources and their fields (https://docs.stripe.com/search#supported-query-fields). */
const resources: Record<string, Resource> = {
  charges: {
    fields: {
      ...common,
      amount: "number",
      "billing_details.address.postal_code": "exact",
      currency: "exact",
      customer: "exact",
      disputed: "exact",
      "payment_method_details.card.brand": "exact",
      "payment_method_details.card.exp_month": "exact",
      "payment_method_details.card.exp_year": "exact",
      "payment_method_details.card.fingerprint": "exact",
      "payment_method_details.card.last4": "exact",
      refunded: "exact",
      status: "exact",
    },
    rows: rowsOf("charges"),
  },
  customers: {
    fields: { ...common, email: "text", name: "text", phone: "text" },
    rows: rowsOf("customers"),
  },
  invoices: {
    fields: {
      ...common,
      currency: "exact",
      customer: "exact",
      "last_finalization_error.code": "exact",
      "last_finalization_error.type": "exact",
      number: "text",
      receipt_number: "text",
      status: "exact",
      subscription: "exact",
      total: "number",
    },
    rows: rowsOf("invoices"),
    related: (world, id) => {
      const invoice = world.tables.invoices.get(id);
      return { subscription: invoice ? findInvoiceSubscription(world, invoice)?.id : null };
    },
  },
  payment_intents: {
    fields: { ...common, amount: "number", currency: "exact", customer: "exact", status: "exact" },
    rows: rowsOf("paymentIntents"),
  },
  prices: {
    fields: {
      ...common,
      active: "exact",
      currency: "exact",
      lookup_key: "exact",
      product: "exact",
      type: "exact",
    },
    rows: rowsOf("prices"),
  },
  products: {
    fields: {
      ...common,
      active: "exact",
      description: "text",
      name: "text",
      shippable: "exact",
      url: "text",
    },
    rows: rowsOf("products"),
  },
  subscriptions: {
    fields: { ...common, canceled_at: "number", status: "exact" },
    rows: rowsOf("subscriptions"),
  },
};
const searchParams = paramsOf<{ query: string; limit?: number; page?: string }>()({
  query: required(text()),
  limit: whole(),
  page: text(),
});

/** The search endpoints. Unlike at Stripe, an object can be found as soon as it exists. */
export const searchRoutes: Route[] = Object.entries(resources).map(([resource, { fields, related, rows }]) =>
  route("GET", `/v1/${resource}/search`, searchParams, ({ world, params }) => {
    const query = parseQuery(params.query);
    assertSearchable(query, fields, resource);
    const found = rows(world)
      .filter((row) => matchesQuery({ ...row, ...related?.(world, row.id) }, query))
      .reverse()
      .sort((a, b) => b.created - a.created);
    return pageOf(found, params, `/v1/${resource}/search`);
  }),
);

function pageOf(
  found: unknown[],
  { limit = 10, page }: { limit: number | undefined; page: string | undefined },
  url: string,
): object {
  if (limit < 1 || limit > 100) throw invalid("Limit must be between 1 and 100.", "limit");
  const start = page === undefined ? 0 : Number(Buffer.from(page, "base64url").toString());
  if (!Number.isInteger(start)) throw invalid("Invalid page token.", "page");
  const end = start + limit;
  const hasMore = found.length > end;
  return {
    object: "search_result",
    data: found.slice(start, end),
    has_more: hasMore,
    next_page: hasMore ? Buffer.from(String(end)).toString("base64url") : null,
    total_count: found.length,
    url,
  };
}
