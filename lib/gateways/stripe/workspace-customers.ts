import { callStripe, callStripeOrNull, stripe } from "#lib/gateways/stripe/client.ts";

const pageSize = 100;

/** A customer at Stripe, and the workspace that its metadata or a subscription's metadata names. */
export type WorkspaceCustomer = { customerId: string; workspaceId: string };

/**
 * Lists every customer at Stripe whose metadata, or the metadata of a subscription that has not ended, names
 * a workspace. A customer may appear more than once.
 */
export async function* listWorkspaceCustomers(): AsyncGenerator<WorkspaceCustomer> {
  let after: string | undefined;
  do {
    const page = await callStripe(() => stripe().customers.list(pageAfter(after)));
    for (const { id, metadata } of page.data) yield* withWorkspace(id, metadata);
    after = page.has_more ? page.data.at(-1)?.id : undefined;
  } while (after !== undefined);
  do {
    const page = await callStripe(() => stripe().subscriptions.list(pageAfter(after)));
    for (const { customer, metadata } of page.data)
      yield* withWorkspace(typeof customer === "string" ? customer : customer.id, metadata);
    after = page.has_more ? page.data.at(-1)?.id : undefined;
  } while (after !== undefined);
}

function pageAfter(after: string | undefined) {
  return { limit: pageSize, ...(after !== undefined && { starting_after: after }) };
}

function withWorkspace(customerId: string, metadata: Record<string, string>): WorkspaceCustomer[] {
  const workspaceId = metadata.workspace_id;
  return workspaceId === undefined ? [] : [{ customerId, workspaceId }];
}

/**
 * Returns the workspace that a customer's metadata, or that of a subscription that has not ended, names; null
 * for none.
 */
export async function findWorkspaceInMetadata(customerId: string): Promise<string | null> {
  const customer = await callStripeOrNull(() => stripe().customers.retrieve(customerId));
  if (customer === null || customer.deleted === true) return null;
  const subscriptions = await callStripe(() =>
    stripe().subscriptions.list({ customer: customerId, limit: pageSize }),
  );
  const all = [customer.metadata, ...subscriptions.data.map(({ metadata }) => metadata)];
  return all.map((metadata) => metadata.workspace_id).find((id) => id !== undefined) ?? null;
}
