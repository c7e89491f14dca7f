import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { BalanceAmount, Money } from "#app/_ui/formats/money.tsx";
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
  const t = useTranslations("usage");
  return (
    <section
      aria-labelledby="balance"
      className="grid gap-8 rounded-xl border bg-card p-6 sm:grid-cols-[auto_1fr]"
    >
      <div>
        <h2 id="balance" className="text-muted-foreground text-sm">
          {t("balance.title")}
        </h2>
        <p className="mt-1 font-semibold text-4xl tracking-tight">
          <BalanceAmount micros={Math.max(0, availableMicros)} />
        </p>
        {heldMicros > 0 && (
          <p className="mt-2 text-muted-foreground text-sm">
            {t.rich("balance.held", { amount: () => <Money micros={heldMicros} /> })}
          </p>
        )}
        {overage !== null && <OverageSummary {...overage} />}
        <Button asChild variant="outline" size="sm" className="mt-4">
          <Link href="/billing">{t("balance.manage")}</Link>
        </Button>
      </div>
      {grants.length === 0 ? (
        <p className="self-center text-muted-foreground text-sm">{t("balance.none")}</p>
      ) : (
        <ul className="flex flex-col justify-center gap-4">
          {grants.map((grant) => (
            <li key={grant.key}>
              <p className="flex flex-wrap justify-between gap-x-4 text-sm">
                <span className="font-medium">{t(`grants.${grant.name}`, { plan: grant.planName })}</span>
                <span className="text-muted-foreground">
                  {t.rich("balance.grant", {
                    left: () => <BalanceAmount micros={grant.leftMicros} className="text-foreground" />,
                    total: () => <BalanceAmount micros={grant.amountMicros} />,
                    date: () => <GrantExpiry grant={grant} />,
                  })}
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
  const t = useTranslations("usage.balance");
  const leftMicros = Math.max(0, capMicros - usedMicros);
  return (
    <div className="mt-2 flex flex-col gap-1 text-muted-foreground text-sm">
      {leftMicros > 0 && (
        <p>{t.rich("overageLeft", { amount: () => <BalanceAmount micros={leftMicros} /> })}</p>
      )}
      {usedMicros > 0 && (
        <p>
          {t.rich("overageUsed", {
            amount: () => <Money micros={usedMicros} />,
            date: () => <DateTime at={endsAt} />,
          })}
        </p>
      )}
    </div>
  );
}
