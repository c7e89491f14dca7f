import { setTimeout as wait } from "node:timers/promises";
import { isObject } from "./chat-request.ts";
import { badRequest, serverError, unknownModel } from "./openai-failure.ts";

/** OpenAI's categories. A text that contains `sandbox-` and the name of one is flagged for it. */
const categories = [
  "harassment",
  "harassment/threatening",
  "hate",
  "hate/threatening",
  "illicit",
  "illicit/violent",
  "self-harm",
  "self-harm/instructions",
  "self-harm/intent",
  "sexual",
  "sexual/minors",
  "violence",
  "violence/graphic",
] as const;

const models = ["omni-moderation-latest", "text-moderation-latest"];

/**
 * Judges texts by trigger words: `sandbox-violence` is flagged as violence. `sandbox-moderation-500` makes
 * the request fail, `sandbox-moderation-hang` never gets a response, and `sandbox-moderation-slow` gets one
 * after half a second.
 * @throws Failure for an invalid request
 */
export async function moderate(body: unknown, gone: AbortSignal) {
  if (!isObject(body)) throw badRequest("We could not parse the JSON body of your request.");
  const model = body.model ?? "omni-moderation-latest";
  if (typeof model !== "string" || !models.includes(model)) throw unknownModel(String(model));
  const texts = readTexts(body.input);
  const all = texts.join("\n");
  if (all.includes("sandbox-moderation-500")) throw serverError();
  if (all.includes("sandbox-moderation-slow")) await wait(500, undefined, { signal: gone });
  if (all.includes("sandbox-moderation-hang"))
    await new Promise((_, reject) => gone.addEventListener("abort", reject, { once: true }));
  return { id: "modr-sandbox", model, results: texts.map(judge) };
}

/** Reads a text, texts, or parts; images are never flagged. */
function readTexts(input: unknown): string[] {
  const parts: unknown[] = Array.isArray(input) ? input : [input];
  const texts = parts.map((part) => (isObject(part) ? (part.type === "text" ? part.text : "") : part));
  if (texts.length === 0 || texts.some((text) => typeof text !== "string"))
    throw badRequest("'$.input' is invalid. Please check the API reference.", { param: "input" });
  // Checked above: texts.
  return Array.isArray(input) && parts.some(isObject) ? [texts.join("\n")] : (texts as string[]);
}

function judge(text: string) {
  const found = (name: string) => new RegExp(`sandbox-${name}(?![\\w/-])`).test(text);
  const verdicts = categories.map((name) => [name, found(name)] as const);
  return {
    flagged: verdicts.some(([, isFlagged]) => isFlagged),
    categories: Object.fromEntries(verdicts),
    category_scores: Object.fromEntries(
      verdicts.map(([name, isFlagged]) => [name, isFlagged ? 0.98 : 0.001]),
    ),
  };
}
