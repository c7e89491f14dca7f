import { readContent } from "#lib/gateways/openai/content.ts";
import { isObject, type Json } from "#lib/gateways/openai/json.ts";
import { countTextInTimeSlices, truncateText } from "#lib/usage/tokens.ts";

/**
 * Cuts each choice of a whole answer to the limit that was asked for, in place. A choice that is cut ends
 * with the reason "length"; a tool call that does not fit is dropped, because half of its arguments are
 * useless.
 */
export async function cutAnswer(json: Json, modelId: string, maxTokens: number): Promise<void> {
  if (!Array.isArray(json.choices)) return;
  for (const choice of json.choices) {
    if (isObject(choice) && isObject(choice.message))
      await cutChoice(choice, choice.message, modelId, maxTokens);
  }
}

async function cutChoice(choice: Json, message: Json, modelId: string, maxTokens: number): Promise<void> {
  const { text, reasoning, toolText } = readContent(message);
  const count = (part: string) => countTextInTimeSlices(modelId, part);
  const reasoningTokens = await count(reasoning);
  const textTokens = await count(text);
  const toolTokens = await count(toolText);
  if (reasoningTokens + textTokens + toolTokens <= maxTokens) return;
  choice.finish_reason = "length";
  if (toolText !== "") {
    delete message.tool_calls;
    delete message.function_call;
  }
  if (reasoningTokens + textTokens <= maxTokens) return;
  for (const name of ["reasoning", "reasoning_details", "thinking", "thinking_blocks"]) delete message[name];
  if (reasoning !== "") message.reasoning_content = await truncateText(modelId, reasoning, maxTokens);
  message.content = await truncateText(modelId, text, Math.max(0, maxTokens - reasoningTokens));
}
