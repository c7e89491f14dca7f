import { ask, askFor, stripe } from "#lib/gateways/stripe-client.ts";

const pageSize = 100;

/** A customer at Stripe, and the workspace that its own or its subscription's metadata names. */
export type NamedCustomer = { customerId: string; workspaceId: string };

/** Every customer of Stripe's that names a workspace, by itself or by a subscription that has not ended. Some come twice. */
export async function* namedCustomers(): AsyncGenerator<NamedCustomer> {
  let after: string | undefined;
  do {
    const page = await ask(() => stripe().customers.list(pageAfter(after)));
    for (const { id, metadata } of page.data) yield* named(id, metadata);
    after = page.has_more ? page.data.at(-1)?.id : undefined;
  } while (after !== undefined);
  do {
    const page = await ask(() => stripe().subscriptions.list(pageAfter(after)));
    for (const { customer, metadata } of page.data)
      yield* named(typeof customer === "string" ? customer : customer.id, metadata);
    after = page.has_more ? page.data.at(-1)?.id : undefined;
  } while (after !== undefined);
}

function pageAfter(after: string | undefined) {
  return { limit: pageSize, ...(after !== undefined && { starting_after: after }) };
}

function named(customerId: string, metadata: Record<string, string>): NamedCustomer[] {
  const workspaceId = metadata.workspace_id;
  return workspaceId === undefined ? [] : [{ customerId, workspaceId }];
}

/** The workspace that a customer names, by itself or by a subscription that has not ended; null for none. */
export async function findNamedWorkspace(customerId: string): Promise<string | null> {
  const customer = await askFor(() => stripe().customers.retrieve(customerId));
  if (customer === null || customer.deleted === true) return null;
  const subscriptions = await ask(() =>
    stripe().subscriptions.list({ customer: customerId, limit: pageSize }),
  );
  const all = [customer.metadata, ...subscriptions.data.map(({ metadata }) => metadata)];
  return all.map((metadata) => metadata.workspace_id).find((id) => id !== undefined) ?? null;
}
