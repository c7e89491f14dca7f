import type { ChatRequest } from "./chat-request.ts";
import { longText, preparedAnswers } from "./prepared-answers.ts";
import { firstTokens } from "./tokens.ts";

export type Answer = { kind: "text"; text: string } | { kind: "tool"; name: string; args: string };

/** Decides the answer by the request's text, so the same prompt gets the same answer. */
export function chooseAnswer(request: ChatRequest): Answer {
  const system = request.messages.filter(({ role }) => role === "system" || role === "developer");
  const last = request.messages.at(-1);
  const prompt = request.messages.findLast(({ role }) => role === "user")?.text ?? "";
  const tool = last?.role === "tool" ? undefined : chooseTool(request, prompt);
  if (tool !== undefined)
    return { kind: "tool", name: tool.name, args: argumentsFor(tool.parameters, prompt) };
  if (last?.role === "tool") return text(`The tool answered: ${last.text}\n\n${disclaimer}`);
  if (system.some((message) => /\btitle\b/i.test(message.text))) return text(titleFor(prompt));
  if (request.wantsJson) return text(JSON.stringify({ sandbox: true, note: disclaimer, prompt }));
  return text(continueAnswer(request) ?? answerTo(prompt));
}

/**
 * If the request asks to go on with an answer that was cut off: its last words again, as the models that are
 * asked to repeat them do, and what it lacks of the answer that this prompt gets.
 */
function continueAnswer({ messages }: ChatRequest): string | undefined {
  const [question, answer, request] = messages.slice(-3);
  if (answer?.role !== "assistant" || !/last message was cut off/i.test(request?.text ?? ""))
    return undefined;
  const whole = answerTo(question?.text ?? "");
  const rest = whole.startsWith(answer.text) ? whole.slice(answer.text.length) : " And this is the rest.";
  return answer.text.trim().split(/\s+/).slice(-3).join(" ") + rest;
}

function answerTo(prompt: string): string {
  const exactly = /say exactly:[^\S\n]*([\s\S]+)/i.exec(prompt)?.[1];
  if (exactly !== undefined) return exactly.trimEnd();
  const length = /\blong\b\D{0,20}([\d,]{1,9})\s*tokens?\b/i.exec(prompt)?.[1];
  if (length !== undefined) return longText(Number(length.replaceAll(",", "")));
  if (/^\s*long\b|\blong (answer|text|story|essay|reply)\b/i.test(prompt)) return longText(600);
  const shown = preparedAnswers.filter(({ pattern }) => pattern.test(prompt));
  if (shown.length > 0) return [disclaimer, ...shown.map((piece) => piece.text)].join("\n\n");
  return introduction(prompt);
}

const disclaimer = "This is the sandbox: no model is thinking, and this answer was written beforehand.";

function introduction(prompt: string): string {
  const quoted = prompt.length > 400 ? `${firstTokens(prompt, 80)} …` : prompt;
  return `${disclaimer}

You wrote:

${quoted
  .split("\n")
  .map((line) => `> ${line}`)
  .join("\n")}

Everything around this answer is real: it was streamed, counted and charged as an answer of a model would be. \
Ask for **markdown**, a **table**, **code**, **math** or a **diagram** to see how they look, for \
\`long 2000 tokens\` to see a long answer, or write \`say exactly: ...\` to have your words back. \
The models whose names begin with \`sandbox-\` fail in ways of their own.`;
}

/** The first words of the prompt as a heading, without a trailing connecting word. */
function titleFor(prompt: string): string {
  const opening = prompt.replace(/^\s*(user|human|question)\s*:\s*/i, "").replace(/say exactly:/i, "");
  const words = opening.split(/\s+/).map((word) => word.replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N},]+$/gu, ""));
  const first = words
    .filter((word) => word !== "")
    .slice(0, 6)
    .join(" ")
    .slice(0, 60);
  const title = first.replace(/(,|\s|\b(and|or|a|an|the|of|in|to|with|for|by|on|at|from)$)+$/i, "");
  return title === "" ? "New conversation" : title.charAt(0).toUpperCase() + title.slice(1);
}

function chooseTool({ tools, toolChoice }: ChatRequest, prompt: string) {
  if (toolChoice === "none") return undefined;
  if (typeof toolChoice === "object") return tools.find(({ name }) => name === toolChoice.name);
  const named = tools.find(({ name }) => prompt.toLowerCase().includes(name.toLowerCase()));
  return named ?? (toolChoice === "required" || /\b(tool|function)\b/i.test(prompt) ? tools[0] : undefined);
}

/** Arguments that match the tool's schema: a simple value for each required property. */
function argumentsFor(schema: Record<string, unknown>, prompt: string): string {
  // The shape of a JSON schema.
  const properties = (schema.properties ?? {}) as Record<string, Record<string, unknown>>;
  const required = Array.isArray(schema.required) ? schema.required.map(String) : Object.keys(properties);
  return JSON.stringify(
    Object.fromEntries(required.map((name) => [name, valueFor(properties[name], prompt)])),
  );
}

function valueFor(property: Record<string, unknown> | undefined, prompt: string): unknown {
  if (Array.isArray(property?.enum)) return property.enum[0];
  const values: Record<string, unknown> = {
    number: 1,
    integer: 1,
    boolean: true,
    array: [],
    object: {},
    null: null,
  };
  const type = String(property?.type);
  return type in values ? values[type] : prompt.slice(0, 200);
}

function text(words: string): Answer {
  return { kind: "text", text: words };
}
