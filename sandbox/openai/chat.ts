import { once } from "node:events";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { readChatRequest } from "./chat-request.ts";
import { type Completion, describeUsage, prepareCompletion, toolTokens, type Usage } from "./completion.ts";
import { createFaults } from "./faults.ts";
import type { Fault } from "./models.ts";
import { badRequest } from "./openai-failure.ts";
import { createTokenTimer, type Pace, paceOf } from "./pace.ts";
import { closeEntry, type LoggedRequest } from "./request-log.ts";
import { createPromptCache, piecesOf, promptTokensOf } from "./tokens.ts";

type Exchange = {
  headers: IncomingHttpHeaders;
  response: ServerResponse;
  entry: LoggedRequest;
  /** Aborted when the client disconnects. */
  signal: AbortSignal;
  pace: Pace;
};

/** Handles chat completions. Remembers cached prompts and failures that happen once. */
export function createChat() {
  const cache = createPromptCache();
  const faults = createFaults();
  return {
    reset() {
      cache.clear();
      faults.clear();
    },
    /** @throws Failure if the request is rejected before the answer starts */
    async answer(body: unknown, exchange: Exchange): Promise<void> {
      const request = readChatRequest(body);
      const { model } = request;
      faults.refuse(model, body);
      const prompt = promptTokensOf(request);
      exchange.entry.promptTokens = prompt.length;
      if (prompt.length > model.contextWindow)
        throw badRequest(
          `This model's maximum context length is ${model.contextWindow} tokens. However, your messages resulted in ${prompt.length} tokens. Please reduce the length of the messages.`,
          { code: "context_length_exceeded", param: "messages" },
        );
      const cachedTokens = cache.read(model.id, prompt);
      const usage = { promptTokens: prompt.length, cachedTokens, completionTokens: 0, reasoningTokens: 0 };
      const pace = paceOf(exchange.headers, exchange.pace);
      const paced = { ...exchange, pace: model.fault === "endless" ? { ...pace, tokensPerSecond: 0 } : pace };
      const completion = prepareCompletion(request);
      await (request.stream ? stream(completion, usage, paced) : answerAtOnce(completion, usage, paced));
    },
  };
}

async function answerAtOnce(completion: Completion, usage: Usage, exchange: Exchange): Promise<void> {
  const { request, toolName } = completion;
  if (request.model.fault === "hang") return waitForClientToGo(exchange.signal);
  const wait = createTokenTimer(exchange.pace, exchange.signal);
  usage.completionTokens = toolTokens(completion);
  let text = "";
  let step = completion.pieces.next();
  // Limit non-streamed answers of the endless model.
  for (; !step.done && text.length < 4_000_000; step = completion.pieces.next()) {
    text += step.value.text;
    usage.completionTokens += step.value.tokens;
  }
  await wait(usage.completionTokens);
  if (request.model.fault === "cut") return breakOff(exchange);
  const call = { id: callId(completion), type: "function", function: { name: toolName, arguments: text } };
  const message = { role: "assistant", content: toolName === null ? text : null, refusal: null };
  exchange.entry.tokensSent = usage.completionTokens;
  const json = JSON.stringify({
    ...opening(completion, "chat.completion"),
    choices: [
      {
        index: 0,
        message: toolName === null ? message : { ...message, tool_calls: [call] },
        logprobs: null,
        finish_reason: step.done ? step.value : "length",
      },
    ],
    ...(request.model.fault !== "no-usage" && { usage: describeUsage(usage) }),
  });
  exchange.response.writeHead(200, { "content-type": "application/json" });
  // In a non-streamed answer, the malformed part is the JSON.
  exchange.response.end(request.model.fault === "malformed" ? json.slice(0, -20) : json);
  closeEntry(exchange.entry, "completed");
}

/** Number of tokens after which mid-stream failures occur. */
const middle = 12;

/** What the model `sandbox-thinking` thinks before it answers. */
const thoughts =
  "The sandbox thinks before it answers. It weighs the question, finds nothing to weigh, and goes on.";

/** The finish reasons of models that end in the middle. */
const earlyEndings: Partial<Record<Fault, string>> = { length: "length", "content-filter": "content_filter" };

async function stream(completion: Completion, usage: Usage, exchange: Exchange): Promise<void> {
  const { request, toolName } = completion;
  const { response, entry, signal } = exchange;
  const { fault } = request.model;
  const tellsUsage = request.includeUsage && fault !== "no-usage";
  const send = createSender(completion, tellsUsage, response, signal);
  const wait = createTokenTimer(exchange.pace, signal);
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
  });
  response.flushHeaders();
  if (fault === "hang") return waitForClientToGo(signal);

  await wait(0);
  const first = {
    index: 0,
    id: callId(completion),
    type: "function",
    function: { name: toolName, arguments: "" },
  };
  await send(
    toolName === null
      ? { role: "assistant", content: "", refusal: null }
      : { role: "assistant", content: null, tool_calls: [first], refusal: null },
  );
  usage.completionTokens = toolTokens(completion);
  if (fault === "thinking") await sendThoughts(send, wait, usage);
  let step = completion.pieces.next();
  let count = 0;
  let ending: string | undefined;
  for (; !step.done; step = completion.pieces.next(), count += 1) {
    await wait(usage.completionTokens);
    if (count === middle && fault === "stall") return waitForClientToGo(signal);
    if (count === middle && fault === "cut") return breakOff(exchange);
    if (count === middle && fault === "error-midstream") return endWithError(exchange);
    if (count === middle && fault === "malformed") response.write('data: {"id":"chatcmpl-sandbox","choi\n\n');
    ending = count === middle && fault !== null ? earlyEndings[fault] : undefined;
    if (ending !== undefined) break;
    const { text, tokens } = step.value;
    await send(
      toolName === null ? { content: text } : { tool_calls: [{ index: 0, function: { arguments: text } }] },
    );
    usage.completionTokens += tokens;
    entry.tokensSent = usage.completionTokens;
  }
  await send({}, ending ?? (step.done ? step.value : "stop"));
  if (tellsUsage) await send.usage(usage);
  response.end("data: [DONE]\n\n");
  closeEntry(entry, "completed");
}

async function sendThoughts(
  send: (delta: object) => Promise<void>,
  wait: (tokensBefore: number) => Promise<void>,
  usage: Usage,
): Promise<void> {
  for (const { text, tokens } of piecesOf(thoughts)) {
    await wait(usage.completionTokens);
    await send({ reasoning_content: text });
    usage.completionTokens += tokens;
    usage.reasoningTokens += tokens;
  }
}

/** Writes chunks with backpressure. */
function createSender(
  completion: Completion,
  tellsUsage: boolean,
  response: ServerResponse,
  signal: AbortSignal,
) {
  const start = opening(completion, "chat.completion.chunk");
  const write = async (chunk: object): Promise<void> => {
    signal.throwIfAborted();
    if (!response.write(`data: ${JSON.stringify(chunk)}\n\n`)) await once(response, "drain", { signal });
  };
  const send = (delta: object, finishReason: string | null = null) =>
    write({
      ...start,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
      ...(tellsUsage && { usage: null }),
    });
  return Object.assign(send, {
    usage: (usage: Usage) => write({ ...start, choices: [], usage: describeUsage(usage) }),
  });
}

function opening({ id, createdAt, request }: Completion, object: string) {
  return {
    id,
    object,
    created: createdAt,
    model: request.model.id,
    service_tier: "default",
    system_fingerprint: "fp_sandbox",
  };
}

function callId({ id }: Completion): string {
  return `call_${id.slice(-12)}`;
}

/** Destroys the connection after pending writes, so that the reader received the beginning. */
async function breakOff({ response, entry }: Exchange): Promise<void> {
  closeEntry(entry, "failed");
  await sleep(20);
  response.destroy();
}

function endWithError({ response, entry }: Exchange): void {
  const error = {
    message: "The server had an error while processing your request.",
    type: "server_error",
    param: null,
    code: null,
  };
  entry.error = error.type;
  response.end(`data: ${JSON.stringify({ error })}\n\n`);
  closeEntry(entry, "failed");
}

function waitForClientToGo(signal: AbortSignal): Promise<void> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
}
