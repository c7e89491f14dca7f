/** Why a model stopped, in OpenAI's terms; "error" is OpenRouter's. */
export type FinishReason = "stop" | "length" | "content_filter" | "tool_calls" | "error";

const synonyms: Record<string, FinishReason> = {
  stop: "stop",
  length: "length",
  content_filter: "content_filter",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
  error: "error",
  // Mistral, Google and Anthropic behind proxies.
  model_length: "length",
  max_tokens: "length",
  tool_use: "tool_calls",
  safety: "content_filter",
  recitation: "content_filter",
  refusal: "content_filter",
  // Zhipu, DeepSeek, vLLM and SGLang.
  sensitive: "content_filter",
  network_error: "error",
  insufficient_system_resource: "error",
  abort: "error",
};

/**
 * Returns an upstream's finish reason in OpenAI's terms. Unknown reasons ("eos", "end_turn") mean a complete
 * answer; null, and the texts "" and "null" that some servers send with each chunk, mean that it goes on.
 */
export function toFinishReason(value: unknown): FinishReason | null {
  if (typeof value !== "string" || value === "" || value === "null") return null;
  return synonyms[value.toLowerCase()] ?? "stop";
}

/** Whether OpenAI's API may return this value, so that it is passed on unchanged. */
export function isOpenAiFinishReason(value: unknown): boolean {
  if (value === null || value === undefined || value === "function_call") return true;
  return typeof value === "string" && value !== "error" && synonyms[value] === value;
}
