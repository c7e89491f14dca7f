"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogHeader,
  DialogTitle,
  DialogTrigger,
} from "#app/_ui/overlays/dialog.tsx";
import { KeyForm } from "#app/(workspace)/keys/key-form.tsx";
import { NewSecret } from "#app/(workspace)/keys/new-secret.tsx";

/** The dialog that creates a key and then shows its secret once. */
export function CreateKey() {
  const t = useTranslations("keys");
  const [open, setOpen] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const onOpenChange = (next: boolean) => {
    setOpen(next);
    if (next) setSecret(null);
  };
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogTrigger asChild>
        <Button>{t("create.action")}</Button>
      </DialogTrigger>
      <DialogContent
        // A click outside must not close the dialog: the secret cannot be shown again.
        onInteractOutside={(event) => secret !== null && event.preventDefault()}
      >
        <DialogHeader>
          <DialogTitle>{t(secret === null ? "create.title" : "secret.title")}</DialogTitle>
          <DialogDescription>
            {t(secret === null ? "create.description" : "secret.description")}
          </DialogDescription>
        </DialogHeader>
        {secret === null ? (
          <KeyForm onCreated={setSecret} />
        ) : (
          <NewSecret secret={secret} onDone={() => onOpenChange(false)} />
        )}
      </DialogContent>
    </Dialog>
  );
}
