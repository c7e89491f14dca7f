"use client";

import { useTranslations } from "next-intl";
import { useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { useStepUp } from "#app/(workspace)/_step-up/step-up-provider.tsx";
import { regenerateRecoveryCodesAction } from "#app/(workspace)/settings/security/actions.ts";

/** Says how many recovery codes are left and replaces them. */
export function RecoveryCodes({ left }: { left: number }) {
  const t = useTranslations("security");
  const [codes, setCodes] = useState<string[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const withStepUp = useStepUp();
  const replace = () =>
    startTransition(async () => {
      const result = await withStepUp(() => regenerateRecoveryCodesAction(undefined));
      if (result.ok) setCodes(result.value.recoveryCodes);
      setProblem(result.ok ? null : result.message);
    });
  return (
    <div className="flex flex-col gap-4">
      <p>{t("recoveryCodes.left", { count: left })}</p>
      {codes !== null && <RecoveryCodeList codes={codes} />}
      <Button variant="outline" className="self-start" disabled={pending} onClick={replace}>
        {t("recoveryCodes.replace")}
      </Button>
      <p role="alert" className="text-danger text-sm empty:hidden">
        {problem}
      </p>
    </div>
  );
}

/** Shows new recovery codes; they cannot be shown again. */
export function RecoveryCodeList({ codes }: { codes: string[] }) {
  const t = useTranslations("security");
  return (
    <div role="status" className="flex flex-col gap-3 rounded-lg border p-4">
      <p className="font-medium">{t("recoveryCodes.save")}</p>
      <p className="text-muted-foreground text-sm">{t("recoveryCodes.saveHint")}</p>
      <ul data-testid="recovery-codes" className="grid gap-x-8 gap-y-1 font-mono text-sm sm:grid-cols-2">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
    </div>
  );
}
