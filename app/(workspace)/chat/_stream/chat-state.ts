import type { Rating } from "#lib/chat/conversations/rating.ts";
import type { Instruction, Outcome, Receipt, StreamEvent } from "#lib/chat/generation/stream-events.ts";

export type MessageStatus = "streaming" | Outcome;
export type Problem = {
  code: string;
  /** The message that says more than the code, with its parameters. */
  reason?: { key: string; values?: Record<string, string | number> };
  /** The server's Retry-After, in seconds. */
  retryAfterSeconds?: number;
};

export type ClientMessage = {
  id: string;
  parentId: string | null;
  role: "user" | "assistant";
  text: string;
  /** The model's thinking, and how long it took. */
  reasoning: string;
  thoughtMs: number;
  status: MessageStatus;
  model: string | null;
  /** ISO 8601: server components pass it to the client as text. */
  createdAt: string;
  generationId: string | null;
  receipt: Receipt | null;
  problem: Problem | null;
  /** What the regeneration that made it asked for. */
  instruction: Instruction | null;
  rating: Rating | null;
};

/** How another answer differs: by another model, or shorter or longer. */
export type Regeneration = { model?: string; instruction?: Instruction };

export type ChatState = {
  conversationId: string;
  title: string;
  model: string;
  /** Every message of the tree, oldest first. */
  messages: ClientMessage[];
  /** The last message of the visible branch. */
  leafId: string | null;
  /** The answer that is streaming. */
  running: { generationId: string; answerId: string } | null;
  /** Whether the stream of the running answer is open or reconnecting. */
  connection: "open" | "waiting";
  /** Why the server rejected the last message. */
  sendError: Problem | null;
  availableMicros: number;
};

export type ChatAction =
  | { type: "send"; userMessage: ClientMessage | null; answer: ClientMessage; generationId: string }
  | {
      type: "sendFailed";
      answerId: string;
      userMessageId: string | null;
      problem: Problem;
      leafId: string | null;
    }
  | { type: "event"; generationId: string; id: number; event: StreamEvent }
  | { type: "connection"; connection: ChatState["connection"] }
  | { type: "streamLost"; generationId: string; problem: Problem }
  | { type: "selectLeaf"; leafId: string }
  | { type: "selectModel"; model: string }
  | { type: "dismissError" }
  | { type: "rate"; id: string; rating: Rating | null }
  | {
      type: "sync";
      messages: ClientMessage[];
      title: string;
      running: ChatState["running"];
      leafId: string | null;
    };

/** Returns the state after an action. Pure. */
export function reduceChat(state: ChatState, action: ChatAction): ChatState {
  switch (action.type) {
    case "send": {
      const added = action.userMessage === null ? [action.answer] : [action.userMessage, action.answer];
      const running = { generationId: action.generationId, answerId: action.answer.id };
      const messages = [...state.messages, ...added];
      return { ...state, messages, leafId: action.answer.id, running, connection: "open", sendError: null };
    }
    case "sendFailed": {
      const removed = new Set([action.answerId, action.userMessageId]);
      const messages = state.messages.filter((message) => !removed.has(message.id));
      return { ...state, messages, leafId: action.leafId, running: null, sendError: action.problem };
    }
    case "event":
      return applyEvent(state, action.generationId, action.id, action.event);
    case "connection":
      return state.connection === action.connection ? state : { ...state, connection: action.connection };
    case "streamLost": {
      if (state.running?.generationId !== action.generationId) return state;
      const ended = { status: "interrupted" as const, problem: action.problem };
      return { ...changeMessage(state, state.running.answerId, ended), running: null };
    }
    case "selectLeaf":
      return { ...state, leafId: action.leafId };
    case "selectModel":
      return { ...state, model: action.model };
    case "dismissError":
      return { ...state, sendError: null };
    case "rate":
      return changeMessage(state, action.id, { rating: action.rating });
    case "sync":
      // The stream is ahead of the database, so only the title is taken.
      if (state.running !== null) return { ...state, title: action.title };
      return {
        ...state,
        messages: action.messages,
        title: action.title,
        running: action.running,
        leafId: action.leafId,
      };
  }
}

function applyEvent(state: ChatState, generationId: string, id: number, event: StreamEvent): ChatState {
  if (event.type === "title") return { ...state, title: event.title };
  if (state.running?.generationId !== generationId) return state;
  const { answerId } = state.running;
  if (event.type === "end") {
    const { outcome, receipt, error, availableMicros, thoughtMs } = event;
    const ended = changeMessage(state, answerId, {
      status: outcome,
      receipt,
      problem: error === null ? null : { code: error.code },
      thoughtMs,
    });
    return { ...ended, running: null, availableMicros: availableMicros ?? state.availableMicros };
  }
  const answer = state.messages.find((message) => message.id === answerId);
  if (answer === undefined) return state;
  const suffix = newSuffix(receivedLength(answer), id, event.text);
  if (suffix === "") return state;
  if (event.type === "text") return changeMessage(state, answerId, { text: answer.text + suffix });
  const { thoughtMs } = event;
  return changeMessage(state, answerId, { reasoning: answer.reasoning + suffix, thoughtMs });
}

/** The length of what was received of an answer, which is the position in its stream. */
export function receivedLength({ text, reasoning }: Pick<ClientMessage, "text" | "reasoning">): number {
  return reasoning.length + text.length;
}

/**
 * Returns the part of an event's text that the answer does not contain yet. Events may repeat or overlap.
 * @param currentLength length of thinking and text, in UTF-16 units
 * @param id that length after the event (docs/stream-protocol.md)
 */
export function newSuffix(currentLength: number, id: number, text: string): string {
  const startsAt = id - text.length;
  // The event leaves a gap. The reader reconnects and resumes at the current length.
  if (startsAt > currentLength) return "";
  return text.slice(currentLength - startsAt);
}

function changeMessage(state: ChatState, id: string, change: Partial<ClientMessage>): ChatState {
  const messages = state.messages.map((message) => (message.id === id ? { ...message, ...change } : message));
  return { ...state, messages };
}

/** A version of a message; `model` is null for the user's messages. */
export type Sibling = { id: string; model: string | null };

/** A message of the visible branch. `siblings` are all versions of it, including itself. */
export type VisibleMessage = ClientMessage & { siblings: Sibling[] };

/** Returns the branch from the first message to the leaf. */
export function visibleBranch({
  messages,
  leafId,
}: Pick<ChatState, "messages" | "leafId">): VisibleMessage[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const children = new Map<string | null, Sibling[]>();
  for (const { id, parentId, model } of messages) {
    const siblings = children.get(parentId);
    if (siblings === undefined) children.set(parentId, [{ id, model }]);
    else siblings.push({ id, model });
  }
  const branch: VisibleMessage[] = [];
  for (let at = leafId === null ? undefined : byId.get(leafId); at !== undefined; ) {
    branch.push({ ...at, siblings: children.get(at.parentId) ?? [{ id: at.id, model: at.model }] });
    at = at.parentId === null ? undefined : byId.get(at.parentId);
  }
  return branch.reverse();
}

/** Whether two versions of a message render the same. While an answer streams, the others do not rerender. */
export function rendersEqual(one: VisibleMessage, other: VisibleMessage): boolean {
  return (
    one.id === other.id &&
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
