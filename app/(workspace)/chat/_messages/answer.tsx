"use client";

import { RotateCcw } from "lucide-react";
import { memo } from "react";
import { Button } from "#app/_ui/button.tsx";
import { AnswerText } from "#app/(workspace)/chat/_markdown/answer-text.tsx";
import { AnswerOutcome } from "#app/(workspace)/chat/_messages/answer-outcome.tsx";
import { CopyText } from "#app/(workspace)/chat/_messages/copy-text.tsx";
import { Reasoning } from "#app/(workspace)/chat/_messages/reasoning.tsx";
import { ReceiptLine } from "#app/(workspace)/chat/_messages/receipt-line.tsx";
import { SiblingSwitch } from "#app/(workspace)/chat/_messages/sibling-switch.tsx";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import {
  type ClientMessage,
  rendersEqual,
  type VisibleMessage,
} from "#app/(workspace)/chat/_stream/chat-state.ts";

type Props = {
  message: VisibleMessage;
  models: PickerModel[];
  /** An answer is streaming, so no other can start. */
  busy: boolean;
  /** The connection is lost and is being restored. */
  waiting: boolean;
  onSwitch: (id: string) => void;
  onRegenerate: (answer: ClientMessage, model?: string) => void;
  onContinue: (answer: ClientMessage) => void;
};

/** An answer with its text, outcome and cost. Rerenders only when one of its inputs changes. */
export const Answer = memo(AnswerArticle, (one, other) => {
  const { message, models, busy, waiting } = one;
  return (
    rendersEqual(message, other.message) &&
    models === other.models &&
    busy === other.busy &&
    waiting === other.waiting
  );
});

function AnswerArticle({ message, models, busy, waiting, onSwitch, onRegenerate, onContinue }: Props) {
  const streaming = message.status === "streaming";
  const isWaiting = streaming && message.text === "" && message.reasoning === "";
  const label = models.find((model) => model.id === message.model)?.label ?? message.model ?? "Answer";
  return (
    <article aria-label={`Answer by ${label}`} aria-busy={streaming} className="group min-w-0">
      {message.reasoning !== "" && (
        <Reasoning
          text={message.reasoning}
          thoughtMs={message.thoughtMs}
          active={streaming && message.text === ""}
        />
      )}
      {isWaiting && (
        <p className="flex h-7 items-center gap-1.5 text-muted-foreground" role="status">
          <span className="sr-only">The answer is on its way</span>
          {[0, 150, 300].map((delayMs) => (
            <span
              key={delayMs}
              aria-hidden
              className="size-1.5 animate-pulse rounded-full bg-current"
              style={{ animationDelay: `${delayMs}ms` }}
            />
          ))}
        </p>
      )}
      {message.text !== "" && <AnswerText text={message.text} streaming={streaming} />}
      {waiting && (
        <p role="status" className="mt-2 text-muted-foreground text-sm">
          The connection is gone. The answer goes on, and will be shown as soon as you are back.
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
            {message.text !== "" && <CopyText text={message.text} label="Copy the answer" />}
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label="Answer again"
              disabled={busy}
              onClick={() => onRegenerate(message)}
            >
              <RotateCcw aria-hidden />
            </Button>
            <SiblingSwitch id={message.id} siblings={message.siblings} onSwitch={onSwitch} />
            {message.receipt !== null && <ReceiptLine receipt={message.receipt} label={label} />}
          </div>
        </>
      )}
    </article>
  );
}
