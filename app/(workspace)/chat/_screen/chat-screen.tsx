"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { useShelf } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { Composer, composerFieldId } from "#app/(workspace)/chat/_composer/composer.tsx";
import { CreditNotice } from "#app/(workspace)/chat/_composer/credit-notice.tsx";
import { Refusal } from "#app/(workspace)/chat/_composer/refusal.tsx";
import { Greeting } from "#app/(workspace)/chat/_messages/greeting.tsx";
import { SpokenAnswer } from "#app/(workspace)/chat/_messages/live-region.tsx";
import { MessageList } from "#app/(workspace)/chat/_messages/message-list.tsx";
import type { ChatFrame } from "#app/(workspace)/chat/_screen/read-chat-frame.ts";
import { type ClientMessage, shownBranch } from "#app/(workspace)/chat/_stream/chat-state.ts";
import { useChat } from "#app/(workspace)/chat/_stream/use-chat.ts";

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
export function ChatScreen({ conversationId, conversation, model, ...frame }: Props) {
  const { models, allowanceMicros, renewsAt } = frame;
  const { state, deeds } = useChat({
    ...conversation,
    conversationId,
    model,
    connection: "open",
    refusal: null,
    availableMicros: frame.availableMicros,
  });
  const { availableMicros } = useShelf();
  const { kept, keep } = useKept();
  const { edited, setEdited } = useEdited();
  const takeAddress = useAddress(conversationId);
  useTitle(state.title);
  const branch = shownBranch(state);
  const send = async (text: string) => {
    const taken = await keep(text, deeds.send(text));
    if (taken) takeAddress();
    return taken;
  };
  const edit = useCallback(
    (message: ClientMessage, text: string) => {
      setEdited(null);
      void keep(text, deeds.edit(message, text));
    },
    [deeds, keep, setEdited],
  );
  const askOther = (id: string) => {
    deeds.chooseModel(id);
    deeds.dismiss();
    document.getElementById(composerFieldId)?.focus();
  };
  return (
    <div data-full className="flex min-h-0 flex-1 flex-col">
      <h1 className="sr-only">{state.title === "" ? "New chat" : state.title}</h1>
      {branch.length === 0 ? (
        <Greeting name={frame.personName} onPick={send} disabled={availableMicros < frame.leastMicros} />
      ) : (
        <MessageList
          branch={branch}
          models={models}
          running={state.running}
          waiting={state.connection === "waiting"}
          edited={edited}
          onEdit={edit}
          onEditing={setEdited}
          onSwitch={deeds.show}
          onRegenerate={deeds.regenerate}
        />
      )}
      <div className="mx-auto w-full max-w-172 shrink-0 px-4 pb-[max(1rem,env(safe-area-inset-bottom))] sm:px-6">
        {state.refusal === null ? (
          <CreditNotice
            availableMicros={availableMicros}
            leastMicros={frame.leastMicros}
            allowanceMicros={allowanceMicros}
            renewsAt={renewsAt}
          />
        ) : (
          <Refusal
            problem={state.refusal}
            kept={kept !== null}
            renewsAt={renewsAt}
            other={models.find((one) => one.open && !one.failing && one.id !== state.model)}
            onOther={askOther}
            onDismiss={deeds.dismiss}
          />
        )}
        <Composer
          conversationId={conversationId}
          models={models}
          model={state.model}
          onModel={deeds.chooseModel}
          running={state.running !== null}
          onSend={send}
          onStop={deeds.stop}
          onEditLast={() => setEdited(branch.findLast((message) => message.role === "user")?.id ?? null)}
          kept={kept}
        />
      </div>
      <SpokenAnswer answer={branch.findLast((message) => message.role === "assistant")} />
    </div>
  );
}

/** The text of a message that was refused, to come back to its field; each time anew, even where it is the same text. */
function useKept() {
  const [kept, setKept] = useState<{ text: string } | null>(null);
  const keep = useCallback(async (text: string, sending: Promise<boolean>) => {
    setKept(null);
    const taken = await sending;
    if (!taken) setKept({ text });
    return taken;
  }, []);
  return { kept, keep };
}

/** Which message is being changed; afterwards writing goes on in the field below. */
function useEdited() {
  const [edited, setEditedId] = useState<string | null>(null);
  const setEdited = useCallback((id: string | null) => {
    setEditedId(id);
    if (id === null) document.getElementById(composerFieldId)?.focus();
  }, []);
  return { edited, setEdited };
}

/** Gives a new chat its address without leaving the page, so that a reload finds it; unless it was left meanwhile. */
function useAddress(conversationId: string): () => void {
  const here = useRef(false);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  return () => {
    if (here.current && window.location.pathname === "/chat")
      window.history.replaceState(null, "", `/chat/${conversationId}`);
  };
}

/** Titles arrive while the page is open; the tab should say them too. */
function useTitle(title: string): void {
  useEffect(() => {
    if (title !== "") document.title = title;
  }, [title]);
}
