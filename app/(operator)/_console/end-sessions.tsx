"use client";

import { useActionState, useEffect, useState } from "react";
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
import { Spinner } from "#app/_ui/spinner.tsx";
import { endSessionsAction } from "#app/(operator)/operator/actions.ts";

type Props = {
  workspaceId: string;
  texts: { action: string; title: string; description: string; cancel: string };
};

/** Signs a user out everywhere, after a confirmation. */
export function EndSessions({ workspaceId, texts }: Props) {
  const [state, send, isPending] = useActionState(endSessionsAction, null);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    if (state !== null) setOpen(false);
  }, [state]);
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <AlertDialog open={isOpen} onOpenChange={setOpen}>
        <AlertDialogTrigger asChild>
          <Button variant="outline" size="sm">
            {texts.action}
          </Button>
        </AlertDialogTrigger>
        <AlertDialogContent>
          <form action={send} className="contents">
            <input type="hidden" name="workspaceId" value={workspaceId} />
            <AlertDialogHeader>
              <AlertDialogTitle>{texts.title}</AlertDialogTitle>
              <AlertDialogDescription>{texts.description}</AlertDialogDescription>
            </AlertDialogHeader>
            <AlertDialogFooter>
              <AlertDialogCancel type="button">{texts.cancel}</AlertDialogCancel>
              <Button type="submit" variant="destructive" disabled={isPending}>
                {isPending && <Spinner />}
                {texts.action}
              </Button>
            </AlertDialogFooter>
          </form>
        </AlertDialogContent>
      </AlertDialog>
      <p role="status" className="text-muted-foreground text-sm empty:hidden">
        {state?.ok === true && state.value}
      </p>
      <p role="alert" className="text-danger text-sm empty:hidden">
        {state?.ok === false && state.message}
      </p>
    </div>
  );
}
