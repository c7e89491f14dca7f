import { randomUUID } from "node:crypto";
import { encode } from "next-auth/jwt";
import { connect, pointDatabaseAt } from "#db/client.ts";
import { createSession } from "#lib/accounts/sessions.ts";
import { createUser } from "#lib/accounts/users.ts";
import { grantCredit } from "#lib/usage/grants.ts";

/** Somebody who is signed in, with credit and a conversation that has its title already. */
export type Chatter = { cookie: string; conversationId: string };

const cookieName = "authjs.session-token";
const day = 86_400_000;

/**
 * Makes people through the rooms' own functions. Many, because each workspace may ask 60 times a minute.
 * @param secret the AUTH_SECRET that the app was started with
 */
export async function makePeople(databaseUrl: string, secret: string, count: number): Promise<Chatter[]> {
  const connection = connect(databaseUrl, { max: 10 });
  pointDatabaseAt(connection);
  const at = new Date();
  const makeOne = async (): Promise<Chatter> => {
    const person = { email: `${randomUUID()}@bench.example`, name: "Bench" };
    const created = await createUser(connection.db, person, at);
    if (created === null) throw new Error("The address was taken.");
    const { userId, workspaceId } = created;
    await grantCredit(
      connection.db,
      workspaceId,
      {
        kind: "manual",
        amountMicros: 1_000_000_000,
        startsAt: at,
        expiresAt: new Date(at.getTime() + day),
        sourceKey: "bench",
      },
      at,
    );
    const claims = await createSession(connection.db, { userId, userAgent: "bench" }, at);
    const token = await encode({
      token: { sub: userId, ...claims },
      secret,
      salt: cookieName,
      maxAge: day / 1000,
    });
    const conversationId = randomUUID();
    // A conversation with a title: naming it is a job of its own, once a conversation, and not part of
    // answering.
    await connection.sql`
      insert into conversations (id, workspace_id, user_id, title, title_source, model, created_at, updated_at)
      values (${conversationId}, ${workspaceId}, ${userId}, 'Bench', 'named', 'bench-20-0', ${at.toISOString()}, ${at.toISOString()})`;
    return { cookie: `${cookieName}=${token}`, conversationId };
  };
  const people: Chatter[] = [];
  while (people.length < count) people.push(...(await Promise.all(Array.from({ length: 20 }, makeOne))));
  await connection.sql.end();
  return people;
}
