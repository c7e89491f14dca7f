"use client";

import { useTranslations } from "next-intl";
import { useActionState, useId } from "react";
import { Button } from "#app/_ui/button.tsx";
import { Input } from "#app/_ui/input.tsx";
import { Label } from "#app/_ui/label.tsx";
import { renameAction } from "#app/(workspace)/settings/actions.ts";

/** The form for the display name. */
export function ProfileForm({ name }: { name: string }) {
  const t = useTranslations("settings.profile");
  const [state, send, pending] = useActionState(renameAction, null);
  const id = useId();
  return (
    <form action={send} className="flex flex-col gap-1.5">
      <Label htmlFor={id}>{t("name")}</Label>
      <div className="flex gap-2">
        <Input
          id={id}
          name="name"
          autoComplete="name"
          required
          maxLength={80}
          defaultValue={state?.submitted.name ?? name}
          aria-invalid={state?.ok === false || undefined}
          aria-describedby={`${id}-note`}
        />
        <Button type="submit" variant="outline" className="h-10 pointer-coarse:h-11" disabled={pending}>
          {t("save")}
        </Button>
      </div>
      <p
        id={`${id}-note`}
        role="status"
        className={`min-h-5 text-sm ${state?.ok === false ? "text-danger" : "text-muted-foreground"}`}
      >
        {state?.ok === false && (state.fields?.[0]?.message ?? state.message)}
        {state?.ok && t("saved")}
      </p>
    </form>
  );
}
