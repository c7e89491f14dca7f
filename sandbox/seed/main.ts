import { sql } from "drizzle-orm";
import { closeDatabase, db } from "#db/client.ts";
import { env } from "#lib/core/env.ts";
import { seedUsers } from "#sandbox/seed/seed-users.ts";

/**
 * Fills a development or test database with demo users and five weeks of their usage. Running it again
 * changes nothing.
 * @returns the number of created users
 * @throws Error in production, and if the ledger of a created user is inconsistent (that user is rolled back)
 */
export async function seed(): Promise<{ users: number }> {
  if (env().APP_ENV === "production")
    throw new Error("The seed is for development and tests, never for production.");
  if (await isSeeded()) return { users: 0 };
  // Loaded on demand, because this program runs at every `npm run dev`.
  const { seedDatabase } = await import("#sandbox/seed/seed-database.ts");
  return { users: await seedDatabase() };
}

async function isSeeded(): Promise<boolean> {
  const emails = sql.join(
    seedUsers.map((user) => sql`${user.email}`),
    sql`, `,
  );
  const subscribers =
    env().STRIPE_API_BASE === undefined ? 0 : seedUsers.filter(({ ending }) => ending === "pro").length;
  const [row] = await db().execute<{ users: number; subscribers: number }>(sql`
    select count(distinct u.id)::int as users, count(distinct s.workspace_id)::int as subscribers
    from users u join workspaces w on w.personal_user_id = u.id left join subscriptions s on s.workspace_id = w.id
    where u.email in (${emails})`);
  return row !== undefined && row.users === seedUsers.length && row.subscribers >= subscribers;
}

if (import.meta.main) {
  const { users } = await seed();
  process.stdout.write(
    users === 0 ? "The database is already seeded.\n" : `Created ${users} users with five weeks of usage.\n`,
  );
  await closeDatabase();
}
