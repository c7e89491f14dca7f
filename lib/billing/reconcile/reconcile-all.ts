import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { closeDatabase, db } from "#db/client.ts";
import { listCustomerIds } from "#lib/billing/customer/list-customer-ids.ts";
import { findOrphanedCustomers } from "#lib/billing/reconcile/orphaned-customers.ts";
import { reconcileCustomer } from "#lib/billing/reconcile/reconcile-customer.ts";

type ReconcileAllOptions = { dryRun: boolean; report: (line: string) => void };
type Totals = { customers: number; differ: number; fixed: number };

/**
 * Reconciles every customer with Stripe, one by one, including customers at Stripe that carry our metadata
 * but have no row here. A dry run changes and records nothing.
 * @throws AppError billing_unavailable; what was done by then stays done
 */
export async function reconcileAll({ dryRun, report }: ReconcileAllOptions): Promise<Totals> {
  const totals = { customers: 0, differ: 0, fixed: 0 };
  const reconcile = async (customerId: string) => {
    const { found, left } = await reconcileCustomer(customerId, { mode: dryRun ? "look" : "fix" });
    for (const { what, ours, theirs } of found)
      report(`${customerId}: ${what}: here ${ours}, at Stripe ${theirs}`);
    totals.customers += 1;
    if (found.length > 0) totals.differ += 1;
    if (found.length > 0 && left.length === 0) totals.fixed += 1;
  };
  for await (const customerId of listCustomerIds(db())) await reconcile(customerId);
  for (const customerId of await findOrphanedCustomers()) await reconcile(customerId);
  report(`${totals.customers} customers, ${totals.differ} differ, ${totals.fixed} fixed`);
  return totals;
}

/** Runs `npm run billing:reconcile`; `-- --dry-run` only reports. */
async function run(): Promise<void> {
  const { values } = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } });
  const report = (line: string) => void process.stdout.write(`${line}\n`);
  await reconcileAll({ dryRun: values["dry-run"], report });
  await closeDatabase();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run();
