import Link from "next/link";
import { Badge } from "#app/_ui/badge.tsx";
import { cn } from "#app/_ui/cn.ts";
import { type Offer, offers, offerTitle } from "#lib/billing/catalog/plans.ts";
import { plusTax } from "#lib/billing/catalog/plus-tax.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";

type Props = {
  /** Lookup keys: of what runs, of what is looked at, and of what a schedule brings. */
  current: string | null;
  chosen: string | null;
  scheduled: string | null;
};

/** Every plan that can be had, by how often it is paid. Each is a link, so that no script is needed to look at it. */
export function OfferList(props: Props) {
  return (
    <nav aria-label="Plans" className="grid gap-3 sm:grid-cols-2">
      {offers.map((offer) => (
        <OfferLink key={offer.price.lookupKey} offer={offer} {...props} />
      ))}
    </nav>
  );
}

function OfferLink({ offer, current, chosen, scheduled }: { offer: Offer } & Props) {
  const { plan, interval, price } = offer;
  const isChosen = price.lookupKey === chosen;
  return (
    <Link
      href={`/billing/plan?to=${price.lookupKey}`}
      scroll={false}
      aria-current={isChosen ? "true" : undefined}
      className={cn(
        "flex flex-col gap-1 rounded-xl border bg-card p-5 transition-colors hover:border-input",
        isChosen && "border-accent ring-1 ring-accent",
      )}
    >
      <span className="flex items-center justify-between gap-2 font-medium">
        {offerTitle(offer)}
        {price.lookupKey === current && <Badge>Your plan</Badge>}
        {price.lookupKey === scheduled && <Badge variant="warning">Comes next</Badge>}
      </span>
      <span className="text-muted-foreground text-sm">
        {formatMoney(fromCents(price.cents))}
        {plusTax()} a {interval} · {formatMoney(plan.allowanceMicros)} of credit a month
      </span>
    </Link>
  );
}
