"use client";

import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { TypedConfirmation } from "#app/_ui/overlays/typed-confirmation.tsx";
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
  const withStepUp = useStepUp();
  const request = async (typedEmail: string) => {
    const result = await withStepUp(() => requestDeletionAction({ typedEmail }));
    return result.ok ? null : (result.fields?.[0]?.message ?? result.message);
  };
  return (
    <TypedConfirmation
      trigger={
        <Button variant="outline" className="self-start text-danger">
          {t("title")}
        </Button>
      }
      title={t("dialogTitle")}
      description={
        <>
          <p>{t("now")}</p>
          {planName !== null && <p>{t("plan", { plan: planName })}</p>}
          <p>{t("data")}</p>
          <p>{t("final")}</p>
        </>
      }
      label={t("confirm", { email })}
      inputType="email"
      isExpected={(typed) => typed.toLowerCase() === email}
      cancel={t("keep")}
      submit={t("title")}
      onConfirm={request}
    />
  );
}
