"use client";

import { startRegistration } from "@simplewebauthn/browser";
import { useTranslations } from "next-intl";
import { type FormEvent, useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { FormField } from "#app/_ui/form-field.tsx";
import { useStepUp } from "#app/(workspace)/_step-up/step-up-provider.tsx";
import {
  addPasskeyAction,
  deletePasskeyAction,
  startRegistrationAction,
} from "#app/(workspace)/settings/security/actions.ts";
import { PasskeyRow } from "#app/(workspace)/settings/security/passkey-row.tsx";
import { RecoveryCodeList } from "#app/(workspace)/settings/security/recovery-codes.tsx";
import type { PasskeySummary } from "#lib/accounts/second-factors/passkeys.ts";

/** Lists, adds, renames and removes passkeys. */
export function PasskeyList({ passkeys }: { passkeys: PasskeySummary[] }) {
  const t = useTranslations("security");
  const [codes, setCodes] = useState<string[] | null>(null);
  const [problem, setProblem] = useState<string | undefined>();
  const [pending, startTransition] = useTransition();
  const withStepUp = useStepUp();
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const name = String(new FormData(form).get("name") ?? "");
    startTransition(async () => {
      setProblem(undefined);
      const options = await withStepUp(() => startRegistrationAction(undefined));
      if (!options.ok) return setProblem(options.message);
      const response = await startRegistration({ optionsJSON: options.value }).catch(() => null);
      if (response === null) return setProblem(t("passkeys.notCreated"));
      const result = await addPasskeyAction({ name, response });
      if (!result.ok) return setProblem(result.fields?.[0]?.message ?? result.message);
      form.reset();
      setCodes(result.value.recoveryCodes);
    });
  };
  const remove = (id: string) =>
    startTransition(async () => {
      const result = await withStepUp(() => deletePasskeyAction({ id }));
      setProblem(result.ok ? undefined : result.message);
    });
  return (
    <div className="flex flex-col gap-4">
      {passkeys.length > 0 && (
        <ul className="divide-y divide-border">
          {passkeys.map((passkey) => (
            <PasskeyRow key={passkey.id} passkey={passkey} disabled={pending} onRemove={remove} />
          ))}
        </ul>
      )}
      {codes !== null && <RecoveryCodeList codes={codes} />}
      <form onSubmit={add} className="flex flex-col gap-2">
        <FormField
          label={t("passkeys.name")}
          name="name"
          autoComplete="off"
          required
          maxLength={60}
          hint={t("passkeys.nameHint")}
          problem={problem}
        />
        <Button type="submit" variant="outline" className="self-start" disabled={pending}>
          {t("passkeys.add")}
        </Button>
      </form>
    </div>
  );
}
