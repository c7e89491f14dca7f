import { useLocale, useTranslations } from "next-intl";
import { env } from "#lib/core/env.ts";
import { formatsFor } from "#lib/core/formats.ts";

/** When the texts changed last; change it together with them. */
const updatedAt = new Date("2026-11-30T00:00:00Z");

type Props = { title: string; lead: string; sections: { title: string; body: string }[] };

/** The layout of the terms and the privacy policy. */
export function LegalPage({ title, lead, sections }: Props) {
  const t = useTranslations("legal");
  const { date } = formatsFor(useLocale());
  return (
    <article className="mx-auto flex w-full max-w-2xl flex-col gap-8 px-4 py-14">
      <header className="flex flex-col gap-2">
        <h1 className="text-balance font-semibold text-3xl tracking-tight">{title}</h1>
        <p className="text-pretty text-lg text-muted-foreground">{lead}</p>
        <p className="text-muted-foreground text-sm">
          {t("updated", { date: date(updatedAt, { dateStyle: "long" }) })}
        </p>
      </header>
      {sections.map((section) => (
        <section key={section.title} className="flex flex-col gap-1.5">
          <h2 className="font-semibold">{section.title}</h2>
          <p className="text-pretty leading-relaxed">{section.body}</p>
        </section>
      ))}
      <p className="text-muted-foreground text-sm">{t("contact", { email: senderAddress() })}</p>
    </article>
  );
}

/** The address of MAIL_FROM, which is either bare or behind a name ("Parley <hello@parley.example>"). */
function senderAddress(): string {
  const { MAIL_FROM } = env();
  return /<([^>]+)>/.exec(MAIL_FROM)?.[1] ?? MAIL_FROM;
}
