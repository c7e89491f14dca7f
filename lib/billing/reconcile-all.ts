import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { closeDatabase, db } from "#db/client.ts";
import { listCustomerIds } from "#lib/billing/customer-ids.ts";
import { reconcileCustomer } from "#lib/billing/reconcile.ts";
import { findStrays } from "#lib/billing/stray-customers.ts";

type Options = { dryRun: boolean; report: (line: string) => void };
type Totals = { customers: number; differ: number; fixed: number };

/**
 * Holds every customer against Stripe, one after the other, and puts right what differs; customers at Stripe that carry our
 * metadata and that we do not know are among them. A dry run changes nothing and leaves no trace.
 * @throws AppError billing_unavailable; what was done by then stays done
 */
export async function reconcileAll({ dryRun, report }: Options): Promise<Totals> {
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
  for (const customerId of await findStrays()) await reconcile(customerId);
  report(`${totals.customers} customers, ${totals.differ} differ, ${totals.fixed} fixed`);
  return totals;
}

/** `npm run billing:reconcile`, with `-- --dry-run` to be told only. */
async function run(): Promise<void> {
  const { values } = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } });
  const report = (line: string) => void process.stdout.write(`${line}\n`);
  await reconcileAll({ dryRun: values["dry-run"], report });
  await closeDatabase();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run();
