import { eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { users } from "#db/schema/accounts.ts";
import { conversationsOf, everydayCalls, type PastCall, sizeToSpend, stretchTo } from "#db/seed/calls.ts";
import type { SeedPerson } from "#db/seed/people.ts";
import { type Spender, spend } from "#db/seed/spend.ts";
import { writeConversation } from "#db/seed/write-conversation.ts";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import { createUser } from "#lib/accounts/users.ts";
import { freeAllowance } from "#lib/billing/entitlements.ts";
import { grantCredit } from "#lib/usage/grants.ts";
import { defaultModelId, findModel, type Model, priceList } from "#lib/usage/price-list.ts";

const dayMs = 86_400_000;

/**
 * One person with their past, unless they are there already.
 * @returns whether they are new
 */
export async function seedPerson(
  tx: Tx,
  person: SeedPerson,
  passwordHash: string,
  now: Date,
): Promise<boolean> {
  const today = new Date(Math.floor(now.getTime() / dayMs) * dayMs);
  const createdAt = new Date(today.getTime() - person.ageDays * dayMs + 8 * 3_600_000);
  const { email, name, role } = person;
  const made = await createUser(tx, { email, name, passwordHash, emailVerifiedAt: createdAt }, createdAt);
  if (made === null) return false;
  if (role !== "user") await tx.update(users).set({ role }).where(eq(users.id, made.userId));
  const spender = { ...made, createdAt, apiKeyId: await giveApiKey(tx, person, made, createdAt) };
  await giveGift(tx, person, spender);
  await livePast(tx, person, spender, today, now);
  return true;
}

async function giveApiKey(
  tx: Tx,
  person: SeedPerson,
  { userId, workspaceId }: { userId: string; workspaceId: string },
  at: Date,
): Promise<string | null> {
  if (!person.hasApiKey) return null;
  const key = {
    name: "Weekly report",
    scopes: ["chat" as const, "usage" as const],
    budgetMicros: 5_000_000,
    expiresAt: null,
  };
  return (await createApiKey(tx, workspaceId, userId, key, at)).id;
}

async function giveGift(tx: Tx, person: SeedPerson, { workspaceId, createdAt }: Spender): Promise<void> {
  if (person.giftMicros === 0) return;
  const gift = {
    kind: "manual" as const,
    amountMicros: person.giftMicros,
    startsAt: createdAt,
    expiresAt: new Date(createdAt.getTime() + 365 * dayMs),
    sourceKey: "manual:welcome",
  };
  await grantCredit(tx, workspaceId, gift, createdAt);
}

async function livePast(tx: Tx, person: SeedPerson, spender: Spender, today: Date, now: Date): Promise<void> {
  const models = modelsFor(person);
  const main = models[0];
  if (main === undefined) throw new Error("The price list has no model to seed with.");
  const past = conversationsOf(person, today, main);
  const everyday = everydayCalls(person, today, now, models);
  const sized =
    person.ending === "used up"
      ? sizeToSpend(everyday, freeAllowance(spender.createdAt, now).amountMicros * 0.97)
      : everyday;
  const inTalk = past.flatMap((conversation) => conversation.turns.map((turn) => turn.call));
  const paid = await spendInOrder(tx, spender, [...inTalk, ...sized], person.ending === "used up");
  for (const conversation of past) await writeConversation(tx, spender, conversation, paid);
}

async function spendInOrder(tx: Tx, spender: Spender, calls: PastCall[], toTheEnd: boolean) {
  const paid = new Map<string, { holdId: string; chargedMicros: number }>();
  let availableMicros = 0;
  const inOrder = calls.toSorted((one, other) => one.at.getTime() - other.at.getTime());
  for (const call of inOrder) {
    const last = toTheEnd && call === inOrder.at(-1);
    const done = await spend(tx, spender, last ? stretchTo(call, availableMicros) : call);
    if (done === null) continue;
    paid.set(call.id, done);
    availableMicros = done.availableMicros;
  }
  return paid;
}

/** The models a person would have used, the default one first. */
function modelsFor(person: SeedPerson): Model[] {
  const main = findModel(defaultModelId());
  const mayUse = (model: Model) => model.gate === "free" || person.ending === "pro";
  const others = priceList().filter(
    (model) =>
      model.kind === "chat" && model.listed && model.id !== main?.id && mayUse(model) && !isForTests(model),
  );
  return main === undefined ? others : [main, ...others.slice(0, 3)];
}

/** The sandbox's models, which fail on demand, were nobody's choice. */
function isForTests(model: Model): boolean {
  return model.id.startsWith("sandbox-");
}
