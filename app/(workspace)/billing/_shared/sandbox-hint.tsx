import { useTranslations } from "next-intl";
import { env } from "#lib/core/env.ts";

/** With the sandbox: the test cards and a link to the sandbox's control page. */
export function SandboxHint() {
  const t = useTranslations("billing.sandbox");
  const { SANDBOX_STRIPE_URL } = env();
  if (SANDBOX_STRIPE_URL === undefined) return null;
  return (
    <aside className="rounded-xl border border-dashed px-5 py-4 text-muted-foreground text-sm">
      <p>
        {t.rich("text", { card: (number) => <code className="whitespace-nowrap">{number}</code> })}{" "}
        <a href={SANDBOX_STRIPE_URL} className="text-accent underline underline-offset-4">
          {t("link")}
        </a>
      </p>
    </aside>
  );
}
