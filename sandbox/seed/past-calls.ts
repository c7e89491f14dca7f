import type { Model } from "#lib/usage/price-list.ts";
import { createRandom, stableId } from "#sandbox/seed/deterministic-values.ts";
import { germanConversations } from "#sandbox/seed/german-conversations.ts";
import { type SampleConversation, sampleConversations } from "#sandbox/seed/sample-conversations.ts";
import type { SeedUser } from "#sandbox/seed/seed-users.ts";

/** A model call of a demo user in the past. */
export type PastCall = {
  id: string;
  at: Date;
  model: Model;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  firstTokenMs: number;
  durationMs: number;
  viaApi: boolean;
};

/** A past conversation of a demo user: its turns, each with the call that produced the answer. */
export type PastConversation = {
  id: string;
  sample: SampleConversation;
  turns: { questionId: string; answerId: string; askedAt: Date; call: PastCall }[];
};

const dayMs = 86_400_000;
const weeks = 5;

/**
 * The past conversations of a user, the newest one yesterday.
 * @param today midnight (UTC)
 */
export function toPastConversations(user: SeedUser, today: Date, model: Model): PastConversation[] {
  const samples = samplesFor(user);
  return samples.map((sample, index) => {
    const startsAt = today.getTime() - (index * 3 + 1) * dayMs + (9 + index) * 3_600_000;
    const turns = sample.turns.map(({ question, answer }, turn) => {
      const askedAt = new Date(startsAt + turn * 240_000);
      const id = stableId(user.email, "turn", index, turn);
      const before = sample.turns.slice(0, turn).flatMap((earlier) => [earlier.question, earlier.answer]);
      const call: PastCall = {
        id,
        at: new Date(askedAt.getTime() + 6_400),
        model,
        promptTokens: estimateTokens([...before, question].join("\n")) + 90,
        cachedTokens: 0,
        completionTokens: estimateTokens(answer),
        firstTokenMs: 420 + index * 35,
        durationMs: 6_400,
        viaApi: false,
      };
      return { questionId: stableId(id, "question"), answerId: stableId(id, "answer"), askedAt, call };
    });
    return { id: stableId(user.email, "conversation", index), sample, turns };
  });
}

function samplesFor({ language, ending }: SeedUser): SampleConversation[] {
  if (language === "de") return germanConversations;
  return ending === "pro" ? sampleConversations : sampleConversations.slice(0, 2);
}

/** Estimates about four characters per token, which is good enough for demo data. */
function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Generates calls over the last five weeks: fewer on weekends, more in recent weeks, none in the future. */
export function generateDailyCalls(user: SeedUser, today: Date, now: Date, models: Model[]): PastCall[] {
  const random = createRandom(user.email);
  const days = Math.min(weeks * 7, user.ageDays - 1);
  const calls: PastCall[] = [];
  for (let daysAgo = days; daysAgo >= 0; daysAgo--) {
    const day = new Date(today.getTime() - daysAgo * dayMs);
    const share = day.getUTCDay() % 6 === 0 ? 0.4 : 0.7 + random() * 0.6;
    const growth = 1 + (days - daysAgo) / (2 * weeks * 7);
    const count = Math.round(user.callsPerDay * share * growth);
    for (let index = 0; index < count; index++) calls.push(generateCall(user, day, index, models, random));
  }
  return calls.filter((call) => call.at.getTime() < now.getTime() - 600_000);
}

function generateCall(
  user: SeedUser,
  day: Date,
  index: number,
  models: Model[],
  random: () => number,
): PastCall {
  // Six of ten calls use the first model, the others any other model of the user.
  const other = models[1 + Math.floor(random() * (models.length - 1))];
  const model = random() < 0.6 ? models[0] : (other ?? models[0]);
  if (model === undefined) throw new Error("The price list has no model to seed with.");
  const promptTokens = 180 + Math.floor(random() ** 2 * 5_200);
  const completionTokens = 60 + Math.floor(random() * 900);
  const firstTokenMs = 250 + Math.floor(random() * 700);
  return {
    id: stableId(user.email, day.toISOString().slice(0, 10), index),
    at: new Date(day.getTime() + (7 + random() * 13) * 3_600_000),
    model,
    promptTokens,
    cachedTokens: random() < 0.3 ? Math.floor(promptTokens / 2) : 0,
    completionTokens,
    firstTokenMs,
    durationMs: firstTokenMs + completionTokens * 14,
    viaApi: user.hasApiKey && random() < 0.35,
  };
}

/** Sizes calls so that together they cost about the amount, in micro-USD. */
export function sizeToSpend(calls: PastCall[], amountMicros: number): PastCall[] {
  return calls.map((call) => {
    const share = amountMicros / calls.length;
    const { inputMicrosPerMillion, outputMicrosPerMillion } = call.model.price;
    const promptTokens = Math.floor((share * 0.6 * 1_000_000) / inputMicrosPerMillion);
    const completionTokens = Math.floor((share * 0.4 * 1_000_000) / outputMicrosPerMillion);
    return {
      ...call,
      promptTokens,
      cachedTokens: 0,
      completionTokens,
      durationMs: 400 + completionTokens * 3,
    };
  });
}

/** Extends the answer of a call so that it costs the remaining credit. */
export function extendToSpend(call: PastCall, availableMicros: number): PastCall {
  const { inputMicrosPerMillion, outputMicrosPerMillion } = call.model.price;
  const remainingMicros = availableMicros - (call.promptTokens * inputMicrosPerMillion) / 1_000_000;
  return {
    ...call,
    completionTokens: Math.max(1, Math.floor((remainingMicros * 1_000_000) / outputMicrosPerMillion)),
  };
}
