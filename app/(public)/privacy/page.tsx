import { useTranslations } from "next-intl";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { LegalPage } from "#app/(public)/_legal/legal-page.tsx";
import { env } from "#lib/core/env.ts";

export const generateMetadata = pageMetadata("/privacy");

const sections = ["stored", "purpose", "models", "payments", "cookies", "retention", "rights"] as const;

export default function PrivacyPage() {
  const t = useTranslations("legal.privacy");
  const app = env().APP_NAME;
  return (
    <LegalPage
      title={t("title")}
      lead={t("lead", { app })}
      sections={sections.map((key) => ({ title: t(`${key}.title`), body: t(`${key}.body`) }))}
    />
  );
}
