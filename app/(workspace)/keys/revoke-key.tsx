"use client";

import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { TypedConfirmation } from "#app/_ui/overlays/typed-confirmation.tsx";
import { revokeKeyAction } from "#app/(workspace)/keys/actions.ts";

/** The dialog that permanently revokes a key after the user has typed its name. */
export function RevokeKey({ id, name }: { id: string; name: string }) {
  const t = useTranslations("keys.revoke");
  const revoke = async (typedName: string) => {
    const result = await revokeKeyAction({ id, typedName });
    if (!result.ok) return result.fields?.[0]?.message ?? result.message;
    toast(t("done", { name }));
    return null;
  };
  return (
    <TypedConfirmation
      trigger={
        <Button variant="ghost" size="sm" aria-label={t("actionFor", { name })}>
          {t("action")}
        </Button>
      }
      title={t("title", { name })}
      description={<p>{t("description")}</p>}
      label={t("confirm", { name })}
      isExpected={(typed) => typed === name}
      cancel={t("cancel")}
      submit={t("submit")}
      onConfirm={revoke}
    />
  );
}
