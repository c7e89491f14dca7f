import { isObject, type Json } from "#lib/gateways/openai/json.ts";

/**
 * What a model at its upstream accepts and how long it may think; an entry of the model catalog states it.
 */
export type Capabilities = {
  /** How long it may be silent before its text, in milliseconds; null for the usual timeout. */
  maxThinkingMs: number | null;
  /** The name of the field that limits the output; null if it has none. */
  outputLimitField: "max_completion_tokens" | "max_tokens" | null;
  /** The roles of instructions that it accepts. */
  instructionRoles: readonly ("system" | "developer")[];
  vision: boolean;
  tools: boolean;
  /** Whether it accepts `stream_options`, with which usage is requested. */
  streamOptions: boolean;
  /** The field in which its own reasoning has to be sent back; null if it is not sent back. */
  returnReasoningAs: "reasoning_content" | "reasoning" | null;
  /** Whether its text begins with thinking that has no opening tag, because its prompt ends with it. */
  startsThinking: boolean;
  /** Whether it accepts `temperature`; reasoning models of OpenAI do not. */
  temperature: boolean;
  /** Whether it accepts `reasoning_effort`. */
  reasoningEffort: boolean;
};

/** The capabilities of OpenAI's models. */
export const openAiCapabilities: Capabilities = {
  maxThinkingMs: null,
  outputLimitField: "max_completion_tokens",
  instructionRoles: ["system", "developer"],
  vision: true,
  tools: true,
  streamOptions: true,
  returnReasoningAs: null,
  startsThinking: false,
  temperature: true,
  reasoningEffort: false,
};

/** A request in OpenAI's terms, before it is adapted to a model. */
export type RequestBody = {
  /** The fields besides those below. */
  body: Json;
  /** The longest answer, in tokens, per choice; undefined for requests without output. */
  maxOutputTokens?: number | undefined;
  stream?: boolean;
};

/** Returns the body of a request in the form that the model accepts. */
export function toRequestBody(
  { body, maxOutputTokens, stream }: RequestBody,
  model: string,
  accepts: Capabilities,
) {
  const adapted: Json = { ...body, model };
  if (Array.isArray(body.messages)) adapted.messages = adaptRoles(body.messages, accepts);
  if (maxOutputTokens !== undefined && accepts.outputLimitField !== null)
    adapted[accepts.outputLimitField] = maxOutputTokens;
  if (stream !== undefined) adapted.stream = stream;
  if (stream !== true || !accepts.streamOptions) delete adapted.stream_options;
  else adapted.stream_options = { ...toObject(body.stream_options), include_usage: true };
  return adapted;
}

const toObject = (value: unknown): Json => (isObject(value) ? value : {});

/** Gives instructions the role that the model accepts: the other one of the two, or the user's. */
function adaptRoles(messages: unknown[], { instructionRoles }: Capabilities): unknown[] {
  const [only] = instructionRoles;
  if (instructionRoles.length > 1) return messages;
  return messages.map((message) => {
    const isInstruction = isObject(message) && (message.role === "system" || message.role === "developer");
    return isInstruction ? { ...message, role: only ?? "user" } : message;
  });
}

/** What a request needs besides text. */
export type Needs = { vision: boolean; tools: boolean };

/** Whether a model accepts what the request needs. */
export function accepts(capabilities: Capabilities, needs: Needs): boolean {
  return (capabilities.vision || !needs.vision) && (capabilities.tools || !needs.tools);
}
