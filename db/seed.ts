import { closeDatabase, db, type Tx } from "#db/client.ts";
import { checkSums } from "#db/seed/check-sums.ts";
import { seedPassword, seedPeople } from "#db/seed/people.ts";
import { seedPerson } from "#db/seed/seed-person.ts";
import { subscribeToPro } from "#db/seed/subscribe.ts";
import { hashPassword } from "#lib/accounts/password.ts";
import { now } from "#lib/ground/clock.ts";
import { env } from "#lib/ground/env.ts";
import { expireGrants } from "#lib/usage/holds.ts";

/**
 * Fills a development or test database with a few people and their last five weeks, so that no page is empty. Running it
 * again changes nothing.
 * @throws Error in production, and when the books it wrote do not balance (that person is not kept then)
 */
export async function seed(): Promise<{ people: number }> {
  if (env().APP_ENV === "production")
    throw new Error("The seed is for development and tests, never for production.");
  const at = now();
  const passwordHash = await hashPassword(seedPassword);
  const added = await Promise.all(
    seedPeople.map((person) =>
      db().transaction(async (tx) => {
        const isNew = await seedPerson(tx, person, passwordHash, at);
        await refuseWrongSums(tx);
        return isNew;
      }),
    ),
  );
  await expireGrants(db(), at);
  await refuseWrongSums(db());
  if (env().STRIPE_API_BASE !== undefined)
    for (const person of seedPeople) if (person.ending === "pro") await subscribeToPro(person.email);
  return { people: added.filter((isNew) => isNew).length };
}

async function refuseWrongSums(tx: Tx): Promise<void> {
  const problems = await checkSums(tx);
  if (problems.length > 0) throw new Error(`The seed's books do not balance:\n${problems.join("\n")}`);
}

if (import.meta.main) {
  const { people } = await seed();
  process.stdout.write(
    people === 0 ? "The seed is there already.\n" : `Seeded ${people} people and their weeks.\n`,
  );
  await closeDatabase();
}
