import { CircleAlert, X } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { useUpgrade } from "#app/(workspace)/chat/_composer/_upgrade/upgrade-context.ts";
import { CreditRenewal } from "#app/(workspace)/chat/_composer/credit-renewal.tsx";
import { useProblemText } from "#app/(workspace)/chat/_composer/use-problem-text.ts";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import type { Problem } from "#app/(workspace)/chat/_stream/chat-state.ts";

type Props = {
  problem: Problem;
  /** Whether the message's text returned to its field. */
  isTextKept: boolean;
  renewsAt: string | null;
  /** The model of the rejected message. */
  model: PickerModel | undefined;
  /** Another available model. */
  alternative: PickerModel | undefined;
  onSelectModel: (model: string) => void;
  onDismiss: () => void;
};

/** Error codes where another model may succeed. */
const otherModelCodes = new Set([
  "model_unavailable",
  "model_not_found",
  "model_busy",
  "model_failed",
  "model_timeout",
  "plan_required",
]);

/** Why the server rejected a message, with a button for the next step. */
export function SendErrorNotice({
  problem,
  isTextKept,
  renewsAt,
  model,
  alternative,
  onSelectModel,
  onDismiss,
}: Props) {
  const t = useTranslations("chat.sendError");
  const credit = useTranslations("chat.credit");
  const message = useProblemText(problem);
  const { code, retryAfterSeconds } = problem;
  const isOutOfCredit = code === "insufficient_credit";
  const upgrade = useUpgrade();
  const openUpgrade = () =>
    upgrade(isOutOfCredit || model === undefined ? { kind: "credit" } : { kind: "model", model });
  return (
    <div
      role="alert"
      className="mb-3 flex animate-rise items-start gap-3 rounded-xl border bg-card p-4 text-sm"
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4.5 shrink-0 text-danger" />
      <div className="flex min-w-0 flex-1 flex-col items-start gap-2">
        <p className="font-medium">{message}</p>
        <p className="text-muted-foreground">
          {t(isTextKept ? "kept" : "notCharged")}
          {retryAfterSeconds !== undefined && ` ${retryText(t, retryAfterSeconds)}`}
          {isOutOfCredit && (
            <>
              {" "}
              <CreditRenewal at={renewsAt} />
            </>
          )}
        </p>
        {(isOutOfCredit || code === "plan_required") && (
          <Button size="sm" onClick={openUpgrade}>
            {credit(isOutOfCredit ? "get" : "plans")}
          </Button>
        )}
        {code === "unauthenticated" && (
          <Button asChild size="sm">
            <Link href="/sign-in">{t("signIn")}</Link>
          </Button>
        )}
        {code === "context_too_long" && (
          <Button asChild size="sm" variant="outline">
            <Link href="/chat">{t("newChat")}</Link>
          </Button>
        )}
        {alternative !== undefined && otherModelCodes.has(code) && (
          <Button size="sm" variant="outline" onClick={() => onSelectModel(alternative.id)}>
            {credit("useModel", { model: alternative.label })}
          </Button>
        )}
      </div>
      <Button variant="ghost" size="icon-sm" aria-label={t("dismiss")} onClick={onDismiss}>
        <X aria-hidden />
      </Button>
    </div>
  );
}

function retryText(t: ReturnType<typeof useTranslations<"chat.sendError">>, seconds: number): string {
  return seconds < 90 ? t("retryIn", { seconds }) : t("retryInMinutes", { minutes: Math.ceil(seconds / 60) });
}
