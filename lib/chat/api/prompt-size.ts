import type { CompletionRequest, ContentPart } from "#lib/chat/api/request-schema.ts";
import { countImageTokens } from "#lib/usage/image-tokens.ts";
import { tokensPerMessage, tokensPerPrompt } from "#lib/usage/protocol-tokens.ts";

/** The texts of a request that cost prompt tokens, and the tokens that it costs besides them. */
export type PromptSize = { texts: string[]; otherTokens: number };

/** Bytes of base64 per token of a recording (about 16 KB and 25 tokens a second), and of a document. */
const audioCharactersPerToken = 850;
const fileCharactersPerToken = 16;

/** Fields of a request, besides its messages, that become part of the prompt. */
const promptFields = ["tools", "functions", "tool_choice", "response_format", "prediction"] as const;

/**
 * Returns what the prompt tokens of a request are estimated from: everything that the model reads. The charge
 * uses the upstream's count.
 */
export function toPromptSize(request: CompletionRequest): PromptSize {
  let otherTokens = request.messages.length * tokensPerMessage + tokensPerPrompt;
  const texts: string[] = [];
  for (const { role: _role, content, ...fields } of request.messages) {
    texts.push(typeof content === "string" ? content : (content ?? []).map(textOf).join("\n"));
    for (const part of Array.isArray(content) ? content : []) otherTokens += tokensOf(part);
    // Names, refusals, tool calls, and reasoning under every name.
    for (const value of Object.values(fields)) texts.push(toText(value));
  }
  for (const name of promptFields) texts.push(toText(request[name]));
  return { texts: texts.filter((text) => text !== ""), otherTokens };
}

function toText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function textOf(part: ContentPart): string {
  if (part.type === "text") return part.text;
  if (part.type === "refusal") return part.refusal;
  return part.type === "thinking" ? toText(part.thinking) : "";
}

/** The tokens of a part that is no text. */
function tokensOf(part: ContentPart): number {
  if (part.type === "image_url") return countImageTokens(part.image_url.url, part.image_url.detail);
  if (part.type === "input_audio") return Math.ceil(part.input_audio.data.length / audioCharactersPerToken);
  if (part.type === "file") return Math.ceil((part.file.file_data?.length ?? 0) / fileCharactersPerToken);
  return 0;
}
