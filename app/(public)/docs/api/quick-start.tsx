import Link from "next/link";
import { useTranslations } from "next-intl";
import { type CodeSample, codeSamples } from "#app/(public)/docs/api/code-samples.ts";
import { Code, Section, withCode } from "#app/(public)/docs/api/section.tsx";
import { CopyButton } from "#app/(workspace)/keys/copy-button.tsx";

export function QuickStart({ baseUrl, model }: { baseUrl: string; model: string }) {
  const t = useTranslations("apiDocs.quickStart");
  return (
    <Section id="quickStart">
      <p className="text-pretty leading-relaxed">
        {t.rich("body", {
          ...withCode,
          keys: (text) => (
            <Link
              href="/keys"
              prefetch={false}
              className="font-medium text-accent underline underline-offset-4"
            >
              {text}
            </Link>
          ),
          url: () => <Code>{baseUrl}</Code>,
        })}
      </p>
      {codeSamples(baseUrl, model).map((sample) => (
        <Sample key={sample.language} {...sample} />
      ))}
    </Section>
  );
}

function Sample({ language, code, install }: CodeSample) {
  const t = useTranslations("apiDocs.quickStart");
  const copy = useTranslations("keys.example");
  const name = t(language);
  return (
    <figure className="overflow-hidden rounded-lg border">
      <figcaption className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b bg-muted py-1.5 pr-1.5 pl-4 text-sm">
        <span className="font-medium">{name}</span>
        <CopyButton text={code} label={copy("copy")} />
      </figcaption>
      {install !== null && (
        <p className="border-b px-4 py-2 text-muted-foreground text-sm">
          {t.rich("install", { code: () => <Code>{install}</Code> })}
        </p>
      )}
      <section
        aria-label={t("example", { language: name })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable by keyboard (WCAG 2.1.1)
        tabIndex={0}
        className="overflow-x-auto"
      >
        <pre className="w-max p-4 font-mono text-[0.8125rem] leading-relaxed">
          <code>{code}</code>
        </pre>
      </section>
    </figure>
  );
}
