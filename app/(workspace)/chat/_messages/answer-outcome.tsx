import { CircleAlert, CircleEllipsis, CircleSlash, Wallet } from "lucide-react";
import Link from "next/link";
import { Button } from "#app/_ui/button.tsx";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";
import { formatMoney } from "#lib/core/money.ts";

type Props = {
  message: ClientMessage;
  models: PickerModel[];
  busy: boolean;
  onRegenerate: (answer: ClientMessage, model?: string) => void;
  /** Asks the model to go on where the answer ends. */
  onContinue: (answer: ClientMessage) => void;
};

/**
 * What happened to an answer that did not complete, its cost, and the possible next steps. Nothing for
 * complete answers.
 */
export function AnswerOutcome({ message, models, busy, onRegenerate, onContinue }: Props) {
  const { status, problem, text, receipt } = message;
  if (status === "done" || status === "streaming") return null;
  if (status === "stopped") {
    return (
      <p className="mt-3 flex items-center gap-2 text-muted-foreground text-sm">
        <CircleSlash aria-hidden className="size-4" /> You stopped this answer.
      </p>
    );
  }
  if (status === "length") {
    return (
      <OutcomeNotice
        icon={<CircleEllipsis aria-hidden className="size-4.5 text-muted-foreground" />}
        title={
          text === ""
            ? "The model reached its length limit before it started to answer."
            : "This answer reached the model’s length limit."
        }
      >
        <Button
          size="sm"
          variant="outline"
          disabled={busy}
          onClick={() => (text === "" ? onRegenerate(message) : onContinue(message))}
        >
          {text === "" ? "Try again" : "Continue"}
        </Button>
      </OutcomeNotice>
    );
  }
  const cost =
    receipt === null
      ? "Nothing was charged."
      : `Charged for what was received: ${formatMoney(receipt.chargedMicros)}.`;
  const keptText = text === "" ? "" : "What was written is kept. ";
  const alternative = models.find(
    (model) => model.isAvailable && !model.failing && model.id !== message.model,
  );
  if (status === "out_of_credit") {
    return (
      <OutcomeNotice
        icon={<Wallet aria-hidden className="size-4.5 text-warning" />}
        title="Your credit ran out in the middle of this answer."
      >
        <p>
          {keptText}
          {cost}
        </p>
        <Button asChild size="sm">
          <Link href="/billing">Get more credit</Link>
        </Button>
      </OutcomeNotice>
    );
  }
  if (status === "content_filter") {
    return (
      <OutcomeNotice
        icon={<CircleAlert aria-hidden className="size-4.5 text-warning" />}
        title="The model’s content filter ended this answer."
      >
        <p>
          {keptText}
          {cost}
        </p>
      </OutcomeNotice>
    );
  }
  const reason =
    status === "interrupted"
      ? (problem?.message ?? "The server was restarted while this answer was written.")
      : (problem?.message ?? "This answer could not be finished.");
  return (
    <OutcomeNotice icon={<CircleAlert aria-hidden className="size-4.5 text-danger" />} title={reason}>
      <p>
        {keptText}
        {cost.includes("Nothing") && reason.includes("Nothing was charged") ? "" : cost}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" variant="outline" disabled={busy} onClick={() => onRegenerate(message)}>
          Try again
        </Button>
        {alternative !== undefined && (
          <Button
            size="sm"
            variant="outline"
            disabled={busy}
            onClick={() => onRegenerate(message, alternative.id)}
          >
            Ask {alternative.label}
          </Button>
        )}
      </div>
    </OutcomeNotice>
  );
}

function OutcomeNotice({
  icon,
  title,
  children,
}: {
  icon: React.ReactNode;
  title: string;
  children: React.ReactNode;
}) {
  return (
    <div role="alert" className="mt-3 flex gap-3 rounded-xl border p-4 text-sm">
      <span className="mt-0.5">{icon}</span>
      <div className="flex flex-col gap-2 [&_p]:text-muted-foreground">
        <strong className="font-medium">{title}</strong>
        {children}
      </div>
    </div>
  );
}
