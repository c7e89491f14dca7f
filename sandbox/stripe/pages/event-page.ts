import { handleControlCall, type Sandbox } from "#sandbox/stripe/control/control-api.ts";
import { framed } from "#sandbox/stripe/pages/dashboard.ts";
import { html } from "#sandbox/stripe/pages/html.ts";
import { notice, type PageRequest, type PageResponse, redirect } from "#sandbox/stripe/pages/layout.ts";
import { momentText, table } from "#sandbox/stripe/pages/table.ts";

/** Handles the page of one event: payload, delivery attempts and a resend button. */
export async function handleEventPage(
  sandbox: Sandbox,
  id: string,
  request: PageRequest,
): Promise<PageResponse> {
  const { world } = sandbox;
  const event = world.tables.events.get(id);
  if (!event)
    return notice("Not found", "This event doesn't exist.", { href: "/events", label: "All events" }, 404);
  if (request.method === "POST") {
    await handleControlCall(sandbox, "POST", `/_control/events/${id}/resend`, {});
    return redirect(`/events/${id}`);
  }
  const attempts = world.tables.deliveries.under(id).flatMap((delivery) => {
    const url = world.tables.webhookEndpoints.get(delivery.endpoint)?.url ?? delivery.endpoint;
    if (delivery.attempts.length === 0)
      return [html`<tr><td>${url}</td><td></td><td>${delivery.state}</td><td></td></tr>`];
    return delivery.attempts.map(
      (attempt) =>
        html`<tr><td>${url}</td><td>${momentText(attempt.at)}</td><td>${attempt.status ?? "No response"}</td><td class="wrap">${attempt.error ?? `${attempt.tookMs} ms`}</td></tr>`,
    );
  });
  const content = html`<h2>${event.type}</h2>
<p class="soft">${event.id}, ${momentText(event.created)}</p>
<form method="post" action="/events/${id}" class="actions"><button type="submit">Resend</button></form>
<h2>Deliveries</h2>
${table("Deliveries", ["Endpoint", "Time", "Response", "Details"], attempts, "No endpoint subscribes to this event.")}
<h2>Payload</h2>
<pre tabindex="0">${JSON.stringify(event, null, 2)}</pre>`;
  return framed(world, "/events", content);
}
