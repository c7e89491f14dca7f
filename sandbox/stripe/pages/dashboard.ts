import { findProductName } from "#sandbox/stripe/catalog/prices.ts";
import type { Sandbox } from "#sandbox/stripe/control/control-api.ts";
import { formatAmount, formatPrice } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { type Html, html } from "#sandbox/stripe/pages/html.ts";
import { type PageRequest, type PageResponse, page, redirect } from "#sandbox/stripe/pages/layout.ts";
import { actOnCharge, paymentsTable } from "#sandbox/stripe/pages/payments-section.ts";
import { momentText, table } from "#sandbox/stripe/pages/table.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { addMonths } from "#sandbox/stripe/subscriptions/periods.ts";
import { periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

const sections = [
  { path: "/", label: "Customers" },
  { path: "/subscriptions", label: "Subscriptions" },
  { path: "/invoices", label: "Invoices" },
  { path: "/payments", label: "Payments" },
  { path: "/events", label: "Events" },
  { path: "/webhooks", label: "Webhooks" },
] as const;
type Section = (typeof sections)[number]["path"];

/** Handles the sandbox's dashboard: customers, payments, events and the clock. */
export function handleDashboard(sandbox: Sandbox, request: PageRequest): PageResponse {
  if (request.method === "POST") {
    act(sandbox, request.form);
    actOnCharge(sandbox.world, request.form);
    return redirect(request.path);
  }
  const section = sections.find(({ path }) => path === request.path)?.path ?? "/";
  return framed(sandbox.world, section, tableOf(sandbox.world, section));
}

/** Renders a dashboard page: heading, clock, sections, content. */
export function framed(world: World, section: Section, content: Html): PageResponse {
  return page(
    "Stripe sandbox",
    html`<h1>Stripe sandbox</h1>
${clock(world, section)}
<nav aria-label="Sections">${sections.map(
      ({ path, label }) =>
        html`<a href="${path}" ${path === section && html`aria-current="page"`}>${label}</a>`,
    )}</nav>
${content}`,
  );
}

function act({ world, clockAdvancer }: Sandbox, form: URLSearchParams): void {
  const now = world.now();
  switch (form.get("action")) {
    case "hour":
      clockAdvancer.advanceTo(now + 3600);
      break;
    case "day":
      clockAdvancer.advanceTo(now + 86_400);
      break;
    case "month":
      clockAdvancer.advanceTo(addMonths(now, 1));
      break;
    case "trial-end":
      clockAdvancer.advanceTo(nextTrialEnd(world) ?? now);
      break;
    case "fail-next":
      world.chaos.failNextCharges += 1;
      break;
  }
}

/** The earliest trial end on the sandbox's clock in seconds; null without a running trial. */
function nextTrialEnd(world: World): number | null {
  const ends = world.tables.subscriptions
    .filter(({ status, test_clock: clock }) => status === "trialing" && clock === null)
    .flatMap(({ trial_end: end }) => (end === null ? [] : [end]));
  return ends.length === 0 ? null : Math.min(...ends);
}

function clock(world: World, section: Section): Html {
  const failing = world.chaos.failNextCharges;
  return html`<section class="card" aria-label="Clock"><p><strong>${momentText(world.now())}</strong>
${world.offsetSeconds > 0 && html`<span class="soft">(${Math.round(world.offsetSeconds / 8640) / 10} days ahead)</span>`}</p>
<form method="post" action="${section}" class="actions">
<button type="submit" name="action" value="hour">Advance 1 hour</button>
<button type="submit" name="action" value="day">Advance 1 day</button>
<button type="submit" name="action" value="month">Advance 1 month</button>
${nextTrialEnd(world) !== null && html`<button type="submit" name="action" value="trial-end">Advance to end of trial</button>`}
<button type="submit" name="action" value="fail-next">Fail next card payment</button>
</form>
${failing > 0 && html`<p class="bad">The next ${failing === 1 ? "card payment" : `${failing} card payments`} will fail.</p>`}
<p class="soft">Renewals are drafted at the end of a period and charged an hour later.</p></section>`;
}

function tableOf(world: World, section: Section): Html {
  switch (section) {
    case "/":
      return customers(world);
    case "/subscriptions":
      return subscriptions(world);
    case "/invoices":
      return invoices(world);
    case "/payments":
      return paymentsTable(world);
    case "/events":
      return events(world);
    case "/webhooks":
      return webhooks(world);
  }
}

function customers(world: World): Html {
  const rows = world.tables.customers
    .all()
    .reverse()
    .map(
      (customer) =>
        html`<tr><td>${customer.email}</td><td>${customer.name}</td><td>${customer.id}</td>
<td>${formatAmount(0 - customer.balance, customer.currency ?? "usd")}</td><td>${momentText(customer.created)}</td></tr>`,
    );
  return table("Customers", ["Email", "Name", "ID", "Credit", "Created"], rows, "No customers yet.");
}

function subscriptions(world: World): Html {
  const rows = world.tables.subscriptions
    .all()
    .reverse()
    .map((subscription) => {
      const item = subscription.items.data[0];
      const customer = world.tables.customers.get(idOrNull(subscription.customer) ?? "");
      const ending = subscription.cancel_at === null ? "" : `, ends ${momentText(subscription.cancel_at)}`;
      return html`<tr><td>${customer?.email ?? idOrNull(subscription.customer)}</td>
<td>${item && `${findProductName(world, item.price)}, ${formatPrice(item.price)}`}</td>
<td>${subscription.status}${ending}</td><td>${momentText(periodOf(subscription).end)}</td><td>${subscription.id}</td></tr>`;
    });
  const heads = ["Customer", "Plan", "Status", "Period ends", "ID"];
  return table("Subscriptions", heads, rows, "No subscriptions yet.");
}

function invoices(world: World): Html {
  const rows = world.tables.invoices
    .all()
    .reverse()
    .map(
      (
        invoice,
      ) => html`<tr><td>${invoice.hosted_invoice_url ? html`<a href="${invoice.hosted_invoice_url}">${invoice.number}</a>` : "Draft"}</td>
<td>${invoice.customer_email}</td><td>${formatAmount(invoice.total, invoice.currency)}</td><td>${invoice.status}</td>
<td>${momentText(invoice.created)}</td><td>${momentText(invoice.next_payment_attempt ?? invoice.automatically_finalizes_at)}</td></tr>`,
    );
  const heads = ["Number", "Customer", "Total", "Status", "Created", "Next action"];
  return table("Invoices", heads, rows, "No invoices yet.");
}

function events(world: World): Html {
  const rows = world.tables.events
    .all()
    .reverse()
    .map(
      (event) => html`<tr><td><a href="/events/${event.id}">${event.type}</a></td>
<td>${momentText(event.created)}</td><td>${event.pending_webhooks === 0 ? "" : `${event.pending_webhooks} pending`}</td></tr>`,
    );
  return table("Events", ["Type", "Time", "Deliveries"], rows, "No events yet.");
}

function webhooks(world: World): Html {
  const deliveries = world.tables.deliveries.all();
  const rows = world.tables.webhookEndpoints.all().map((endpoint) => {
    const own = deliveries.filter((delivery) => delivery.endpoint === endpoint.id);
    const count = (state: string) => own.filter((delivery) => delivery.state === state).length;
    return html`<tr><td>${endpoint.url}</td><td>${endpoint.status}</td><td>${count("succeeded")}</td>
<td>${count("pending")}</td><td>${count("failed") + count("dropped")}</td></tr>`;
  });
  const heads = ["URL", "Status", "Delivered", "Pending", "Failed"];
  return table("Webhook endpoints", heads, rows, "No webhook endpoints.");
}
