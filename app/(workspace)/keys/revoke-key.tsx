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
import { toast } from "#app/_ui/overlays/toast.tsx";
import { revokeKeyAction } from "#app/(workspace)/keys/actions.ts";

/** The dialog that permanently revokes a key after the user has typed its name. */
export function RevokeKey({ id, name }: { id: string; name: string }) {
  const t = useTranslations("keys.revoke");
  const [open, setOpen] = useState(false);
  const [typedName, setTypedName] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const inputId = useId();
  const revoke = (event: FormEvent) => {
    event.preventDefault();
    startTransition(async () => {
      const result = await revokeKeyAction({ id, typedName });
      if (!result.ok) return setProblem(result.fields?.[0]?.message ?? result.message);
      setOpen(false);
      toast(t("done", { name }));
    });
  };
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant="ghost" size="sm" aria-label={t("actionFor", { name })}>
          {t("action")}
        </Button>
      </DialogTrigger>
      <DialogContent>
        <form onSubmit={revoke} className="flex flex-col gap-5">
          <DialogHeader>
            <DialogTitle>{t("title", { name })}</DialogTitle>
            <DialogDescription>{t("description")}</DialogDescription>
          </DialogHeader>
          <div className="flex flex-col gap-1.5">
            <Label htmlFor={inputId}>{t("confirm", { name })}</Label>
            <Input
              id={inputId}
              autoComplete="off"
              spellCheck={false}
              value={typedName}
              onChange={(event) => setTypedName(event.target.value)}
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
                {t("cancel")}
              </Button>
            </DialogClose>
            <Button type="submit" variant="destructive" disabled={pending || typedName.trim() !== name}>
              {t("submit")}
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
