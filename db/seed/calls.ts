import { idOf, numbersFor } from "#db/seed/deterministic.ts";
import { type Dialogue, dialogues } from "#db/seed/dialogues.ts";
import type { SeedPerson } from "#db/seed/people.ts";
import type { Model } from "#lib/usage/price-list.ts";

/** One call to a model in somebody's past. */
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

/** A conversation in somebody's past: its turns, each with the call that answered it. */
export type PastConversation = {
  id: string;
  dialogue: Dialogue;
  turns: { questionId: string; answerId: string; askedAt: Date; call: PastCall }[];
};

const dayMs = 86_400_000;
const weeks = 5;

/**
 * The conversations a person has had, the newest today or yesterday.
 * @param today midnight (UTC)
 */
export function conversationsOf(person: SeedPerson, today: Date, model: Model): PastConversation[] {
  const mine = person.ending === "pro" ? dialogues : dialogues.slice(0, 2);
  return mine.map((dialogue, index) => {
    const startsAt = today.getTime() - (index * 3 + 1) * dayMs + (9 + index) * 3_600_000;
    const turns = dialogue.turns.map(({ question, answer }, turn) => {
      const askedAt = new Date(startsAt + turn * 240_000);
      const id = idOf(person.email, "turn", index, turn);
      const before = dialogue.turns.slice(0, turn).flatMap((earlier) => [earlier.question, earlier.answer]);
      const call: PastCall = {
        id,
        at: new Date(askedAt.getTime() + 6_400),
        model,
        promptTokens: tokensOf([...before, question].join("\n")) + 90,
        cachedTokens: 0,
        completionTokens: tokensOf(answer),
        firstTokenMs: 420 + index * 35,
        durationMs: 6_400,
        viaApi: false,
      };
      return { questionId: idOf(id, "question"), answerId: idOf(id, "answer"), askedAt, call };
    });
    return { id: idOf(person.email, "conversation", index), dialogue, turns };
  });
}

/** About four characters a token: near enough for a past that nobody is charged for. */
function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Everyday calls over the last five weeks: fewer on weekends, more lately, none in the future. */
export function everydayCalls(person: SeedPerson, today: Date, now: Date, models: Model[]): PastCall[] {
  const random = numbersFor(person.email);
  const days = Math.min(weeks * 7, person.ageDays - 1);
  const calls: PastCall[] = [];
  for (let daysAgo = days; daysAgo >= 0; daysAgo--) {
    const day = new Date(today.getTime() - daysAgo * dayMs);
    const share = day.getUTCDay() % 6 === 0 ? 0.4 : 0.7 + random() * 0.6;
    const growth = 1 + (days - daysAgo) / (2 * weeks * 7);
    const count = Math.round(person.callsADay * share * growth);
    for (let index = 0; index < count; index++) calls.push(everydayCall(person, day, index, models, random));
  }
  return calls.filter((call) => call.at.getTime() < now.getTime() - 600_000);
}

function everydayCall(
  person: SeedPerson,
  day: Date,
  index: number,
  models: Model[],
  random: () => number,
): PastCall {
  // Six of ten calls go to the first model, the rest to whatever else the person may use.
  const other = models[1 + Math.floor(random() * (models.length - 1))];
  const model = random() < 0.6 ? models[0] : (other ?? models[0]);
  if (model === undefined) throw new Error("The price list has no model to seed with.");
  const promptTokens = 180 + Math.floor(random() ** 2 * 5_200);
  const completionTokens = 60 + Math.floor(random() * 900);
  const firstTokenMs = 250 + Math.floor(random() * 700);
  return {
    id: idOf(person.email, day.toISOString().slice(0, 10), index),
    at: new Date(day.getTime() + (7 + random() * 13) * 3_600_000),
    model,
    promptTokens,
    cachedTokens: random() < 0.3 ? Math.floor(promptTokens / 2) : 0,
    completionTokens,
    firstTokenMs,
    durationMs: firstTokenMs + completionTokens * 14,
    viaApi: person.hasApiKey && random() < 0.35,
  };
}

/** Gives calls the sizes with which they use up an amount together, the last one to the last token that fits. */
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

/** The same call with an answer as long as what is left pays for. */
export function stretchTo(call: PastCall, availableMicros: number): PastCall {
  const { inputMicrosPerMillion, outputMicrosPerMillion } = call.model.price;
  const leftMicros = availableMicros - (call.promptTokens * inputMicrosPerMillion) / 1_000_000;
  return {
    ...call,
    completionTokens: Math.max(1, Math.floor((leftMicros * 1_000_000) / outputMicrosPerMillion)),
  };
}
