import type { ChatState, ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";
import { joinContinuation } from "#lib/chat/generation/continuation/continuation.ts";
import type { Receipt } from "#lib/chat/generation/stream-events.ts";

/** A version of a message; `model` is null for the user's messages. */
export type Sibling = { id: string; model: string | null };

/**
 * A message as it is shown: an answer that was continued is one message with the id of its first part.
 * `siblings` are all versions of it, including itself.
 */
export type VisibleMessage = ClientMessage & {
  siblings: Sibling[];
  /** The ids of all parts, in order. */
  ids: string[];
  /** The id of the last part. */
  endId: string;
  /** The last part that has text, which a continuation follows. */
  continueFromId: string;
  /** The receipts of all parts. */
  receipts: Receipt[];
};

type Tree = Pick<ChatState, "messages" | "leafId">;

/** Returns the branch from the first message to the leaf; it ends with the user's message in a comparison. */
export function visibleBranch(state: Tree): VisibleMessage[] {
  const { messages } = state;
  const byId = new Map(messages.map((message) => [message.id, message]));
  const children = new Map<string | null, Sibling[]>();
  for (const { id, parentId, model } of messages) {
    const siblings = children.get(parentId);
    if (siblings === undefined) children.set(parentId, [{ id, model }]);
    else siblings.push({ id, model });
  }
  const leafId = branchEnd(state);
  const branch: VisibleMessage[] = [];
  for (let at = leafId === null ? undefined : byId.get(leafId); at !== undefined; ) {
    branch.push(toVisible(at, children.get(at.parentId)));
    at = at.parentId === null ? undefined : byId.get(at.parentId);
  }
  return joinParts(branch.reverse());
}

/**
 * Returns the answers that are shown side by side until one is chosen: those to the user's message that the
 * branch ends with. Empty if there are fewer than two.
 */
export function comparedAnswers({ messages, leafId }: Tree): VisibleMessage[] {
  if (leafId === null || messages.find(({ id }) => id === leafId)?.role !== "user") return [];
  const answers = messages.filter(({ parentId, role }) => parentId === leafId && role === "assistant");
  return answers.length < 2 ? [] : answers.map((answer) => toVisible(answer, undefined));
}

/** Returns the message that the next one follows; the user's message while its answers are compared. */
export function branchEnd(state: Tree): string | null {
  const { messages, leafId } = state;
  // The other answers of a comparison were refused.
  const only = messages.find(({ parentId, role }) => parentId === leafId && role === "assistant");
  const isAlone = only !== undefined && leafId !== null && comparedAnswers(state).length === 0;
  return isAlone ? findNewestLeaf(messages, only.id) : leafId;
}

/** Returns an answer with what its parts are now; `siblings` stay. */
export function refreshParts(answer: VisibleMessage, messages: ClientMessage[]): VisibleMessage {
  const parts = answer.ids.flatMap((id) => messages.find((message) => message.id === id) ?? []);
  return joinParts(parts.map((part) => toVisible(part, answer.siblings)))[0] ?? answer;
}

function toVisible(message: ClientMessage, siblings: Sibling[] | undefined): VisibleMessage {
  const { id, model, receipt } = message;
  return {
    ...message,
    siblings: siblings ?? [{ id, model }],
    ids: [id],
    endId: id,
    continueFromId: id,
    receipts: receipt === null ? [] : [receipt],
  };
}

function joinParts(branch: VisibleMessage[]): VisibleMessage[] {
  const joined: VisibleMessage[] = [];
  for (const message of branch) {
    const last = joined.at(-1);
    if (last?.role === "assistant" && message.role === "assistant")
      joined[joined.length - 1] = joinPart(last, message);
    else joined.push(message);
  }
  return joined;
}

function joinPart(answer: VisibleMessage, part: VisibleMessage): VisibleMessage {
  const { status, problem, receipt, generationId } = part;
  return {
    ...answer,
    ...{ status, problem, receipt, generationId },
    text: joinContinuation(answer.text, part.text, status === "streaming"),
    reasoning: [answer.reasoning, part.reasoning].filter((text) => text !== "").join("\n\n"),
    thoughtMs: answer.thoughtMs + part.thoughtMs,
    tokens: answer.tokens === null || part.tokens === null ? null : answer.tokens + part.tokens,
    ids: [...answer.ids, part.id],
    endId: part.id,
    continueFromId: part.text === "" ? answer.continueFromId : part.id,
    receipts: [...answer.receipts, ...part.receipts],
  };
}

/** Whether two versions of a message render the same. While an answer streams, the others do not rerender. */
export function rendersEqual(one: VisibleMessage, other: VisibleMessage): boolean {
  return (
    one.id === other.id &&
    one.endId === other.endId &&
    one.text === other.text &&
    one.reasoning === other.reasoning &&
    one.thoughtMs === other.thoughtMs &&
    one.status === other.status &&
    one.receipt === other.receipt &&
    one.problem === other.problem &&
    one.rating?.value === other.rating?.value &&
    one.rating?.reason === other.rating?.reason &&
    one.siblings.length === other.siblings.length &&
    one.siblings.every(({ id }, index) => id === other.siblings[index]?.id)
  );
}

/** Returns the newest leaf below a message, which becomes the active leaf when the user switches to it. */
export function findNewestLeaf(messages: ClientMessage[], id: string): string {
  let leaf = id;
  for (;;) {
    const next = messages.findLast((message) => message.parentId === leaf);
    if (next === undefined) return leaf;
    leaf = next.id;
  }
}
