"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Input } from "#app/_ui/input.tsx";
import { renamePasskeyAction } from "#app/(workspace)/settings/security/actions.ts";
import type { PasskeySummary } from "#lib/accounts/second-factors/passkeys.ts";

type Props = { passkey: PasskeySummary; disabled: boolean; onRemove: (id: string) => void };

/** A passkey with its name, which can be changed, and a button to remove it. */
export function PasskeyRow({ passkey, disabled, onRemove }: Props) {
  const { id, name, createdAt } = passkey;
  const t = useTranslations("security");
  const [editing, setEditing] = useState(false);
  const [pending, startTransition] = useTransition();
  const rename = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const newName = String(new FormData(event.currentTarget).get("name") ?? "");
    startTransition(async () => {
      const result = await renamePasskeyAction({ id, name: newName });
      if (result.ok) setEditing(false);
    });
  };
  if (editing)
    return (
      <li className="py-3 first:pt-0">
        <form onSubmit={rename} className="flex gap-2">
          <Input
            name="name"
            aria-label={t("passkeys.newName", { name })}
            defaultValue={name}
            required
            maxLength={60}
            autoFocus
          />
          <Button type="submit" variant="outline" className="h-10" disabled={pending}>
            {t("passkeys.save")}
          </Button>
        </form>
      </li>
    );
  return (
    <li className="flex flex-wrap items-center justify-between gap-4 py-3 first:pt-0">
      <div className="min-w-0">
        <p className="[overflow-wrap:anywhere]">{name}</p>
        <p className="text-muted-foreground text-sm">
          {t.rich("passkeys.added", { date: () => <DateTime at={createdAt} /> })}
        </p>
      </div>
      <div className="flex gap-2">
        <Button
          variant="ghost"
          size="sm"
          aria-label={t("passkeys.renameOf", { name })}
          disabled={disabled}
          onClick={() => setEditing(true)}
        >
          {t("passkeys.rename")}
        </Button>
        <Button
          variant="outline"
          size="sm"
          aria-label={t("passkeys.removeOf", { name })}
          disabled={disabled}
          onClick={() => onRemove(id)}
        >
          {t("passkeys.remove")}
        </Button>
      </div>
    </li>
  );
}
