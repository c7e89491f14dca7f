"use client";

import { Check, Square } from "lucide-react";
import { useTranslations } from "next-intl";
import { memo } from "react";
import { Button } from "#app/_ui/button.tsx";
import { AnswerText } from "#app/(workspace)/chat/_markdown/answer-text.tsx";
import { Receipts, WaitingMark } from "#app/(workspace)/chat/_messages/answer.tsx";
import { CopyText } from "#app/(workspace)/chat/_messages/copy-text.tsx";
import { endReason } from "#app/(workspace)/chat/_messages/end-reason.ts";
import { Reasoning } from "#app/(workspace)/chat/_messages/reasoning.tsx";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";
import { useStreamedMessage } from "#app/(workspace)/chat/_stream/chat-store.ts";
import { useSilence } from "#app/(workspace)/chat/_stream/use-silence.ts";
import { rendersEqual, type VisibleMessage } from "#app/(workspace)/chat/_stream/visible-branch.ts";

type Props = {
  answers: VisibleMessage[];
  models: PickerModel[];
  /** The answers whose streams are being reconnected. */
  waiting: string[];
  onChoose: (answer: ClientMessage) => void;
  onStop: (generationId: string) => void;
};

/** The answers of several models side by side; on a phone one at a time, with the next one at the edge. */
export function Comparison({ answers, models, waiting, onChoose, onStop }: Props) {
  const t = useTranslations("chat.compare");
  return (
    <section
      aria-label={t("answers")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls by keyboard (WCAG 2.1.1)
      tabIndex={0}
      className="flex snap-x snap-mandatory gap-3 overflow-x-auto px-4 pb-1 sm:px-6"
    >
      {answers.map((answer) => (
        <ComparedAnswer
          key={answer.id}
          answer={answer}
          label={models.find(({ id }) => id === answer.model)?.label ?? answer.model ?? ""}
          waiting={waiting.includes(answer.id)}
          onChoose={onChoose}
          onStop={onStop}
        />
      ))}
    </section>
  );
}

type AnswerProps = Pick<Props, "onChoose" | "onStop"> & {
  answer: VisibleMessage;
  label: string;
  waiting: boolean;
};

/** One of the answers. Rerenders only when it or its text changes. */
const ComparedAnswer = memo(
  function ComparedAnswer({ answer: shown, label, waiting, onChoose, onStop }: AnswerProps) {
    const t = useTranslations("chat");
    const answer = useStreamedMessage(shown);
    const { text, reasoning, receipts, status, generationId } = answer;
    const streaming = status === "streaming";
    const isSilent = useSilence(streaming && !waiting, text.length + reasoning.length);
    return (
      <article
        aria-label={t("answer.by", { model: label })}
        aria-busy={streaming}
        data-answer
        className="flex min-w-0 flex-[0_0_88%] snap-center flex-col rounded-2xl border bg-card p-4 sm:flex-[1_0_17rem]"
      >
        <p className="mb-3 truncate font-medium text-sm">{label}</p>
        {reasoning !== "" && (
          <Reasoning
            text={reasoning}
            thoughtMs={answer.thoughtMs}
            active={streaming && text === ""}
            silent={isSilent}
          />
        )}
        {text !== "" && <AnswerText text={text} streaming={streaming} />}
        {streaming && reasoning === "" && text === "" && <WaitingMark silent={isSilent} />}
        {waiting && (
          <p role="status" className="mt-2 text-muted-foreground text-sm">
            {t("answer.disconnected")}
          </p>
        )}
        <Ending answer={answer} />
        <footer className="mt-auto flex flex-col gap-2 pt-4 text-muted-foreground">
          {!streaming && (
            <div className="-ml-2 flex flex-wrap items-center gap-x-1">
              {text !== "" && <CopyText text={text} label={t("copy.answer")} />}
              <Receipts receipts={receipts} label={label} />
            </div>
          )}
          {streaming ? (
            // At the end, which stays in view while the answers grow.
            <Button
              size="sm"
              variant="outline"
              aria-label={t("compare.stop", { model: label })}
              disabled={generationId === null}
              onClick={() => generationId !== null && onStop(generationId)}
            >
              <Square aria-hidden className="size-3 fill-current" /> {t("composer.stop")}
            </Button>
          ) : (
            <Button
              size="sm"
              variant="outline"
              aria-label={t("compare.chooseModel", { model: label })}
              onClick={() => onChoose(answer)}
            >
              <Check aria-hidden /> {t("compare.choose")}
            </Button>
          )}
        </footer>
      </article>
    );
  },
  (one, other) =>
    rendersEqual(one.answer, other.answer) && one.label === other.label && one.waiting === other.waiting,
);

/** Why an answer ended early. */
function Ending({ answer }: { answer: VisibleMessage }) {
  const t = useTranslations("chat.outcome");
  const { status, text } = answer;
  if (status === "done" || status === "streaming") return null;
  const key =
    status === "stopped"
      ? "stopped"
      : status === "length"
        ? text === ""
          ? "lengthWithoutText"
          : "length"
        : status === "content_filter"
          ? "contentFilter"
          : status === "out_of_credit"
            ? "outOfCredit"
            : endReason(answer);
  return (
    <p role="status" className="mt-3 text-muted-foreground text-sm">
      {t(key)}
    </p>
  );
}
