import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { type SampleLetter, sampleLetters } from "#app/(public)/dev/letters/sample-letters.ts";
import { letterHtml, letterText } from "#lib/accounts/letter.ts";
import { env } from "#lib/core/env.ts";

export const metadata: Metadata = { title: "Letters", robots: { index: false } };

/** Every letter of the product as it would arrive, for whoever changes one. Under `next dev` alone. */
export default function LettersPage() {
  if (env().NODE_ENV !== "development") return notFound();
  const letters = Object.entries(sampleLetters());
  const count = letters.reduce((sum, [, samples]) => sum + samples.length, 0);
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-12 px-4 py-10 sm:px-8">
      <div>
        <PageHeader
          title="Letters"
          description={`Every letter there is, ${count} ways, with made-up facts. This page is there in development alone.`}
        />
        <nav aria-label="Letters">
          <ul className="gap-x-8 text-sm sm:columns-2 lg:columns-3">
            {letters.map(([name, samples]) => (
              <li key={name}>
                <a
                  href={`#${name}`}
                  className="flex min-h-8 items-center text-muted-foreground hover:text-foreground pointer-coarse:min-h-11"
                >
                  {samples[0]?.letter.subject}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </div>
      {letters.map(([name, samples]) => (
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

/** The HTML runs no script and reaches nothing of this page; its links open beside it. */
function Sample({ name, sample: { when, letter } }: { name: string; sample: SampleLetter }) {
  return (
    <article className="flex flex-col gap-4">
      <header>
        <p className="text-muted-foreground text-sm">
          {when} · <span className="font-mono text-xs">{name}</span>
        </p>
        <h2 className="font-semibold text-lg">{letter.subject}</h2>
        <p className="text-muted-foreground text-sm">{letter.preview}</p>
      </header>
      <div className="grid gap-4 lg:grid-cols-[3fr_2fr]">
        <iframe
          title={`${when}, as HTML`}
          srcDoc={letterHtml(letter)}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          className="h-160 w-full rounded-lg border"
        />
        <pre className="overflow-x-auto whitespace-pre-wrap rounded-lg border bg-card p-4 font-mono text-xs leading-5 [overflow-wrap:anywhere]">
          {letterText(letter)}
        </pre>
      </div>
    </article>
  );
}
