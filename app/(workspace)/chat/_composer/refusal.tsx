import { CircleAlert, X } from "lucide-react";
import Link from "next/link";
import { Button } from "#app/_ui/button.tsx";
import { CreditRenewal } from "#app/(workspace)/chat/_composer/credit-renewal.tsx";
import type { PickerModel } from "#app/(workspace)/chat/_screen/read-chat-frame.ts";
import type { Problem } from "#app/(workspace)/chat/_stream/chat-state.ts";

type Props = {
  problem: Problem;
  /** Whether the text of a message came back to its field. */
  kept: boolean;
  renewsAt: string | null;
  /** A model that could answer instead. */
  other: PickerModel | undefined;
  onOther: (model: string) => void;
  onDismiss: () => void;
};

/** Codes where another model may well do what this one did not. */
const askAnother = new Set([
  "model_unavailable",
  "model_busy",
  "model_failed",
  "model_timeout",
  "plan_required",
]);

/** Why a message was not taken. Nothing was charged and the text is back in its field; the next step is a button. */
export function Refusal({ problem, kept, renewsAt, other, onOther, onDismiss }: Props) {
  const { code, message, retryAfterSeconds } = problem;
  const credit = code === "insufficient_credit";
  return (
    <div
      role="alert"
      className="mb-3 flex animate-rise items-start gap-3 rounded-xl border bg-card p-4 text-sm"
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4.5 shrink-0 text-danger" />
      <div className="flex min-w-0 flex-1 flex-col items-start gap-2">
        <p className="font-medium">{message}</p>
        <p className="text-muted-foreground">
          {kept ? "Your message is kept below, and nothing was charged." : "Nothing was charged."}
          {retryAfterSeconds !== undefined && ` Try again in ${sayWait(retryAfterSeconds)}.`}
          {credit && (
            <>
              {" "}
              <CreditRenewal at={renewsAt} />
            </>
          )}
        </p>
        {(credit || code === "plan_required") && (
          <Button asChild size="sm">
            <Link href={credit ? "/billing" : "/pricing"}>
              {credit ? "Get more credit" : "See the plans"}
            </Link>
          </Button>
        )}
        {code === "unauthenticated" && (
          <Button asChild size="sm">
            <Link href="/sign-in">Sign in</Link>
          </Button>
        )}
        {code === "context_too_long" && (
          <Button asChild size="sm" variant="outline">
            <Link href="/chat">Begin a new chat</Link>
          </Button>
        )}
        {other !== undefined && askAnother.has(code) && (
          <Button size="sm" variant="outline" onClick={() => onOther(other.id)}>
            Use {other.label}
          </Button>
        )}
      </div>
      <Button variant="ghost" size="icon-sm" aria-label="Dismiss" onClick={onDismiss}>
        <X aria-hidden />
      </Button>
    </div>
  );
}

function sayWait(seconds: number): string {
  if (seconds < 90) return seconds === 1 ? "a second" : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
