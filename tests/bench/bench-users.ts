import { randomUUID } from "node:crypto";
import { encode } from "next-auth/jwt";
import { connect, pointDatabaseAt } from "#db/client.ts";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import { createSession } from "#lib/accounts/sessions.ts";
import { createUser } from "#lib/accounts/users.ts";
import { grantCredit } from "#lib/usage/grants.ts";

/** A signed-in user with credit, a conversation that has a title, and an API key. */
export type BenchUser = { cookie: string; conversationId: string; apiKey: string };

const cookieName = "authjs.session-token";
const day = 86_400_000;

/**
 * Creates users. Many are needed, because each workspace may start 60 answers a minute.
 * @param secret the AUTH_SECRET that the app was started with
 */
export async function createBenchUsers(
  databaseUrl: string,
  secret: string,
  count: number,
): Promise<BenchUser[]> {
  const connection = connect(databaseUrl, { max: 10 });
  pointDatabaseAt(connection);
  const at = new Date();
  const createOne = async (): Promise<BenchUser> => {
    const user = { email: `${randomUUID()}@bench.example`, name: "Bench", emailVerifiedAt: at };
    const created = await createUser(connection.db, user, at);
    if (created === null) throw new Error("The email address is taken.");
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
    // The conversation has a title, because generating one is a separate job.
    await connection.sql`
      insert into conversations (id, workspace_id, user_id, title, title_source, model, created_at, updated_at)
      values (${conversationId}, ${workspaceId}, ${userId}, 'Bench', 'named', 'bench-20-0', ${at.toISOString()}, ${at.toISOString()})`;
    const key = {
      name: "bench",
      scopes: ["chat" as const, "usage" as const],
      budgetMicros: null,
      expiresAt: null,
    };
    const { secret: apiKey } = await createApiKey(connection.db, workspaceId, userId, key, at);
    return { cookie: `${cookieName}=${token}`, conversationId, apiKey };
  };
  const users: BenchUser[] = [];
  while (users.length < count) users.push(...(await Promise.all(Array.from({ length: 20 }, createOne))));
  await connection.sql.end();
  return users;
}
