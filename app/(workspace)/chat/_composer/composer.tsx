"use client";

import { ArrowUp, Square } from "lucide-react";
import { useTranslations } from "next-intl";
import { type FormEvent, type KeyboardEvent, useDeferredValue, useEffect, useRef } from "react";
import { Button } from "#app/_ui/button.tsx";
import { cn } from "#app/_ui/cn.ts";
import { isComposing } from "#app/_ui/is-composing.ts";
import { AttachButton } from "#app/(workspace)/chat/_attachments/attach-button.tsx";
import { AttachmentChips } from "#app/(workspace)/chat/_attachments/attachment-chips.tsx";
import { DropOverlay } from "#app/(workspace)/chat/_attachments/drop-overlay.tsx";
import { useAttachments } from "#app/(workspace)/chat/_attachments/use-attachments.ts";
import { takePastedFiles, useFileDrop } from "#app/(workspace)/chat/_attachments/use-file-drop.ts";
import { VisionNotice } from "#app/(workspace)/chat/_attachments/vision-notice.tsx";
import { EstimateLine } from "#app/(workspace)/chat/_composer/_estimate/estimate-line.tsx";
import { ParametersButton } from "#app/(workspace)/chat/_composer/_parameters/parameters-button.tsx";
import { CompareMenu } from "#app/(workspace)/chat/_composer/compare-menu.tsx";
import { isSendKey } from "#app/(workspace)/chat/_composer/is-send-key.ts";
import { ModelPicker } from "#app/(workspace)/chat/_composer/model-picker.tsx";
import { useAutoHeight } from "#app/(workspace)/chat/_composer/use-auto-height.ts";
import { type RejectedText, useDraft } from "#app/(workspace)/chat/_composer/use-draft.ts";
import { loadRenderer } from "#app/(workspace)/chat/_markdown/renderer.ts";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import type { AttachmentInfo } from "#lib/chat/files/attachment-info.ts";
import { maxFilesPerMessage } from "#lib/chat/files/attachment-limits.ts";
import { maxMessageLength, trimMessage } from "#lib/chat/generation/message-limit.ts";
import type { AnswerParameters } from "#lib/chat/generation/parameters/answer-parameters.ts";

type Props = {
  conversationId: string;
  /** Whether the unsent text is not stored either. */
  isTemporary: boolean;
  models: PickerModel[];
  model: string;
  /** The ids of the user's favorite models. */
  favorites: readonly string[];
  onModel: (model: string) => void;
  /** The other models that answer the next message too. */
  others: string[];
  onOthers: (models: string[]) => void;
  /** Why no message can be sent now. */
  blockedBy: string | null;
  parameters: AnswerParameters;
  onParameters: (parameters: AnswerParameters) => void;
  /** Whether the conversation has no message yet. */
  isNewChat: boolean;
  /** The tokens of the branch that the message will follow. */
  contextTokens: number;
  running: boolean;
  /** Resolves to whether the server accepted the message. */
  onSend: (text: string, attachments: AttachmentInfo[]) => Promise<boolean>;
  onStop: () => void;
  /** Arrow up in an empty field edits the last message. */
  onEditLast: () => void;
  appName: string;
  /** An example prompt that the user has picked, or a quotation from an answer. */
  starter: { text: string; isQuote?: boolean } | null;
  /** The text of a message that the server rejected; it returns to the field. */
  rejectedText: RejectedText | null;
};

/** The id of the message field, for focusing it from elsewhere. */
export const composerFieldId = "message";

/** The message field with model picker and send button. Unsent text survives a reload. */
export function Composer(props: Props) {
  const {
    conversationId,
    isTemporary,
    models,
    model,
    onModel,
    others,
    onOthers,
    blockedBy,
    parameters,
    running,
    onSend,
    onStop,
    onEditLast,
    rejectedText,
    starter,
  } = props;
  const t = useTranslations("chat.composer");
  const field = useRef<HTMLTextAreaElement>(null);
  const draft = useDraft(conversationId, rejectedText, starter, isTemporary);
  const { text } = draft;
  const attachments = useAttachments(conversationId, !isTemporary);
  const takesFiles = !isTemporary;
  const isDropping = useFileDrop(takesFiles, attachments.add);
  // The estimate follows when the browser is idle, so that it never delays a key.
  const estimated = useDeferredValue(text);
  const selected = models.find(({ id }) => id === model);
  const isUnseen = selected?.hasVision === false && attachments.items.some(({ isImage }) => isImage);
  useAutoHeight(field, text);
  useEscape(running, onStop);
  useEffect(() => {
    if (starter !== null) field.current?.focus();
  }, [starter]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: adopts once what was in the field
  useEffect(() => {
    const typed = field.current?.value ?? "";
    if (typed !== "") draft.setText(typed);
  }, []);
  const tooLong = text.length > maxMessageLength;
  const hasContent = text.trim() !== "" || attachments.items.length > 0;
  const ready = hasContent && attachments.isReady && !isUnseen && !running && !tooLong && blockedBy === null;
  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    if (!ready) return;
    draft.beginSend();
    const taken = attachments.take();
    if (await onSend(trimMessage(text), taken.files)) {
      draft.confirmSend();
      taken.confirm();
    } else taken.restore();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (isComposing(event)) return;
    if (event.key === "ArrowUp" && text === "" && !running) {
      event.preventDefault();
      return onEditLast();
    }
    if (!isSendKey(event)) return;
    event.preventDefault();
    void submit();
  };
  return (
    <>
      <form
        onSubmit={submit}
        className={cn(
          "rounded-2xl border border-input bg-card shadow-xs transition-colors focus-within:border-ring",
          isTemporary && "border-dashed",
        )}
      >
        {isDropping && <DropOverlay />}
        <AttachmentChips items={attachments.items} onRemove={attachments.remove} />
        <textarea
          ref={field}
          id={composerFieldId}
          // biome-ignore lint/a11y/noAutofocus: writing is the page's main purpose
          autoFocus
          rows={1}
          value={text}
          dir="auto"
          aria-label={t("field")}
          aria-invalid={tooLong}
          aria-describedby={tooLong ? "message-too-long" : undefined}
          placeholder={t("placeholder", { app: props.appName })}
          enterKeyHint="enter"
          onChange={(event) => {
            // The answer's renderer loads while the user is still typing.
            loadRenderer().catch(() => {});
            draft.setText(event.target.value);
          }}
          onKeyDown={onKeyDown}
          onPaste={(event) => takesFiles && takePastedFiles(event, attachments.add)}
          className="block max-h-[40dvh] min-h-13 w-full field-sizing-content resize-none bg-transparent px-4 pt-3.5 pb-1 text-base leading-6 outline-none placeholder:text-muted-foreground"
        />
        {tooLong && (
          <p id="message-too-long" role="status" className="px-4 pt-1 text-danger text-sm">
            {t("tooLong", { length: text.length, max: maxMessageLength })}
          </p>
        )}
        {isUnseen && selected !== undefined && (
          <VisionNotice models={models} model={selected} onModel={onModel} />
        )}
        {blockedBy !== null && (
          <p role="status" className="px-4 pt-1 text-muted-foreground text-sm">
            {blockedBy}
          </p>
        )}
        <div className="flex items-center justify-between gap-2 p-2">
          <div className="flex min-w-0 items-center">
            {takesFiles && (
              <AttachButton isFull={attachments.items.length >= maxFilesPerMessage} onAdd={attachments.add} />
            )}
            <ModelPicker models={models} model={model} favorites={props.favorites} onModel={onModel} />
            {!isTemporary && (
              <CompareMenu models={models} model={model} others={others} onOthers={onOthers} />
            )}
            {selected !== undefined && (
              <ParametersButton
                conversationId={conversationId}
                storedFor={isTemporary ? "none" : props.isNewChat ? "newChats" : "chat"}
                parameters={parameters}
                onParameters={props.onParameters}
                model={selected}
              />
            )}
          </div>
          {running ? (
            <Button
              type="button"
              size="icon"
              onClick={onStop}
              aria-label={t("stop")}
              className="rounded-full"
            >
              <Square aria-hidden className="size-3.5 fill-current" />
            </Button>
          ) : (
            <Button
              type="submit"
              size="icon"
              disabled={!ready}
              aria-label={t("send")}
              className="rounded-full"
            >
              <ArrowUp aria-hidden />
            </Button>
          )}
        </div>
      </form>
      {selected !== undefined && (
        <EstimateLine
          draft={estimated}
          contextTokens={props.contextTokens + attachments.tokens}
          model={selected}
          parameters={parameters}
        />
      )}
    </>
  );
}

function useEscape(active: boolean, onEscape: () => void): void {
  useEffect(() => {
    if (!active) return;
    const onKey = (event: globalThis.KeyboardEvent) => {
      // An open menu or dialog handles Escape itself.
      if (
        event.key === "Escape" &&
        !isComposing(event) &&
        !event.defaultPrevented &&
        document.querySelector("[role=dialog],[role=menu]") === null
      ) {
        onEscape();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [active, onEscape]);
}
