import { env } from "#lib/core/env.ts";

/** With the sandbox: the test cards and a link to the sandbox's control page. */
export function SandboxHint() {
  const { SANDBOX_STRIPE_URL } = env();
  if (SANDBOX_STRIPE_URL === undefined) return null;
  return (
    <aside className="rounded-xl border border-dashed px-5 py-4 text-muted-foreground text-sm">
      <p>
        Payments here go to the sandbox, and no money moves. The card <code>4242 4242 4242 4242</code> pays,{" "}
        <code>4000 0000 0000 0002</code> is declined, with any date to come and any three figures.{" "}
        <a href={SANDBOX_STRIPE_URL} className="text-accent underline underline-offset-4">
          Open the sandbox's dashboard
        </a>
      </p>
    </aside>
  );
}
