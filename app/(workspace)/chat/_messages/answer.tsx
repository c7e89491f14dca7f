"use client";

import { useTranslations } from "next-intl";
import { memo, useState } from "react";
import { useAnswerActions } from "#app/(workspace)/chat/_answer-actions/answer-actions-context.ts";
import { MoreMenu } from "#app/(workspace)/chat/_answer-actions/more-menu.tsx";
import { RatingButtons, RatingReasons } from "#app/(workspace)/chat/_answer-actions/rating-buttons.tsx";
import { RegenerateMenu } from "#app/(workspace)/chat/_answer-actions/regenerate-menu.tsx";
import { AnswerText } from "#app/(workspace)/chat/_markdown/answer-text.tsx";
import { AnswerOutcome } from "#app/(workspace)/chat/_messages/answer-outcome.tsx";
import { CopyText } from "#app/(workspace)/chat/_messages/copy-text.tsx";
import { Reasoning } from "#app/(workspace)/chat/_messages/reasoning.tsx";
import { ReceiptLine } from "#app/(workspace)/chat/_messages/receipt-line.tsx";
import { SiblingSwitch } from "#app/(workspace)/chat/_messages/sibling-switch.tsx";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import { SpeechControls } from "#app/(workspace)/chat/_speech/speech-controls.tsx";
import type { ClientMessage, Regeneration } from "#app/(workspace)/chat/_stream/chat-state.ts";
import { useStreamedMessage } from "#app/(workspace)/chat/_stream/chat-store.ts";
import { useSilence } from "#app/(workspace)/chat/_stream/use-silence.ts";
import { rendersEqual, type VisibleMessage } from "#app/(workspace)/chat/_stream/visible-branch.ts";
import type { Rating } from "#lib/chat/conversations/rating.ts";
import type { Receipt } from "#lib/chat/generation/stream-events.ts";

type Props = {
  message: VisibleMessage;
  models: PickerModel[];
  /** An answer is streaming, so no other can start. */
  busy: boolean;
  /** The connection is lost and is being restored. */
  waiting: boolean;
  onSwitch: (id: string) => void;
  onRegenerate: (answer: ClientMessage, options?: Regeneration) => void;
  onContinue: (answer: VisibleMessage) => void;
};

/** An answer with its text, outcome and cost. Rerenders only when one of its inputs or its text changes. */
export const Answer = memo(StreamedAnswer, (one, other) => {
  const { message, models, busy, waiting } = one;
  return (
    rendersEqual(message, other.message) &&
    models === other.models &&
    busy === other.busy &&
    waiting === other.waiting
  );
});

function StreamedAnswer(props: Props) {
  return <AnswerArticle {...props} message={useStreamedMessage(props.message)} />;
}

function AnswerArticle({ message, models, busy, waiting, onSwitch, onRegenerate, onContinue }: Props) {
  const t = useTranslations("chat");
  const { text, reasoning, receipts } = message;
  const streaming = message.status === "streaming";
  const isSilent = useSilence(streaming && !waiting, text.length + reasoning.length);
  const labelOf = (model: string) => models.find(({ id }) => id === model)?.label ?? model;
  const label = message.model === null ? t("answer.unknownModel") : labelOf(message.model);
  const { rate, isTemporary } = useAnswerActions();
  const [isAsked, setAsked] = useState(false);
  const onRate = (rating: Rating | null) => {
    setAsked(rating?.value === "down");
    rate(message, rating);
  };
  const rateWithReason = (rating: Rating | null) => {
    setAsked(false);
    rate(message, rating);
  };
  return (
    <article
      aria-label={t("answer.by", { model: label })}
      aria-busy={streaming}
      data-answer
      className="group min-w-0"
    >
      {reasoning !== "" && (
        <Reasoning
          text={reasoning}
          thoughtMs={message.thoughtMs}
          active={streaming && text === ""}
          silent={isSilent}
        />
      )}
      {text !== "" && <AnswerText text={text} streaming={streaming} />}
      {streaming && reasoning === "" && text === "" && <WaitingMark silent={isSilent} />}
      {text !== "" && isSilent && (
        <p role="status" className="mt-2 animate-pulse text-muted-foreground text-sm">
          {t("answer.stillThinking")}
        </p>
      )}
      {waiting && (
        <p role="status" className="mt-2 text-muted-foreground text-sm">
          {t("answer.disconnected")}
        </p>
      )}
      {!streaming && (
        <>
          <AnswerOutcome
            message={message}
            models={models}
            busy={busy}
            onRegenerate={onRegenerate}
            onContinue={onContinue}
          />
          <div className="-ml-2 mt-2 flex flex-wrap items-center gap-x-1 gap-y-0.5 text-muted-foreground">
            {text !== "" && <CopyText text={text} label={t("copy.answer")} />}
            <RegenerateMenu
              models={models}
              model={message.model}
              busy={busy}
              onRegenerate={(options) => onRegenerate(message, options)}
            />
            {text !== "" && !isTemporary && <RatingButtons rating={message.rating} onRate={onRate} />}
            <MoreMenu message={message} />
            <SpeechControls id={message.id} />
            <SiblingSwitch
              id={message.id}
              siblings={message.siblings}
              labelOf={labelOf}
              onSwitch={onSwitch}
            />
            {message.instruction !== null && (
              <span className="px-1.5 text-xs">{t(`answerActions.${message.instruction}`)}</span>
            )}
            <Receipts receipts={receipts} label={label} />
          </div>
          {isAsked && <RatingReasons rating={message.rating} onRate={rateWithReason} />}
        </>
      )}
    </article>
  );
}

/** The receipt of each part of an answer; without one, the name of the model. */
export function Receipts({ receipts, label }: { receipts: Receipt[]; label: string }) {
  if (receipts.length === 0) return <span className="px-1.5 text-xs">{label}</span>;
  // Parts are only added at the end.
  // biome-ignore lint/suspicious/noArrayIndexKey: see above
  return receipts.map((receipt, index) => <ReceiptLine key={index} receipt={receipt} label={label} />);
}

/** Until something arrives: three dots, and after a while a word. */
export function WaitingMark({ silent }: { silent: boolean }) {
  const t = useTranslations("chat.answer");
  return (
    <p className="flex h-7 items-center gap-1.5 text-muted-foreground" role="status">
      {[0, 150, 300].map((delayMs) => (
        <span
          key={delayMs}
          aria-hidden
          className="size-1.5 animate-pulse rounded-full bg-current"
          style={{ animationDelay: `${delayMs}ms` }}
        />
      ))}
      <span className={silent ? "ml-1 text-sm" : "sr-only"}>{t(silent ? "stillThinking" : "waiting")}</span>
    </p>
  );
}
