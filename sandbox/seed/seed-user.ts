import { eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { users } from "#db/schema/accounts.ts";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import { storeTotpSecret } from "#lib/accounts/second-factors/totp.ts";
import { createUser, setLocale } from "#lib/accounts/users.ts";
import { freeAllowance } from "#lib/billing/entitlements/entitlements.ts";
import { grantCredit } from "#lib/usage/grants.ts";
import { defaultModelId, findModel, type Model, priceList } from "#lib/usage/price-list.ts";
import {
  extendToSpend,
  generateDailyCalls,
  type PastCall,
  sizeToSpend,
  toPastConversations,
} from "#sandbox/seed/past-calls.ts";
import { replayCall, type SeedAccount } from "#sandbox/seed/replay-call.ts";
import { type SeedUser, seedTotpKey } from "#sandbox/seed/seed-users.ts";
import { writeConversation } from "#sandbox/seed/write-conversation.ts";

const dayMs = 86_400_000;

/**
 * Creates a demo user with past usage, unless the user exists.
 * @returns whether the user was created
 */
export async function seedUser(tx: Tx, user: SeedUser, passwordHash: string, now: Date): Promise<boolean> {
  const today = new Date(Math.floor(now.getTime() / dayMs) * dayMs);
  const createdAt = new Date(today.getTime() - user.ageDays * dayMs + 8 * 3_600_000);
  const { email, name, role } = user;
  const created = await createUser(tx, { email, name, passwordHash, emailVerifiedAt: createdAt }, createdAt);
  if (created === null) return false;
  if (user.language !== null) await setLocale(tx, created.userId, user.language);
  if (role === "operator") {
    await tx.update(users).set({ role }).where(eq(users.id, created.userId));
    await storeTotpSecret(tx, created.userId, seedTotpKey, createdAt);
  }
  const account = { ...created, createdAt, apiKeyId: await createDemoKey(tx, user, created, createdAt) };
  await grantGift(tx, user, account);
  await writeUsage(tx, user, account, today, now);
  return true;
}

async function createDemoKey(
  tx: Tx,
  user: SeedUser,
  { userId, workspaceId }: { userId: string; workspaceId: string },
  at: Date,
): Promise<string | null> {
  if (!user.hasApiKey) return null;
  const key = {
    name: "Weekly report",
    scopes: ["chat" as const, "usage" as const],
    budgetMicros: 5_000_000,
    expiresAt: null,
  };
  return (await createApiKey(tx, workspaceId, userId, key, at)).id;
}

async function grantGift(tx: Tx, user: SeedUser, { workspaceId, createdAt }: SeedAccount): Promise<void> {
  if (user.giftMicros === 0) return;
  const gift = {
    kind: "manual" as const,
    amountMicros: user.giftMicros,
    startsAt: createdAt,
    expiresAt: new Date(createdAt.getTime() + 365 * dayMs),
    sourceKey: "manual:welcome",
  };
  await grantCredit(tx, workspaceId, gift, createdAt);
}

async function writeUsage(
  tx: Tx,
  user: SeedUser,
  account: SeedAccount,
  today: Date,
  now: Date,
): Promise<void> {
  const models = modelsFor(user);
  const main = models[0];
  if (main === undefined) throw new Error("The price list has no model to seed with.");
  const past = toPastConversations(user, today, main);
  const daily = generateDailyCalls(user, today, now, models);
  const sized =
    user.ending === "used up"
      ? sizeToSpend(daily, freeAllowance(account.createdAt, now).amountMicros * 0.97)
      : daily;
  const chatCalls = past.flatMap((conversation) => conversation.turns.map((turn) => turn.call));
  const paid = await replayInOrder(tx, account, [...chatCalls, ...sized], user.ending === "used up");
  for (const conversation of past) await writeConversation(tx, account, conversation, paid);
}

async function replayInOrder(tx: Tx, account: SeedAccount, calls: PastCall[], spendAll: boolean) {
  const paid = new Map<string, { holdId: string; chargedMicros: number }>();
  let availableMicros = 0;
  const inOrder = calls.toSorted((one, other) => one.at.getTime() - other.at.getTime());
  for (const call of inOrder) {
    const last = spendAll && call === inOrder.at(-1);
    const result = await replayCall(tx, account, last ? extendToSpend(call, availableMicros) : call);
    if (result === null) continue;
    paid.set(call.id, result);
    availableMicros = result.availableMicros;
  }
  return paid;
}

/** The models that the user may use, the default model first. */
function modelsFor(user: SeedUser): Model[] {
  const main = findModel(defaultModelId());
  const isAllowed = (model: Model) => model.gate === "free" || user.ending === "pro";
  const others = priceList().filter(
    (model) =>
      model.kind === "chat" &&
      model.listed &&
      model.id !== main?.id &&
      isAllowed(model) &&
      !isForTests(model),
  );
  return main === undefined ? others : [main, ...others.slice(0, 3)];
}

/** The sandbox's test models, which fail on demand. */
function isForTests(model: Model): boolean {
  return model.id.startsWith("sandbox-");
}
