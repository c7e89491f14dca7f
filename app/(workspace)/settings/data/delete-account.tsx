"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useId, useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { Input } from "#app/_ui/input.tsx";
import { Label } from "#app/_ui/label.tsx";
import {
  Dialog,
  DialogClose,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
  DialogTrigger,
} from "#app/_ui/overlays/dialog.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import { useStepUp } from "#app/(workspace)/_step-up/step-up-provider.tsx";
import { requestDeletionAction } from "#app/(workspace)/settings/actions.ts";

type Props = {
  email: string;
  /** The paid plan; null on Free. */
  planName: string | null;
};

/** Requests the deletion of the account and its workspace after the user has typed the email address. */
export function DeleteAccount({ email, planName }: Props) {
  const t = useTranslations("settings.delete");
  const [open, setOpen] = useState(false);
  const [typedEmail, setTypedEmail] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const inputId = useId();
  const withStepUp = useStepUp();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    startTransition(async () => {
      const result = await withStepUp(() => requestDeletionAction({ typedEmail }));
      if (result.ok) setOpen(false);
      else setProblem(result.fields?.[0]?.message ?? result.message);
    });
  };
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant="outline" className="self-start text-danger">
          {t("title")}
        </Button>
      </DialogTrigger>
      <DialogContent>
        <form onSubmit={submit} className="flex flex-col gap-5">
          <DialogHeader>
            <DialogTitle>{t("dialogTitle")}</DialogTitle>
            <DialogDescription asChild>
              <div className="flex flex-col gap-3">
                <p>{t("now")}</p>
                {planName !== null && <p>{t("plan", { plan: planName })}</p>}
                <p>{t("data")}</p>
                <p>{t("final")}</p>
              </div>
            </DialogDescription>
          </DialogHeader>
          <div className="flex flex-col gap-1.5">
            <Label htmlFor={inputId}>{t("confirm", { email })}</Label>
            <Input
              id={inputId}
              type="email"
              autoComplete="off"
              spellCheck={false}
              value={typedEmail}
              onChange={(event) => setTypedEmail(event.target.value)}
              aria-invalid={problem !== null || undefined}
              aria-describedby={`${inputId}-note`}
            />
            <p id={`${inputId}-note`} role="status" className="min-h-5 text-danger text-sm">
              {problem}
            </p>
          </div>
          <DialogFooter>
            <DialogClose asChild>
              <Button type="button" variant="outline">
                {t("keep")}
              </Button>
            </DialogClose>
            <Button
              type="submit"
              variant="destructive"
              disabled={pending || typedEmail.trim().toLowerCase() !== email}
            >
              {pending && <Spinner />}
              {t("title")}
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
