import { db, type Tx } from "#db/client.ts";
import { checkSums } from "#db/seed/check-sums.ts";
import { seedPassword, seedPeople } from "#db/seed/people.ts";
import { seedPerson } from "#db/seed/seed-person.ts";
import { subscribeToPro } from "#db/seed/subscribe.ts";
import { writeRevenuePast } from "#db/seed/write-revenue-past.ts";
import { hashPassword } from "#lib/accounts/password.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import { expireGrants } from "#lib/usage/holds.ts";

/**
 * Writes whoever is not there yet, each in a transaction of their own, then lets old credit expire and puts on Pro who
 * should be.
 * @returns how many people are new
 */
export async function writePast(): Promise<number> {
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
  await writeRevenuePast(db(), at);
  await refuseWrongSums(db());
  if (env().STRIPE_API_BASE !== undefined)
    for (const person of seedPeople) if (person.ending === "pro") await subscribeToPro(person.email);
  return added.filter((isNew) => isNew).length;
}

async function refuseWrongSums(tx: Tx): Promise<void> {
  const problems = await checkSums(tx);
  if (problems.length > 0) throw new Error(`The seed's books do not balance:\n${problems.join("\n")}`);
}
