import { CircleAlert, CircleEllipsis, CircleSlash, Wallet } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { useAnswerActions } from "#app/(workspace)/chat/_answer-actions/answer-actions-context.ts";
import { useUpgrade } from "#app/(workspace)/chat/_composer/_upgrade/upgrade-context.ts";
import { endReason } from "#app/(workspace)/chat/_messages/end-reason.ts";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import type { ClientMessage, Regeneration } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { VisibleMessage } from "#app/(workspace)/chat/_stream/visible-branch.ts";
import { canContinue } from "#lib/chat/generation/continuation/continuation.ts";
import { formatsFor } from "#lib/core/formats.ts";

type Props = {
  message: VisibleMessage;
  models: PickerModel[];
  busy: boolean;
  onRegenerate: (answer: ClientMessage, options?: Regeneration) => void;
  /** Requests the rest of the answer. */
  onContinue: (answer: VisibleMessage) => void;
};

/**
 * What happened to an answer that did not complete, its cost, and the possible next steps. Nothing for
 * complete answers.
 */
export function AnswerOutcome({ message, models, busy, onRegenerate, onContinue }: Props) {
  const t = useTranslations("chat.outcome");
  const openUpgrade = useUpgrade();
  const { money } = formatsFor(useLocale());
  const { isTemporary } = useAnswerActions();
  const { status, text, receipt } = message;
  if (status === "done" || status === "streaming") return null;
  const retry = (
    <Button size="sm" variant="outline" disabled={busy} onClick={() => onRegenerate(message)}>
      {t("retry")}
    </Button>
  );
  const goOn = canContinue(message) && (
    <Button size="sm" variant="outline" disabled={busy} onClick={() => onContinue(message)}>
      {t("continue")}
    </Button>
  );
  if (status === "stopped") {
    return (
      <p className="mt-3 flex items-center gap-2 text-muted-foreground text-sm">
        <CircleSlash aria-hidden className="size-4" /> {t("stopped")} {goOn}
      </p>
    );
  }
  if (status === "length") {
    return (
      <OutcomeNotice icon={icons.length} title={t(text === "" ? "lengthWithoutText" : "length")}>
        {goOn || retry}
      </OutcomeNotice>
    );
  }
  const facts = (
    <p>
      {text !== "" && !isTemporary && `${t("kept")} `}
      {receipt === null ? t("free") : t("charged", { amount: money(receipt.chargedMicros) })}
    </p>
  );
  if (status === "out_of_credit") {
    return (
      <OutcomeNotice icon={icons.credit} title={t("outOfCredit")}>
        {facts}
        <div className="flex flex-wrap gap-2">
          <Button size="sm" onClick={() => openUpgrade({ kind: "credit" })}>
            {t("getCredit")}
          </Button>
          {goOn}
        </div>
      </OutcomeNotice>
    );
  }
  if (status === "content_filter") {
    return (
      <OutcomeNotice icon={icons.filter} title={t("contentFilter")}>
        {facts}
      </OutcomeNotice>
    );
  }
  if (message.problem?.code === "content_blocked") {
    return (
      <OutcomeNotice icon={icons.filter} title={t("contentBlocked")}>
        <p>{t("contentBlockedNext")}</p>
      </OutcomeNotice>
    );
  }
  const alternative = models.find(
    (model) =>
      model.isAvailable && !model.failing && model.status !== "unavailable" && model.id !== message.model,
  );
  return (
    <OutcomeNotice icon={icons.failure} title={t(endReason(message))}>
      {facts}
      <div className="flex flex-wrap gap-2">
        {goOn}
        {retry}
        {alternative !== undefined && (
          <Button
            size="sm"
            variant="outline"
            disabled={busy}
            onClick={() => onRegenerate(message, { model: alternative.id })}
          >
            {t("tryModel", { model: alternative.label })}
          </Button>
        )}
      </div>
    </OutcomeNotice>
  );
}

const icons = {
  length: <CircleEllipsis aria-hidden className="size-4.5 text-muted-foreground" />,
  credit: <Wallet aria-hidden className="size-4.5 text-warning" />,
  filter: <CircleAlert aria-hidden className="size-4.5 text-warning" />,
  failure: <CircleAlert aria-hidden className="size-4.5 text-danger" />,
};

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
