import { sql } from "drizzle-orm";
import { closeDatabase, db } from "#db/client.ts";
import { seedPeople } from "#db/seed/people.ts";
import { env } from "#lib/core/env.ts";

/**
 * Fills a development or test database with a few people and their last five weeks, so that no page is empty. Running it
 * again changes nothing.
 * @returns how many people are new
 * @throws Error in production, and when the books it wrote do not balance (that person is not kept then)
 */
export async function seed(): Promise<{ people: number }> {
  if (env().APP_ENV === "production")
    throw new Error("The seed is for development and tests, never for production.");
  if (await isSeeded()) return { people: 0 };
  // Loaded only when there is something to do: this runs at every start of development.
  const { writePast } = await import("#db/seed/write-past.ts");
  return { people: await writePast() };
}

async function isSeeded(): Promise<boolean> {
  const emails = sql.join(
    seedPeople.map((person) => sql`${person.email}`),
    sql`, `,
  );
  const payers =
    env().STRIPE_API_BASE === undefined ? 0 : seedPeople.filter(({ ending }) => ending === "pro").length;
  const [row] = await db().execute<{ people: number; payers: number }>(sql`
    select count(distinct u.id)::int as people, count(distinct s.workspace_id)::int as payers
    from users u join workspaces w on w.personal_user_id = u.id left join subscriptions s on s.workspace_id = w.id
    where u.email in (${emails})`);
  return row !== undefined && row.people === seedPeople.length && row.payers >= payers;
}

if (import.meta.main) {
  const { people } = await seed();
  process.stdout.write(
    people === 0 ? "The seed is there already.\n" : `Seeded ${people} people and their weeks.\n`,
  );
  await closeDatabase();
}
