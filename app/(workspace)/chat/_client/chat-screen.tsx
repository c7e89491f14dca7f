"use client";

import { useEffect, useState } from "react";
import { useShelf } from "#app/(workspace)/_shell/conversations-provider.tsx";
import {
  type ClientMessage,
  newestLeafBelow,
  shownBranch,
} from "#app/(workspace)/chat/_client/chat-state.ts";
import { Composer } from "#app/(workspace)/chat/_client/composer.tsx";
import { CreditNotice } from "#app/(workspace)/chat/_client/credit-notice.tsx";
import { Greeting } from "#app/(workspace)/chat/_client/greeting.tsx";
import { MessageList } from "#app/(workspace)/chat/_client/message-list.tsx";
import { Refusal } from "#app/(workspace)/chat/_client/refusal.tsx";
import { SpokenAnswer } from "#app/(workspace)/chat/_client/spoken-answer.tsx";
import { useChat } from "#app/(workspace)/chat/_client/use-chat.ts";
import type { ChatFrame } from "#app/(workspace)/chat/_server/read-chat-frame.ts";
import { chooseLeafAction } from "#app/(workspace)/chat/actions.ts";

type Props = ChatFrame & {
  conversationId: string;
  conversation: {
    title: string;
    messages: ClientMessage[];
    leafId: string | null;
    running: { generationId: string; answerId: string } | null;
  };
  model: string;
};

/** A conversation: what was said, the answer that is being written, and the place to write. */
export function ChatScreen({
  conversationId,
  conversation,
  model,
  models,
  availableMicros,
  renewsAt,
  personName,
}: Props) {
  const chat = useChat({
    ...conversation,
    conversationId,
    model,
    connection: "open",
    refusal: null,
    availableMicros,
  });
  const { state } = chat;
  const [kept, setKept] = useState<string | null>(null);
  const { availableMicros: creditMicros } = useShelf();
  const branch = shownBranch(state);
  const send = async (text: string) => {
    // The address changes without leaving the page, so that a reload finds the conversation.
    const taken = await chat.send(text);
    if (!taken) setKept(text);
    else if (window.location.pathname === "/chat")
      window.history.replaceState(null, "", `/chat/${conversationId}`);
  };
  useTitle(state.title);
  const switchTo = (id: string) => {
    const leafId = newestLeafBelow(state.messages, id);
    chat.choose(leafId);
    void chooseLeafAction({ id: conversationId, leafId });
  };
  const outOfCredit = creditMicros <= 0;
  return (
    <div data-full className="flex min-h-0 flex-1 flex-col">
      <h1 className="sr-only">{state.title === "" ? "New chat" : state.title}</h1>
      {branch.length === 0 ? (
        <Greeting name={personName} onPick={send} disabled={outOfCredit} />
      ) : (
        <MessageList
          branch={branch}
          models={models}
          running={state.running}
          waiting={state.connection === "waiting"}
          onSwitch={switchTo}
          onRegenerate={chat.regenerate}
        />
      )}
      <div className="mx-auto w-full max-w-3xl shrink-0 px-4 pb-[max(1rem,env(safe-area-inset-bottom))] sm:px-6">
        {state.refusal !== null && (
          <Refusal problem={state.refusal} renewsAt={renewsAt} onDismiss={chat.dismiss} />
        )}
        {outOfCredit && state.refusal === null && <CreditNotice renewsAt={renewsAt} />}
        <Composer
          conversationId={conversationId}
          models={models}
          model={state.model}
          onModel={chat.chooseModel}
          running={state.running !== null}
          onSend={send}
          onStop={chat.stop}
          kept={kept}
        />
      </div>
      <SpokenAnswer answer={branch.findLast((message) => message.role === "assistant")} />
    </div>
  );
}

/** Titles arrive while the page is open; the tab should say them too. */
function useTitle(title: string): void {
  useEffect(() => {
    if (title !== "") document.title = title;
  }, [title]);
}
