import type { Outcome, Receipt, StreamEvent } from "#lib/chat/stream-events.ts";

export type MessageStatus = "streaming" | Outcome;
export type Problem = {
  code: string;
  message: string /** When trying again makes sense. */;
  retryAfterSeconds?: number;
};

export type ClientMessage = {
  id: string;
  parentId: string | null;
  role: "user" | "assistant";
  text: string;
  status: MessageStatus;
  model: string | null;
  /** ISO text, because it crosses from server to client. */
  createdAt: string;
  generationId: string | null;
  receipt: Receipt | null;
  problem: Problem | null;
};

export type ChatState = {
  conversationId: string;
  title: string;
  model: string;
  /** The tree, oldest first. */
  messages: ClientMessage[];
  /** The end of the branch that is shown. */
  leafId: string | null;
  /** The answer that is being received. */
  running: { generationId: string; answerId: string } | null;
  /** Whether the running answer is being followed, or waits for the network. */
  connection: "open" | "waiting";
  /** Why the last message was not taken, with the text that was kept. */
  refusal: Problem | null;
  availableMicros: number;
};

export type ChatAction =
  | { do: "send"; userMessage: ClientMessage | null; answer: ClientMessage; generationId: string }
  | { do: "refused"; answerId: string; userMessageId: string | null; problem: Problem; leafId: string | null }
  | { do: "event"; generationId: string; id: number; event: StreamEvent }
  | { do: "connection"; connection: ChatState["connection"] }
  | { do: "lost"; generationId: string; problem: Problem }
  | { do: "choose"; leafId: string }
  | { do: "model"; model: string }
  | { do: "dismiss" }
  | {
      do: "sync";
      messages: ClientMessage[];
      title: string;
      running: ChatState["running"];
      leafId: string | null;
    };

/** What the screen shows after something happened. Pure: the network and the person only ever send actions. */
export function reduceChat(state: ChatState, action: ChatAction): ChatState {
  switch (action.do) {
    case "send": {
      const added = action.userMessage === null ? [action.answer] : [action.userMessage, action.answer];
      const running = { generationId: action.generationId, answerId: action.answer.id };
      const messages = [...state.messages, ...added];
      return { ...state, messages, leafId: action.answer.id, running, connection: "open", refusal: null };
    }
    case "refused": {
      const gone = new Set([action.answerId, action.userMessageId]);
      const messages = state.messages.filter((message) => !gone.has(message.id));
      return { ...state, messages, leafId: action.leafId, running: null, refusal: action.problem };
    }
    case "event":
      return applyEvent(state, action.generationId, action.id, action.event);
    case "connection":
      return state.connection === action.connection ? state : { ...state, connection: action.connection };
    case "lost": {
      if (state.running?.generationId !== action.generationId) return state;
      const ended = { status: "interrupted" as const, problem: action.problem };
      return { ...changeMessage(state, state.running.answerId, ended), running: null };
    }
    case "choose":
      return { ...state, leafId: action.leafId };
    case "model":
      return { ...state, model: action.model };
    case "dismiss":
      return { ...state, refusal: null };
    case "sync":
      // What is being received here is newer than what was read there.
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
    const { outcome, receipt, error, availableMicros } = event;
    const ended = changeMessage(state, answerId, { status: outcome, receipt, problem: error });
    return { ...ended, running: null, availableMicros: availableMicros ?? state.availableMicros };
  }
  const answer = state.messages.find((message) => message.id === answerId);
  if (answer === undefined) return state;
  const fresh = freshPart(answer.text.length, id, event.text);
  return fresh === "" ? state : changeMessage(state, answerId, { text: answer.text + fresh });
}

/**
 * The part of a piece of text that is not there yet. An event's id is the text's length once it is applied, so pieces may
 * come twice, or overlap, and the text is still right.
 */
export function freshPart(haveLength: number, id: number, text: string): string {
  const startsAt = id - text.length;
  // A piece that begins behind what we have would leave a hole; the reader asks again from where it is.
  if (startsAt > haveLength) return "";
  return text.slice(haveLength - startsAt);
}

function changeMessage(state: ChatState, id: string, change: Partial<ClientMessage>): ChatState {
  const messages = state.messages.map((message) => (message.id === id ? { ...message, ...change } : message));
  return { ...state, messages };
}

/** A message of the branch that is shown, with the siblings one can switch to. */
export type ShownMessage = ClientMessage & { siblings: string[] };

/** The branch from the first message to the leaf. */
export function shownBranch({ messages, leafId }: Pick<ChatState, "messages" | "leafId">): ShownMessage[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const children = new Map<string | null, string[]>();
  for (const { id, parentId } of messages) {
    const known = children.get(parentId);
    if (known === undefined) children.set(parentId, [id]);
    else known.push(id);
  }
  const branch: ShownMessage[] = [];
  for (let at = leafId === null ? undefined : byId.get(leafId); at !== undefined; ) {
    branch.push({ ...at, siblings: children.get(at.parentId) ?? [at.id] });
    at = at.parentId === null ? undefined : byId.get(at.parentId);
  }
  return branch.reverse();
}

/** Whether a message would be drawn as it already is: while one answer grows, all others stand still. */
export function isSameShown(one: ShownMessage, other: ShownMessage): boolean {
  return (
    one.id === other.id &&
    one.text === other.text &&
    one.status === other.status &&
    one.receipt === other.receipt &&
    one.problem === other.problem &&
    one.siblings.length === other.siblings.length &&
    one.siblings.every((id, index) => id === other.siblings[index])
  );
}

/** The newest leaf below a message: where switching to it leads. */
export function newestLeafBelow(messages: ClientMessage[], id: string): string {
  let leaf = id;
  for (;;) {
    const next = messages.findLast((message) => message.parentId === leaf);
    if (next === undefined) return leaf;
    leaf = next.id;
  }
}
