import { isObject, type Json } from "#lib/gateways/openai/json.ts";

/** What a model wrote in a `delta` or a `message`. */
export type Content = {
  text: string;
  /** The model's thinking, under whichever name it was sent. */
  reasoning: string;
  /** Names and arguments of tool calls, which the model wrote as well. */
  toolText: string;
  /** Whether the object was changed to OpenAI's form. */
  isChanged: boolean;
};

/**
 * Reads a `delta` or `message` and converts it in place to OpenAI's form: content as text instead of a list
 * of parts (Mistral), with their thinking as `reasoning_content`, and arguments of tools as text (Ollama).
 */
export function readContent(source: Json): Content {
  const { content, refusal } = source;
  const isList = Array.isArray(content);
  let text = typeof content === "string" ? content : "";
  let reasoning = readReasoning(source);
  if (isList) {
    text = textOfParts(content, "text");
    const thinking = textOfParts(content, "thinking");
    source.content = text;
    if (reasoning === "" && thinking !== "") {
      reasoning = thinking;
      source.reasoning_content = thinking;
    }
  }
  if (typeof refusal === "string") text += refusal;
  const tools = source.tool_calls === undefined ? noTools : readTools(source.tool_calls);
  return {
    text,
    reasoning,
    toolText: tools.text + textOfFunction(source.function_call).text,
    isChanged: isList || tools.isChanged,
  };
}

/**
 * Returns the thinking of a `delta` or `message`. Servers that send it under several names repeat the same
 * text, so only one of them counts: `reasoning_content` (DeepSeek, vLLM, SGLang, LiteLLM), `reasoning` (vLLM,
 * OpenRouter, Groq, Ollama), `reasoning_details` (OpenRouter), `thinking`, `thinking_blocks` (LiteLLM).
 */
function readReasoning(source: Json): string {
  return (
    textOfReasoning(source.reasoning_content) ||
    textOfReasoning(source.reasoning) ||
    textOfReasoning(source.reasoning_details) ||
    textOfReasoning(source.thinking) ||
    textOfReasoning(source.thinking_blocks)
  );
}

/** Reasoning is a text, or objects with a text under one of these names; encrypted parts have none. */
function textOfReasoning(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textOfReasoning).join("");
  if (!isObject(value)) return "";
  return textOfReasoning(value.text ?? value.summary ?? value.thinking ?? value.content);
}

/** Joins the parts of one kind. A part without a type, or that is a text itself, is text. */
function textOfParts(parts: unknown[], kind: "text" | "thinking"): string {
  let text = "";
  for (const part of parts) {
    if (typeof part === "string") text += kind === "text" ? part : "";
    else if (isObject(part)) {
      const isThinking = part.type === "thinking" || part.type === "reasoning";
      if (isThinking === (kind === "thinking")) text += isThinking ? textOfReasoning(part) : partText(part);
    }
  }
  return text;
}

function partText({ text, refusal }: Json): string {
  return (typeof text === "string" ? text : "") + (typeof refusal === "string" ? refusal : "");
}

type ToolText = { text: string; isChanged: boolean };
const noTools: ToolText = { text: "", isChanged: false };

function readTools(calls: unknown): ToolText {
  if (!Array.isArray(calls)) return noTools;
  let text = "";
  let isChanged = false;
  for (const call of calls) {
    if (!isObject(call)) continue;
    const read = textOfFunction(call.function ?? call.custom);
    text += read.text;
    isChanged ||= read.isChanged;
  }
  return { text, isChanged };
}

function textOfFunction(fn: unknown): ToolText {
  if (!isObject(fn)) return noTools;
  const isChanged = isObject(fn.arguments);
  if (isChanged) fn.arguments = JSON.stringify(fn.arguments);
  const args = fn.arguments ?? fn.input;
  const name = typeof fn.name === "string" ? fn.name : "";
  return { text: name + (typeof args === "string" ? args : ""), isChanged };
}
