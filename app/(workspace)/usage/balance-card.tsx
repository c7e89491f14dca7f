import Link from "next/link";
import { Button } from "#app/_ui/button.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { GrantExpiry } from "#app/_ui/grant-expiry.tsx";
import type { NamedGrant } from "#app/(workspace)/usage/named-grants.ts";
import type { OverageWindow } from "#lib/usage/overage.ts";

type Props = {
  /** The amount in the sidebar. Includes the Free allowance before its first use. */
  availableMicros: number;
  heldMicros: number;
  grants: NamedGrant[];
  overage: OverageWindow | null;
};

/** Available credit, holds of running answers, overage, and each grant with its expiry. */
export function BalanceCard({ availableMicros, heldMicros, grants, overage }: Props) {
  return (
    <section
      aria-labelledby="balance"
      className="grid gap-8 rounded-xl border bg-card p-6 sm:grid-cols-[auto_1fr]"
    >
      <div>
        <h2 id="balance" className="text-muted-foreground text-sm">
          Available
        </h2>
        <p className="mt-1 font-semibold text-4xl tracking-tight">
          <Money micros={Math.max(0, availableMicros)} />
        </p>
        {heldMicros > 0 && (
          <p className="mt-2 text-muted-foreground text-sm">
            <Money micros={heldMicros} /> held for answers that are being written
          </p>
        )}
        {overage !== null && <OverageSummary {...overage} />}
        <Button asChild variant="outline" size="sm" className="mt-4">
          <Link href="/billing">Plan and billing</Link>
        </Button>
      </div>
      {grants.length === 0 ? (
        <p className="self-center text-muted-foreground text-sm">No credit is running.</p>
      ) : (
        <ul className="flex flex-col justify-center gap-4">
          {grants.map((grant) => (
            <li key={grant.key}>
              <p className="flex flex-wrap justify-between gap-x-4 text-sm">
                <span className="font-medium">{grant.name}</span>
                <span className="text-muted-foreground">
                  <Money micros={grant.leftMicros} className="text-foreground" /> left of{" "}
                  <Money micros={grant.amountMicros} />, until <GrantExpiry grant={grant} />
                </span>
              </p>
              <div aria-hidden className="mt-2 h-1.5 overflow-hidden rounded-full bg-muted">
                <div
                  className="h-full rounded-full bg-accent"
                  style={{ width: `${Math.min(100, (grant.leftMicros / grant.amountMicros) * 100)}%` }}
                />
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** The available and the used overage (M16). */
function OverageSummary({ capMicros, usedMicros, endsAt }: OverageWindow) {
  const leftMicros = Math.max(0, capMicros - usedMicros);
  return (
    <div className="mt-2 flex flex-col gap-1 text-muted-foreground text-sm">
      {leftMicros > 0 && (
        <p>
          <Money micros={leftMicros} /> of it beyond credit, up to your limit
        </p>
      )}
      {usedMicros > 0 && (
        <p>
          <Money micros={usedMicros} /> used beyond credit, billed on <DateTime at={endsAt} />
        </p>
      )}
    </div>
  );
}
