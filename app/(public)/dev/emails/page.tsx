import { notFound } from "next/navigation";
import { useLocale } from "next-intl";
import { getLocale } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { type SampleEmail, sampleEmails } from "#app/(public)/dev/emails/sample-emails.ts";
import { renderEmailHtml, renderEmailText } from "#lib/accounts/email/email-template.ts";
import { env } from "#lib/core/env.ts";

export const generateMetadata = pageMetadata("/dev/emails");

/** Previews every email of the product. Only available under `next dev`. */
export default async function EmailsPage() {
  if (env().NODE_ENV !== "development") return notFound();
  const locale = await getLocale();
  const emails = Object.entries(sampleEmails(locale));
  const count = emails.reduce((sum, [, samples]) => sum + samples.length, 0);
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-12 px-4 py-10 sm:px-8">
      <div>
        <PageHeader
          title="Emails"
          description={`All emails in ${count} variants with sample data. This page exists in development only.`}
        />
        <nav aria-label="Emails">
          <ul className="gap-x-8 text-sm sm:columns-2 lg:columns-3">
            {emails.map(([name, samples]) => (
              <li key={name}>
                <a
                  href={`#${name}`}
                  className="flex min-h-8 items-center text-muted-foreground hover:text-foreground pointer-coarse:min-h-11"
                >
                  {samples[0]?.email.subject}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </div>
      {emails.map(([name, samples]) => (
        <section
          key={name}
          id={name}
          aria-label={name}
          className="flex scroll-mt-6 flex-col gap-10 border-t pt-8"
        >
          {samples.map((sample) => (
            <Sample key={sample.when} name={name} sample={sample} />
          ))}
        </section>
      ))}
    </div>
  );
}

/** The iframe's sandbox blocks scripts and access to this page; links open in a new tab. */
function Sample({ name, sample: { when, email } }: { name: string; sample: SampleEmail }) {
  const locale = useLocale();
  return (
    <article className="flex flex-col gap-4">
      <header>
        <p className="text-muted-foreground text-sm">
          {when} · <span className="font-mono text-xs">{name}</span>
        </p>
        <h2 className="font-semibold text-lg">{email.subject}</h2>
        <p className="text-muted-foreground text-sm">{email.preview}</p>
      </header>
      <div className="grid gap-4 lg:grid-cols-[3fr_2fr]">
        <iframe
          title={`${when}, as HTML`}
          srcDoc={renderEmailHtml(email, locale)}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          className="h-160 w-full rounded-lg border"
        />
        <pre className="overflow-x-auto whitespace-pre-wrap rounded-lg border bg-card p-4 font-mono text-xs leading-5 [overflow-wrap:anywhere]">
          {renderEmailText(email)}
        </pre>
      </div>
    </article>
  );
}
