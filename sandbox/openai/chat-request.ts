import { models, type SandboxModel } from "./models.ts";
import { badRequest, unknownModel } from "./openai-failure.ts";

type Tool = { name: string; parameters: Record<string, unknown> };
type Message = { role: string; text: string; toolCalls: string; images: number };

/** The validated fields of a chat request that the sandbox uses. */
export type ChatRequest = {
  model: SandboxModel;
  messages: Message[];
  tools: Tool[];
  toolChoice: "none" | "auto" | "required" | { name: string };
  wantsJson: boolean;
  stream: boolean;
  includeUsage: boolean;
  maxTokens: number;
  stop: string[];
};

type Json = Record<string, unknown>;

/** Validates a chat request like OpenAI. @throws Failure with 400 or 404 */
export function readChatRequest(body: unknown): ChatRequest {
  if (!isObject(body)) throw badRequest("We could not parse the JSON body of your request.");
  const model = readModel(body.model, "chat");
  if (body.n !== undefined && body.n !== null && body.n !== 1)
    throw badRequest("The sandbox gives one choice: leave out `n`.", { param: "n" });
  return {
    model,
    messages: readMessages(body.messages),
    tools: readTools(body.tools),
    toolChoice: readToolChoice(body.tool_choice),
    wantsJson: isObject(body.response_format) && /^json/.test(String(body.response_format.type)),
    stream: body.stream === true,
    includeUsage: isObject(body.stream_options) && body.stream_options.include_usage === true,
    maxTokens: readMaxTokens(body, model),
    stop: [body.stop ?? []].flat().filter((word): word is string => typeof word === "string" && word !== ""),
  };
}

/** @throws Failure with 400 without a model, with 404 for an unknown model or one of another kind */
export function readModel(id: unknown, kind: SandboxModel["kind"]): SandboxModel {
  if (typeof id !== "string" || id === "") throw badRequest("you must provide a model parameter");
  const model = models.get(id);
  if (model === undefined || model.kind !== kind) throw unknownModel(id);
  return model;
}

function readMessages(messages: unknown): Message[] {
  if (!Array.isArray(messages) || messages.length === 0)
    throw badRequest("Invalid 'messages': empty array. Expected an array with minimum length 1.", {
      code: "empty_array",
      param: "messages",
    });
  return messages.map((message: unknown, index) => {
    if (!isObject(message) || !roles.has(String(message.role)))
      throw badRequest(`Invalid value: 'messages[${index}].role'.`, {
        code: "invalid_value",
        param: `messages[${index}].role`,
      });
    const parts: unknown[] = Array.isArray(message.content) ? message.content : [];
    return {
      role: String(message.role),
      text: typeof message.content === "string" ? message.content : parts.map(textOfPart).join(""),
      toolCalls: Array.isArray(message.tool_calls) ? JSON.stringify(message.tool_calls) : "",
      images: parts.filter((part) => isObject(part) && part.type === "image_url").length,
    };
  });
}

const roles = new Set(["system", "developer", "user", "assistant", "tool"]);

function textOfPart(part: unknown): string {
  return isObject(part) && typeof part.text === "string" ? part.text : "";
}

function readTools(tools: unknown): Tool[] {
  if (!Array.isArray(tools)) return [];
  return tools.flatMap((tool: unknown) => {
    const described = isObject(tool) ? tool.function : null;
    if (!isObject(described) || typeof described.name !== "string") return [];
    return [{ name: described.name, parameters: isObject(described.parameters) ? described.parameters : {} }];
  });
}

function readToolChoice(choice: unknown): ChatRequest["toolChoice"] {
  if (choice === "none" || choice === "required") return choice;
  if (isObject(choice) && isObject(choice.function) && typeof choice.function.name === "string")
    return { name: choice.function.name };
  return "auto";
}

function readMaxTokens(body: Json, { refusesMaxTokens }: SandboxModel): number {
  if (body.max_tokens !== undefined && body.max_tokens !== null && refusesMaxTokens)
    throw badRequest(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      { code: "unsupported_parameter", param: "max_tokens" },
    );
  const limit = body.max_completion_tokens ?? body.max_tokens ?? Number.POSITIVE_INFINITY;
  if (typeof limit !== "number" || !(limit >= 1))
    throw badRequest("Invalid 'max_completion_tokens': integer below minimum value. Expected a value >= 1.", {
      code: "integer_below_min_value",
      param: "max_completion_tokens",
    });
  return limit;
}

/** Whether a value is a JSON object, not an array or null. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
