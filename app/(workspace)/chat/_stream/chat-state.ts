import type { Rating } from "#lib/chat/conversations/rating.ts";
import type { AttachmentInfo } from "#lib/chat/files/attachment-info.ts";
import type { AnswerParameters } from "#lib/chat/generation/parameters/answer-parameters.ts";
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
  /** Its tokens in later prompts; null until the page is loaded again. */
  tokens: number | null;
  /** What the regeneration that made it asked for. */
  instruction: Instruction | null;
  rating: Rating | null;
  /** The files of a message of the user. */
  attachments?: AttachmentInfo[];
};

/** How another answer differs: by another model, or shorter or longer. */
export type Regeneration = { model?: string; instruction?: Instruction };

/** An answer that is streaming; `waiting` while its stream is being reconnected. */
export type RunningAnswer = { generationId: string; answerId: string; waiting: boolean };

export type ChatState = {
  conversationId: string;
  title: string;
  model: string;
  /** How answers are made. */
  parameters: AnswerParameters;
  /** Every message of the tree, oldest first. */
  messages: ClientMessage[];
  /** The last message of the visible branch; a user's message while its answers are compared. */
  leafId: string | null;
  running: RunningAnswer[];
  /** Why the server rejected the last message. */
  sendError: Problem | null;
  availableMicros: number;
};

export type ChatAction =
  /** Adds messages, among them the answers that are now running. */
  | { type: "send"; messages: ClientMessage[]; leafId: string }
  /** Removes messages that the server did not accept. */
  | { type: "sendFailed"; messageIds: string[]; problem: Problem; leafId: string | null }
  | { type: "event"; generationId: string; id: number; event: StreamEvent }
  | { type: "connection"; generationId: string; waiting: boolean }
  | { type: "streamLost"; generationId: string; problem: Problem }
  | { type: "selectLeaf"; leafId: string }
  | { type: "selectModel"; model: string }
  | { type: "setParameters"; parameters: AnswerParameters }
  | { type: "dismissError" }
  | { type: "rate"; id: string; rating: Rating | null }
  | {
      type: "sync";
      messages: ClientMessage[];
      title: string;
      running: ChatState["running"];
      leafId: string | null;
      parameters: AnswerParameters;
    };

/** Returns the state after an action. Pure. */
export function reduceChat(state: ChatState, action: ChatAction): ChatState {
  switch (action.type) {
    case "send": {
      const { leafId } = action;
      const messages = [...state.messages, ...action.messages];
      const running = [...state.running, ...action.messages.flatMap(toRunning)];
      return { ...state, messages, leafId, running, sendError: null };
    }
    case "sendFailed": {
      const removed = new Set(action.messageIds);
      const messages = state.messages.filter((message) => !removed.has(message.id));
      const running = state.running.filter(({ answerId }) => !removed.has(answerId));
      return { ...state, messages, leafId: action.leafId, running, sendError: action.problem };
    }
    case "event":
      return applyEvent(state, action.generationId, action.id, action.event);
    case "connection": {
      const { generationId, waiting } = action;
      const known = findRunning(state, generationId);
      if (known === undefined || known.waiting === waiting) return state;
      return { ...state, running: state.running.map((one) => (one === known ? { ...one, waiting } : one)) };
    }
    case "streamLost": {
      const lost = findRunning(state, action.generationId);
      if (lost === undefined) return state;
      return end(state, lost, { status: "interrupted", problem: action.problem });
    }
    case "selectLeaf":
      return { ...state, leafId: action.leafId };
    case "selectModel":
      return { ...state, model: action.model };
    case "setParameters":
      return { ...state, parameters: action.parameters };
    case "dismissError":
      return { ...state, sendError: null };
    case "rate":
      return changeMessage(state, action.id, { rating: action.rating });
    case "sync":
      // The stream is ahead of the database, so only the title is taken.
      if (state.running.length > 0) return { ...state, title: action.title };
      return {
        ...state,
        messages: action.messages,
        title: action.title,
        running: action.running,
        leafId: action.leafId,
        parameters: action.parameters,
      };
  }
}

function applyEvent(state: ChatState, generationId: string, id: number, event: StreamEvent): ChatState {
  if (event.type === "title") return { ...state, title: event.title };
  const running = findRunning(state, generationId);
  if (running === undefined) return state;
  const { answerId } = running;
  if (event.type === "end") {
    const { outcome, receipt, error, availableMicros, thoughtMs } = event;
    const problem = error === null ? null : { code: error.code };
    const ended = end(state, running, { status: outcome, receipt, problem, thoughtMs });
    return { ...ended, availableMicros: availableMicros ?? state.availableMicros };
  }
  const answer = state.messages.find((message) => message.id === answerId);
  if (answer === undefined) return state;
  const suffix = newSuffix(receivedLength(answer), id, event.text);
  if (suffix === "") return state;
  if (event.type === "text") return changeMessage(state, answerId, { text: answer.text + suffix });
  const { thoughtMs } = event;
  return changeMessage(state, answerId, { reasoning: answer.reasoning + suffix, thoughtMs });
}

function findRunning({ running }: ChatState, generationId: string): RunningAnswer | undefined {
  return running.find((one) => one.generationId === generationId);
}

function toRunning({ id, generationId }: ClientMessage): RunningAnswer[] {
  return generationId === null ? [] : [{ generationId, answerId: id, waiting: false }];
}

function end(state: ChatState, ended: RunningAnswer, change: Partial<ClientMessage>): ChatState {
  const running = state.running.filter((one) => one !== ended);
  return { ...changeMessage(state, ended.answerId, change), running };
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
