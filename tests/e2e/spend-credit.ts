import { connect } from "#db/client.ts";
import { newId } from "#lib/core/ids.ts";
import { readBalance } from "#lib/usage/balance.ts";
import { takeHold } from "#lib/usage/holds.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";

/**
 * Spends credit as one large answer would: takes a hold and settles it in full.
 * @param email the owner of the personal workspace that pays
 * @param leftMicros the credit that remains, in micro-USD
 */
export async function spendCredit(email: string, leftMicros: number): Promise<void> {
  const { sql, db } = connect(process.env.DATABASE_URL ?? "", { max: 1 });
  try {
    const [row] = await sql<{ workspaceId: string }[]>`
      select w.id as "workspaceId" from workspaces w join users u on u.id = w.personal_user_id where u.email = ${email}`;
    if (row === undefined) throw new Error(`${email} has no workspace.`);
    const at = new Date();
    const { availableMicros } = await readBalance(db, row.workspaceId, at);
    const amountMicros = availableMicros - leftMicros;
    // One US dollar per million tokens: each token costs one micro-USD.
    const rates = {
      inputMicrosPerMillion: 1_000_000,
      cachedInputMicrosPerMillion: 1_000_000,
      outputMicrosPerMillion: 1_000_000,
    };
    const holdId = newId();
    const taken = await takeHold(db, row.workspaceId, {
      holdId,
      subjectId: newId(),
      subjectKind: "request",
      model: "gpt-5.4-mini",
      amountMicros,
      minimumMicros: amountMicros,
      rates: { price: rates, cost: rates },
      at,
      expiresAt: new Date(at.getTime() + 60_000),
    });
    if (!taken.ok) throw new Error(`${amountMicros} micro-USD could not be held.`);
    await settleHold(db, row.workspaceId, holdId, {
      usage: { promptTokens: amountMicros, cachedTokens: 0, completionTokens: 0 },
      estimated: false,
      at,
      apiKeyId: null,
      interaction: {
        userId: null,
        purpose: "api",
        upstream: "openai",
        firstTokenMs: null,
        durationMs: 1_000,
        outcome: "done",
        errorCode: null,
        requestId: null,
        prompt: null,
        answer: null,
      },
    });
  } finally {
    await sql.end();
  }
}
