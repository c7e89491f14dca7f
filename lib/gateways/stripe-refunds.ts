import { ask, stripe } from "#lib/gateways/stripe-client.ts";

/** When money last went back of a charge; null where none did. */
export async function findLastRefundAt(chargeId: string): Promise<Date | null> {
  const page = await ask(() => stripe().refunds.list({ charge: chargeId, limit: 1 }));
  const created = page.data[0]?.created;
  return created === undefined ? null : new Date(created * 1_000);
}
