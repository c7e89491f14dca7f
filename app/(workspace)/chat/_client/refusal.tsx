import { CircleAlert, X } from "lucide-react";
import Link from "next/link";
import { Button } from "#app/_ui/button.tsx";
import { DateTime } from "#app/_ui/date-time.tsx";
import type { Problem } from "#app/(workspace)/chat/_client/chat-state.ts";

type Props = { problem: Problem; renewsAt: string | null; onDismiss: () => void };

/** Why a message was not taken. Nothing was charged and the text is back in its field; the next step is a button. */
export function Refusal({ problem, renewsAt, onDismiss }: Props) {
  const credit = problem.code === "insufficient_credit";
  const plan = problem.code === "plan_required";
  return (
    <div
      role="alert"
      className="mb-3 flex animate-rise items-start gap-3 rounded-xl border bg-card p-4 text-sm"
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4.5 shrink-0 text-danger" />
      <div className="flex min-w-0 flex-1 flex-col gap-2">
        <p className="font-medium">{problem.message}</p>
        <p className="text-muted-foreground">
          Your message is kept below, and nothing was charged.
          {credit && renewsAt !== null && (
            <>
              {" "}
              Your credit renews on <DateTime at={renewsAt} />.
            </>
          )}
        </p>
        {(credit || plan) && (
          <Button asChild size="sm" className="self-start">
            <Link href="/pricing">{credit ? "Get more credit" : "See the plans"}</Link>
          </Button>
        )}
        {problem.code === "unauthenticated" && (
          <Button asChild size="sm" className="self-start">
            <Link href="/sign-in">Sign in</Link>
          </Button>
        )}
      </div>
      <Button variant="ghost" size="icon-sm" aria-label="Dismiss" onClick={onDismiss}>
        <X aria-hidden />
      </Button>
    </div>
  );
}
