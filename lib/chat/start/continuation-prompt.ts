import { joinContinuation } from "#lib/chat/generation/continuation/continuation.ts";
import type { CountedMessage } from "#lib/chat/start/prompt.ts";
import { countText } from "#lib/usage/tokens.ts";

/**
 * Joins the parts of each answer that was continued, so that the model reads one answer, as the user does.
 * The tokens are those of the parts, an upper bound.
 */
export function joinContinuations(messages: CountedMessage[]): CountedMessage[] {
  const joined: CountedMessage[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (last === undefined || last.role !== "assistant" || message.role !== "assistant") {
      joined.push(message);
      continue;
    }
    const reasoning = [last.reasoning, message.reasoning].filter((part) => part !== undefined).join("");
    joined[joined.length - 1] = {
      id: last.id,
      role: "assistant",
      content: joinContinuation(last.content, message.content),
      tokens: last.tokens + message.tokens,
      ...(reasoning !== "" && { reasoning }),
    };
  }
  return joined;
}

/**
 * The message that follows an unfinished answer in the prompt; it is not stored. The repeated words tell
 * `joinContinuation` where the texts meet, because most models cannot begin within a word or with a space.
 */
export function continuationRequest(model: string): CountedMessage {
  return { role: "user", content: requestText, tokens: countText(model, requestText) };
}

const requestText =
  "Your last message was cut off. Write the rest of it, in the same language and format. Begin by repeating its " +
  "last few words exactly, then go on from there. Do not add an introduction, and do not open a code block again.";
