"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { FormField } from "#app/_ui/form-field.tsx";
import { useStepUp } from "#app/(workspace)/_step-up/step-up-provider.tsx";
import {
  disableTotpAction,
  enableTotpAction,
  startTotpSetupAction,
} from "#app/(workspace)/settings/security/actions.ts";
import { RecoveryCodeList } from "#app/(workspace)/settings/security/recovery-codes.tsx";

type Setup = { key: string; qrCodeSvg: string };

/** Sets up or removes the authenticator app. */
export function TotpSetup({ enabled }: { enabled: boolean }) {
  const t = useTranslations("security");
  const [setup, setSetup] = useState<Setup | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [problem, setProblem] = useState<string | undefined>();
  const [pending, startTransition] = useTransition();
  const withStepUp = useStepUp();
  const begin = () =>
    startTransition(async () => {
      const result = await withStepUp(() => startTotpSetupAction(undefined));
      if (result.ok) setSetup(result.value);
      setProblem(result.ok ? undefined : result.message);
    });
  const remove = () =>
    startTransition(async () => {
      const result = await withStepUp(() => disableTotpAction(undefined));
      setCodes(null);
      setProblem(result.ok ? undefined : result.message);
    });
  const confirm = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code") ?? "");
    startTransition(async () => {
      const result = await withStepUp(() => enableTotpAction({ code }));
      setProblem(result.ok ? undefined : (result.fields?.[0]?.message ?? result.message));
      if (!result.ok) return;
      setSetup(null);
      setCodes(result.value.recoveryCodes);
    });
  };
  return (
    <div className="flex flex-col gap-4">
      {enabled && <p>{t("totp.enabled")}</p>}
      {codes !== null && <RecoveryCodeList codes={codes} />}
      {!enabled && setup !== null && (
        <form onSubmit={confirm} className="flex flex-col gap-4">
          <p>{t("totp.scan")}</p>
          <div
            role="img"
            aria-label={t("totp.qrCode")}
            className="w-48 rounded-md bg-white p-2"
            // biome-ignore lint/security/noDangerouslySetInnerHtml: rendered by the server from our own URI
            dangerouslySetInnerHTML={{ __html: setup.qrCodeSvg }}
          />
          <p className="text-muted-foreground text-sm">
            {t.rich("totp.key", { key: () => <code data-testid="totp-key">{setup.key}</code> })}
          </p>
          <FormField
            label={t("totp.code")}
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            maxLength={20}
            problem={problem}
          />
          <Button type="submit" className="self-start" disabled={pending}>
            {t("totp.turnOn")}
          </Button>
        </form>
      )}
      {(enabled || setup === null) && (
        <>
          <Button
            variant="outline"
            className="self-start"
            disabled={pending}
            onClick={enabled ? remove : begin}
          >
            {enabled ? t("totp.remove") : t("totp.setUp")}
          </Button>
          <p role="alert" className="text-danger text-sm empty:hidden">
            {problem}
          </p>
        </>
      )}
    </div>
  );
}
