import { getTranslations } from "next-intl/server";
import { AuthPanel } from "#app/(public)/_auth/auth-panel.tsx";

/** Shown where an emailed link is opened in another browser than the one that asked for it. */
export async function OtherBrowserPanel() {
  const t = await getTranslations("auth.otherBrowser");
  return (
    <AuthPanel title={t("title")} lead={t("lead")}>
      <p className="text-muted-foreground text-sm">{t("close")}</p>
    </AuthPanel>
  );
}
