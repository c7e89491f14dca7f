import { answerControl, type Sandbox } from "#sandbox/stripe/clocks/control.ts";
import { framed } from "#sandbox/stripe/pages/dashboard.ts";
import { html } from "#sandbox/stripe/pages/html.ts";
import { notice, type PageAnswer, type PageRequest, redirect } from "#sandbox/stripe/pages/layout.ts";
import { momentText, table } from "#sandbox/stripe/pages/table.ts";

/** One event: its payload, whom it was sent to and how that went, and a button to send it again. */
export async function answerEvent(sandbox: Sandbox, id: string, request: PageRequest): Promise<PageAnswer> {
  const { world } = sandbox;
  const event = world.tables.events.get(id);
  if (!event)
    return notice("Not found", "There is no such event.", { href: "/events", label: "All events" }, 404);
  if (request.method === "POST") {
    await answerControl(sandbox, "POST", `/_control/events/${id}/resend`, {});
    return redirect(`/events/${id}`);
  }
  const attempts = world.tables.deliveries.under(id).flatMap((delivery) => {
    const url = world.tables.webhookEndpoints.get(delivery.endpoint)?.url ?? delivery.endpoint;
    if (delivery.attempts.length === 0)
      return [html`<tr><td>${url}</td><td></td><td>${delivery.state}</td><td></td></tr>`];
    return delivery.attempts.map(
      (attempt) =>
        html`<tr><td>${url}</td><td>${momentText(attempt.at)}</td><td>${attempt.status ?? "no answer"}</td><td class="wrap">${attempt.error ?? `${attempt.tookMs} ms`}</td></tr>`,
    );
  });
  const content = html`<h2>${event.type}</h2>
<p class="soft">${event.id}, ${momentText(event.created)}</p>
<form method="post" action="/events/${id}" class="actions"><button type="submit">Send again</button></form>
<h2>Deliveries</h2>
${table("Deliveries", ["Endpoint", "When", "Answer", "Details"], attempts, "No endpoint asked for this event.")}
<h2>Payload</h2>
<pre tabindex="0">${JSON.stringify(event, null, 2)}</pre>`;
  return framed(world, "/events", content);
}
