import { useTranslations } from "next-intl";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { LegalPage } from "#app/(public)/_legal/legal-page.tsx";
import { env } from "#lib/core/env.ts";

export const generateMetadata = pageMetadata("/terms");

const sections = [
  "service",
  "account",
  "use",
  "content",
  "payment",
  "refunds",
  "ending",
  "liability",
] as const;

export default function TermsPage() {
  const t = useTranslations("legal.terms");
  const app = env().APP_NAME;
  return (
    <LegalPage
      title={t("title")}
      lead={t("lead", { app })}
      sections={sections.map((key) => ({ title: t(`${key}.title`), body: t(`${key}.body`, { app }) }))}
    />
  );
}
