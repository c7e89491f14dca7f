"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useRef, useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import {
  AlertDialog,
  AlertDialogCancel,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogFooter,
  AlertDialogHeader,
  AlertDialogTitle,
  AlertDialogTrigger,
} from "#app/_ui/overlays/alert-dialog.tsx";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import { cancelPlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";

/** The plan card's heading. */
const planHeadingId = "plan";

type Props = {
  planName: string;
  /** Whether it ends immediately, because it entitles to nothing any more. */
  endsNow?: boolean;
  /** What the user loses, and when. */
  children: ReactNode;
};

/** Cancels the plan at the period's end after a confirmation. The user can resume it until then. */
export function CancelPlan({ planName, endsNow = false, children }: Props) {
  const t = useTranslations("billingForms.cancel");
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();
  const isDone = useRef(false);
  const cancel = () =>
    startTransition(async () => {
      const result = await cancelPlanAction({});
      if (!result.ok) return setProblem(result.message);
      isDone.current = true;
      setOpen(false);
      toast(t(endsNow ? "doneNow" : "done", { plan: planName }));
    });
  return (
    <AlertDialog open={isOpen} onOpenChange={setOpen}>
      <AlertDialogTrigger asChild>
        <Button variant="ghost">{t("action")}</Button>
      </AlertDialogTrigger>
      <AlertDialogContent
        onCloseAutoFocus={(event) => {
          // The trigger disappears after the cancellation, so the plan's heading gets the focus.
          if (!isDone.current) return;
          event.preventDefault();
          document.getElementById(planHeadingId)?.focus();
        }}
      >
        <AlertDialogHeader>
          <AlertDialogTitle>{t("title", { plan: planName })}</AlertDialogTitle>
          <AlertDialogDescription asChild>
            <div className="flex flex-col gap-3">{children}</div>
          </AlertDialogDescription>
        </AlertDialogHeader>
        <p role="alert" className="text-danger text-sm empty:hidden">
          {problem}
        </p>
        <AlertDialogFooter>
          <AlertDialogCancel>{t("keep", { plan: planName })}</AlertDialogCancel>
          <Button variant="destructive" onClick={cancel} disabled={isPending}>
            {isPending && <Spinner />}
            {t("submit", { plan: planName })}
          </Button>
        </AlertDialogFooter>
      </AlertDialogContent>
    </AlertDialog>
  );
}
