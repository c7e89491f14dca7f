import { expect, test } from "vitest";
import type { ChatAction, ChatState } from "#app/(workspace)/chat/_stream/chat-state.ts";
import { createChatStore } from "#app/(workspace)/chat/_stream/chat-store.ts";
import { createTurn } from "#app/(workspace)/chat/_stream/create-turn.ts";
import { refreshParts, visibleBranch } from "#app/(workspace)/chat/_stream/visible-branch.ts";
import { defaultParameters } from "#lib/chat/generation/parameters/answer-parameters.ts";

function streamingStore() {
  const { userMessage, answer } = createTurn("Question", null, "gpt-5.4-mini");
  const { generationId } = answer;
  const initial: ChatState = {
    conversationId: "c",
    title: "",
    model: "gpt-5.4-mini",
    parameters: defaultParameters,
    messages: [],
    leafId: null,
    running: [],
    sendError: null,
    availableMicros: 0,
  };
  const store = createChatStore(initial);
  const messages = [userMessage, answer].filter((message) => message !== null);
  store.dispatch({ type: "send", messages, leafId: answer.id });
  const calls = { text: 0, screen: 0 };
  store.subscribe(() => {
    calls.text += 1;
  });
  store.subscribeToScreen(() => {
    calls.screen += 1;
  });
  const text = (id: number, words: string): ChatAction => ({
    type: "event",
    generationId,
    id,
    event: { type: "text", text: words },
  });
  return { store, calls, text, generationId };
}

test("text of a streaming answer does not change the screen's state", () => {
  const { store, calls, text } = streamingStore();
  const screen = store.readScreen();
  store.dispatch(text(3, "One"), text(7, " two"));
  expect(store.read().messages.at(-1)?.text).toBe("One two");
  expect(store.readScreen()).toBe(screen);
  expect(calls).toEqual({ text: 1, screen: 0 });
});

test("a change of the screen brings the text that has arrived", () => {
  const { store, calls, text } = streamingStore();
  store.dispatch(text(3, "One"));
  store.dispatch(text(7, " two"), { type: "selectModel", model: "gpt-5.4" });
  expect(store.readScreen().messages.at(-1)?.text).toBe("One two");
  expect(store.readScreen()).toBe(store.read());
  expect(calls).toEqual({ text: 2, screen: 1 });
});

test("actions without effect and ended subscriptions notify nobody", () => {
  const { store, calls, text, generationId } = streamingStore();
  store.dispatch({ type: "connection", generationId, waiting: false });
  let count = 0;
  const unsubscribe = store.subscribe(() => {
    count += 1;
  });
  unsubscribe();
  store.dispatch(text(3, "One"));
  expect({ ...calls, count }).toEqual({ text: 1, screen: 0, count: 0 });
});

test("a continued answer gets the text of all its parts", () => {
  const { store, text } = streamingStore();
  store.dispatch(text(5, "First"));
  const first = store.read().messages.at(-1);
  const { answer: next } = createTurn(null, first?.id ?? null, "gpt-5.4-mini");
  store.dispatch({ type: "send", messages: [next], leafId: next.id });
  const shown = visibleBranch(store.readScreen()).at(-1);
  if (shown === undefined) throw new Error("There is no answer.");
  const { generationId } = next;
  store.dispatch({ type: "event", generationId, id: 7, event: { type: "text", text: " second" } });
  expect(refreshParts(shown, store.read().messages).text).toBe("First second");
  expect(shown.text).toBe("First");
});
