import Link from "next/link";
import { useTranslations } from "next-intl";
import { CopyButton } from "#app/(workspace)/keys/copy-button.tsx";

/** An example request; the user only inserts the key. */
export function CodeExample({ appUrl, model }: { appUrl: string; model: string }) {
  const t = useTranslations("keys.example");
  const baseUrl = `${appUrl}/api/v1`;
  const command = [
    `curl ${baseUrl}/chat/completions \\`,
    '  -H "Authorization: Bearer $PARLEY_API_KEY" \\',
    '  -H "Content-Type: application/json" \\',
    `  -d '${JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] })}'`,
  ].join("\n");
  return (
    <section className="mt-10" aria-labelledby="key-example">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <div>
          <h2 id="key-example" className="font-medium">
            {t("title")}
          </h2>
          <p className="mt-1 text-muted-foreground text-sm text-pretty">
            {t.rich("description", {
              url: () => <code className="font-mono">{baseUrl}</code>,
              docs: (text) => (
                <Link
                  href="/docs/api"
                  prefetch={false}
                  className="touch-target font-medium text-accent underline underline-offset-4"
                >
                  {text}
                </Link>
              ),
            })}
          </p>
        </div>
        <CopyButton text={command} label={t("copy")} />
      </div>
      <pre className="mt-4 whitespace-pre-wrap rounded-md border border-border bg-muted p-4 font-mono text-sm [overflow-wrap:anywhere]">
        <code>{command}</code>
      </pre>
    </section>
  );
}
