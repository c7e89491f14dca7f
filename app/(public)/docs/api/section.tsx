import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

/** The sections in the order of the page. */
export const sectionKeys = [
  "quickStart",
  "authentication",
  "models",
  "limits",
  "cache",
  "errors",
  "reference",
] as const;

type SectionKey = (typeof sectionKeys)[number];

/** A section of the page, with a heading that can be linked to. */
export function Section({ id, children }: { id: SectionKey; children: ReactNode }) {
  const t = useTranslations("apiDocs");
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="flex scroll-mt-6 flex-col gap-4">
      <h2 id={`${id}-title`} className="font-semibold text-xl tracking-tight">
        {t(`${id}.title`)}
      </h2>
      {children}
    </section>
  );
}

export function Code({ children }: { children: ReactNode }) {
  return (
    <code className="rounded bg-muted px-1 py-0.5 font-mono text-[0.9em] [overflow-wrap:anywhere]">
      {children}
    </code>
  );
}

/** For rich texts: `<code>` in a message. */
export const withCode = { code: (text: ReactNode) => <Code>{text}</Code> };
