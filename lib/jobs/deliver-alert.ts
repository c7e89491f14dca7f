import type { Alert } from "#lib/core/alerts.ts";
import { env } from "#lib/core/env.ts";
import { newId } from "#lib/core/ids.ts";
import { deliverEmail } from "#lib/gateways/mail.ts";

const timeoutMs = 10_000;

/**
 * Delivers an alert through one channel.
 * @throws Error if the mail server or webhook failed, so that the job is retried
 */
export async function deliverAlert({
  channel,
  ...alert
}: Alert & { channel: "mail" | "webhook" }): Promise<void> {
  if (channel === "mail") await emailAlert(alert);
  else await postAlert(alert);
}

async function emailAlert({ key, title, detail }: Alert): Promise<void> {
  const { ALERT_EMAIL: to, APP_NAME, APP_URL } = env();
  if (to === undefined) return;
  const text = `${detail}\n\nThis problem is reported once an hour at most, under the key "${key}".\n${APP_URL}\n`;
  const html = `<pre style="white-space: pre-wrap; font: inherit">${escapeHtml(text)}</pre>`;
  const delivery = await deliverEmail({ id: newId(), to, subject: `${APP_NAME}: ${title}`, text, html });
  if (!delivery.ok && !delivery.permanent)
    throw new Error(`The mail server did not accept an alert: ${delivery.reason}`);
}

async function postAlert({ key, title, detail }: Alert): Promise<void> {
  const url = env().ALERT_WEBHOOK_URL;
  if (url === undefined) return;
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    // Slack and Mattermost show the field "text".
    body: JSON.stringify({ key, title, detail, text: `${title}: ${detail}` }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`The alert webhook returned ${response.status}`);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
