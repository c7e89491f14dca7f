import { db, type Tx } from "#db/client.ts";
import { hashPassword } from "#lib/accounts/password.ts";
import { now } from "#lib/core/clock.ts";
import { databaseUrls, env } from "#lib/core/env.ts";
import { installQueues } from "#lib/core/queue.ts";
import { jobs } from "#lib/jobs/jobs.ts";
import { expireGrants } from "#lib/usage/holds.ts";
import { findLedgerErrors } from "#sandbox/seed/check-ledger.ts";
import { seedUser } from "#sandbox/seed/seed-user.ts";
import { seedPassword, seedUsers } from "#sandbox/seed/seed-users.ts";
import { subscribeToPro } from "#sandbox/seed/subscribe-to-pro.ts";
import { writeRevenueHistory } from "#sandbox/seed/write-revenue-history.ts";

/**
 * Creates the missing demo users, each in its own transaction, expires old credit, and subscribes users to
 * Pro where the sandbox's Stripe is available.
 * @returns the number of created users
 */
export async function seedDatabase(): Promise<number> {
  // A sync writes jobs; the app may not have created the queues yet.
  await installQueues(databaseUrls().migration, jobs);
  const at = now();
  const passwordHash = await hashPassword(seedPassword);
  const added = await Promise.all(
    seedUsers.map((user) =>
      db().transaction(async (tx) => {
        const isNew = await seedUser(tx, user, passwordHash, at);
        await assertLedger(tx);
        return isNew;
      }),
    ),
  );
  await expireGrants(db(), at);
  await writeRevenueHistory(db(), at);
  await assertLedger(db());
  if (env().STRIPE_API_BASE !== undefined)
    for (const user of seedUsers) if (user.ending === "pro") await subscribeToPro(user.email);
  return added.filter((isNew) => isNew).length;
}

async function assertLedger(tx: Tx): Promise<void> {
  const errors = await findLedgerErrors(tx);
  if (errors.length > 0)
    throw new Error(`The ledger of the demo data is inconsistent:\n${errors.join("\n")}`);
}
