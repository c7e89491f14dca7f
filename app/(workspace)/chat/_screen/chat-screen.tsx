"use client";

import { useTranslations } from "next-intl";
import { useCallback, useEffect, useMemo, useState } from "react";
import { cn } from "#app/_ui/cn.ts";
import {
  useConversationActions,
  useConversationList,
} from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { useOrganize } from "#app/(workspace)/_shell/organize/use-organize.ts";
import { AnswerActionsContext } from "#app/(workspace)/chat/_answer-actions/answer-actions-context.ts";
import { QuoteSelection } from "#app/(workspace)/chat/_answer-actions/quote-selection.tsx";
import { toQuote } from "#app/(workspace)/chat/_answer-actions/to-quote.ts";
import { useFork } from "#app/(workspace)/chat/_answer-actions/use-fork.ts";
import { useBranchTokens } from "#app/(workspace)/chat/_composer/_estimate/use-branch-tokens.ts";
import { useUpgradeOnRefusal } from "#app/(workspace)/chat/_composer/_upgrade/use-upgrade-on-refusal.ts";
import { CompareNotice } from "#app/(workspace)/chat/_composer/compare-notice.tsx";
import { Composer, composerFieldId } from "#app/(workspace)/chat/_composer/composer.tsx";
import { CreditNotice } from "#app/(workspace)/chat/_composer/credit-notice.tsx";
import { SendErrorNotice } from "#app/(workspace)/chat/_composer/send-error-notice.tsx";
import { useComparedModels } from "#app/(workspace)/chat/_composer/use-compared-models.ts";
import type { RejectedText } from "#app/(workspace)/chat/_composer/use-draft.ts";
import { ConversationHeader } from "#app/(workspace)/chat/_header/conversation-header.tsx";
import { ImageHosts } from "#app/(workspace)/chat/_markdown/_blocks/image-hosts.ts";
import { Greeting, Starters } from "#app/(workspace)/chat/_messages/greeting.tsx";
import { LiveRegion } from "#app/(workspace)/chat/_messages/live-region.tsx";
import { MessageList } from "#app/(workspace)/chat/_messages/message-list.tsx";
import { useJumpTarget } from "#app/(workspace)/chat/_messages/use-message-jump.ts";
import type { ChatPageData } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import { FirstPaintScript } from "#app/(workspace)/chat/_screen/first-paint-script.tsx";
import { useConversationUrl } from "#app/(workspace)/chat/_screen/use-conversation-url.ts";
import type { ClientMessage, RunningAnswer } from "#app/(workspace)/chat/_stream/chat-state.ts";
import { ChatStoreContext } from "#app/(workspace)/chat/_stream/chat-store.ts";
import { useChat } from "#app/(workspace)/chat/_stream/use-chat.ts";
import { comparedAnswers, visibleBranch } from "#app/(workspace)/chat/_stream/visible-branch.ts";
import {
  TemporaryGreeting,
  TemporaryHeader,
  TemporarySwitch,
} from "#app/(workspace)/chat/_temporary/temporary-header.tsx";
import { useLeaveWarning, useTemporary } from "#app/(workspace)/chat/_temporary/use-temporary.ts";
import type { ListedConversation } from "#lib/chat/conversations/conversation-list.ts";
import type { AttachmentInfo } from "#lib/chat/files/attachment-info.ts";
import type { AnswerParameters } from "#lib/chat/generation/parameters/answer-parameters.ts";

type Props = ChatPageData & {
  conversationId: string;
  conversation: {
    title: string;
    parameters: AnswerParameters;
    messages: ClientMessage[];
    leafId: string | null;
    running: RunningAnswer[];
    /** As lists show it; null for a new chat. */
    listed: ListedConversation | null;
  };
  /** The project of a new chat. */
  projectId: string | null;
  /** Whether a new chat begins as a temporary one. */
  startsTemporary: boolean;
  model: string;
  /** Of the content security policy. */
  nonce: string | undefined;
};

/** A conversation: messages, notices and composer. */
export function ChatScreen({ conversationId, conversation, model, nonce, ...pageData }: Props) {
  const { projectId, startsTemporary, models, allowanceMicros, renewsAt } = pageData;
  const { listed: initialListed, ...initial } = conversation;
  const [isTemporary, toggleTemporary] = useTemporary(startsTemporary);
  const { state, store, actions, lateArrivals } = useChat(
    {
      ...initial,
      conversationId,
      model,
      sendError: null,
      availableMicros: pageData.availableMicros,
    },
    isTemporary,
  );
  const t = useTranslations("chat");
  const {
    availableMicros,
    list: { projects },
  } = useConversationList();
  const listed = useListed(conversationId, initialListed);
  const [starter, setStarter] = useState<{ text: string; isQuote?: boolean } | null>(null);
  const quote = useCallback((text: string) => setStarter({ text: toQuote(text), isQuote: true }), []);
  const fork = useFork();
  const { rate } = actions;
  const answerActions = useMemo(() => ({ rate, fork, quote, isTemporary }), [rate, fork, quote, isTemporary]);
  const { rejectedText, restoreOnFailure, withdraw } = useRejectedText();
  const { edited, setEdited } = useEditedMessage();
  useEffect(() => {
    if (lateArrivals === 0) return;
    withdraw();
    setEdited(null);
  }, [lateArrivals, withdraw, setEdited]);
  const showUrl = useConversationUrl(conversationId);
  const organize = useOrganize();
  useTitle(listed?.title ?? state.title);
  const branch = visibleBranch(state);
  const compared = comparedAnswers(state);
  const selection = useComparedModels(models, state.model);
  const target = useJumpTarget(state.messages, branch, compared, actions.switchTo);
  const isEmpty = branch.length === 0;
  useLeaveWarning(isTemporary && !isEmpty);
  const selectedModel = models.find(({ id }) => id === state.model);
  useUpgradeOnRefusal(state.sendError, selectedModel);
  const contextTokens = useBranchTokens(branch, state.running.length > 0);
  const send = async (text: string, attachments: AttachmentInfo[]) => {
    const isCompared = selection.models.length > 1 && !isTemporary;
    const sending = isCompared
      ? actions.compare(
          text,
          selection.models.map(({ id }) => id),
          attachments,
        )
      : actions.send(text, attachments);
    const accepted = await restoreOnFailure(text, sending);
    if (accepted) selection.clear();
    if (!accepted || isTemporary) return accepted;
    showUrl();
    if (isEmpty && projectId !== null) organize.file([conversationId], projectId);
    return accepted;
  };
  const edit = useCallback(
    async (message: ClientMessage, text: string) => {
      setEdited(null);
      // A refused edit stays an edit.
      if (!(await actions.edit(message, text))) setEdited({ id: message.id, text });
    },
    [actions, setEdited],
  );
  const switchModel = (id: string) => {
    actions.selectModel(id);
    actions.dismissError();
    document.getElementById(composerFieldId)?.focus();
  };
  return (
    <div data-full className={cn("flex min-h-0 flex-1 flex-col", isEmpty && "overflow-y-auto")}>
      {listed !== null ? (
        <ConversationHeader
          conversation={listed}
          modelName={models.find(({ id }) => id === state.model)?.label ?? state.model}
        />
      ) : isTemporary && !isEmpty ? (
        <TemporaryHeader />
      ) : (
        // The header's place, once the first message is sent.
        <div className="h-12 shrink-0">
          <h1 className="sr-only">{t("newChat")}</h1>
          {isEmpty && <TemporarySwitch isTemporary={isTemporary} onToggle={toggleTemporary} />}
        </div>
      )}
      {isEmpty && isTemporary ? (
        <TemporaryGreeting />
      ) : isEmpty ? (
        <Greeting name={pageData.userName} projectName={projects.find(({ id }) => id === projectId)?.name} />
      ) : (
        <AnswerActionsContext value={answerActions}>
          <ChatStoreContext value={store}>
            <ImageHosts value={pageData.imageHosts}>
              <MessageList
                branch={branch}
                compared={compared}
                target={target}
                models={models}
                running={state.running}
                edited={edited}
                onEdit={edit}
                onEditing={setEdited}
                onSwitch={actions.switchTo}
                onRegenerate={actions.regenerate}
                onContinue={actions.continueAnswer}
                onChoose={actions.choose}
                onStop={actions.stop}
              />
            </ImageHosts>
          </ChatStoreContext>
          <QuoteSelection />
        </AnswerActionsContext>
      )}
      {/* The same element before and after the first message, so that the field keeps its text and focus. */}
      <div className="mx-auto w-full max-w-172 shrink-0 px-4 pb-[max(0.5rem,env(safe-area-inset-bottom))] sm:px-6">
        {state.sendError === null ? (
          <CreditNotice
            availableMicros={availableMicros}
            models={models}
            model={state.model}
            contextTokens={contextTokens}
            onSelectModel={switchModel}
            allowanceMicros={allowanceMicros}
            renewsAt={renewsAt}
          />
        ) : (
          <SendErrorNotice
            problem={state.sendError}
            isTextKept={rejectedText !== null || edited !== null}
            renewsAt={renewsAt}
            model={selectedModel}
            alternative={models.find((one) => one.isAvailable && !one.failing && one.id !== state.model)}
            onSelectModel={switchModel}
            onDismiss={actions.dismissError}
          />
        )}
        {selection.models.length > 1 && !isTemporary && (
          <CompareNotice
            compared={selection.models}
            contextTokens={contextTokens}
            availableMicros={availableMicros}
            onClear={selection.clear}
          />
        )}
        <Composer
          conversationId={conversationId}
          isTemporary={isTemporary}
          models={models}
          model={state.model}
          favorites={pageData.favorites}
          onModel={actions.selectModel}
          others={selection.others}
          onOthers={selection.setOthers}
          blockedBy={compared.length > 0 && state.running.length === 0 ? t("compare.chooseFirst") : null}
          running={state.running.length > 0}
          parameters={state.parameters}
          onParameters={actions.setParameters}
          isNewChat={isEmpty}
          contextTokens={contextTokens}
          onSend={send}
          onStop={() => actions.stop()}
          onEditLast={() => setEdited(branch.findLast((message) => message.role === "user") ?? null)}
          rejectedText={rejectedText}
          starter={starter}
          appName={pageData.appName}
        />
      </div>
      {isEmpty && <Starters onPick={(text) => setStarter({ text })} />}
      {!startsTemporary && <FirstPaintScript conversationId={conversationId} nonce={nonce} />}
      <LiveRegion
        answer={compared[0] ?? branch.findLast((message) => message.role === "assistant")}
        read={store.read}
      />
    </div>
  );
}

/**
 * The conversation as the list knows it, with changes of other tabs and devices; until then as the server
 * rendered it. Null for a new chat without a message.
 */
function useListed(id: string, initial: ListedConversation | null): ListedConversation | null {
  const { list } = useConversationList();
  const { learn } = useConversationActions();
  useEffect(() => {
    if (initial !== null) learn([initial]);
  }, [initial, learn]);
  return list.items.get(id) ?? initial;
}

/** The text of a rejected message. A new object per rejection restores the same text again. */
function useRejectedText() {
  const [rejectedText, setRejectedText] = useState<RejectedText | null>(null);
  const restoreOnFailure = useCallback(async (text: string, sending: Promise<boolean>) => {
    setRejectedText(null);
    const accepted = await sending;
    if (!accepted) setRejectedText({ text, hasArrived: false });
    return accepted;
  }, []);
  const withdraw = useCallback(
    () => setRejectedText((rejected) => rejected && { ...rejected, hasArrived: true }),
    [],
  );
  return { rejectedText, restoreOnFailure, withdraw };
}

/** The message that is being edited, with its text. The focus returns to the composer afterwards. */
function useEditedMessage() {
  const [edited, setText] = useState<{ id: string; text: string } | null>(null);
  const setEdited = useCallback((message: { id: string; text: string } | null) => {
    setText(message);
    if (message === null) document.getElementById(composerFieldId)?.focus();
  }, []);
  return { edited, setEdited };
}

/** Shows the conversation's title in the browser tab when it changes. */
function useTitle(title: string): void {
  useEffect(() => {
    if (title !== "") document.title = title;
  }, [title]);
}
