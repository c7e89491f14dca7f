import { useLocale, useTranslations } from "next-intl";
import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { ApiReference } from "#app/(public)/docs/api/_reference/api-reference.tsx";
import { ErrorTable } from "#app/(public)/docs/api/error-table.tsx";
import { Limits } from "#app/(public)/docs/api/limits.tsx";
import { ModelTable } from "#app/(public)/docs/api/model-table.tsx";
import { QuickStart } from "#app/(public)/docs/api/quick-start.tsx";
import { Section, sectionKeys, withCode } from "#app/(public)/docs/api/section.tsx";
import { cacheTtlSeconds } from "#lib/chat/api/cache/cache-control.ts";
import { env } from "#lib/core/env.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { defaultModelId } from "#lib/usage/price-list.ts";

export async function generateMetadata() {
  const t = await getTranslations("apiDocs");
  return pageMetadata("/docs/api", { description: t("lead") })();
}

/** The guide to the public API, and the reference below it. */
export default function ApiDocsPage() {
  const t = useTranslations("apiDocs");
  const baseUrl = `${new URL(env().APP_URL).origin}/api/v1`;
  return (
    <ClientMessages of={["apiDocs", "keys"]}>
      <article className="mx-auto flex w-full max-w-4xl flex-col gap-14 px-4 py-14 sm:px-8">
        <header className="flex flex-col gap-4">
          <h1 className="text-balance font-semibold text-3xl tracking-tight sm:text-4xl">{t("title")}</h1>
          <p className="text-pretty text-lg text-muted-foreground">{t("lead")}</p>
          <nav aria-label={t("contents")}>
            <ul className="flex flex-wrap gap-x-6">
              {sectionKeys.map((key) => (
                <li key={key}>
                  <a
                    href={`#${key}`}
                    className="inline-flex min-h-11 min-w-11 items-center text-accent text-sm underline-offset-4 hover:underline"
                  >
                    {t(`${key}.title`)}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
        </header>
        <QuickStart baseUrl={baseUrl} model={defaultModelId()} />
        <Authentication />
        <ModelTable />
        <Limits />
        <ResponseCache />
        <ErrorTable />
        <Section id="reference">
          <p className="text-pretty leading-relaxed">
            {t.rich("reference.body", {
              document: (text) => (
                <a href="/api/openapi.json" className="font-medium text-accent underline underline-offset-4">
                  {text}
                </a>
              ),
            })}
          </p>
          <ApiReference />
          <noscript>{t("reference.noScript")}</noscript>
        </Section>
      </article>
    </ClientMessages>
  );
}

function Authentication() {
  const t = useTranslations("apiDocs.authentication");
  return (
    <Section id="authentication">
      <p className="text-pretty leading-relaxed">{t.rich("header", withCode)}</p>
      <p className="text-pretty leading-relaxed">{t("scopes")}</p>
      <p className="text-pretty leading-relaxed">{t("safety")}</p>
    </Section>
  );
}

function ResponseCache() {
  const t = useTranslations("apiDocs.cache");
  const { count } = formatsFor(useLocale());
  const { min, max, initial } = cacheTtlSeconds;
  return (
    <Section id="cache">
      <p className="text-pretty leading-relaxed">{t.rich("body", withCode)}</p>
      <p className="text-pretty leading-relaxed">
        {t.rich("ttl", { ...withCode, min: count(min), max: count(max), initial: count(initial) })}
      </p>
      <p className="text-pretty leading-relaxed">{t("privacy")}</p>
    </Section>
  );
}
