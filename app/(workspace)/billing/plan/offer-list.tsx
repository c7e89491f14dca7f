import Link from "next/link";
import { Badge } from "#app/_ui/badge.tsx";
import { cn } from "#app/_ui/cn.ts";
import { type Offer, offers, offerTitle } from "#lib/billing/catalog/plans.ts";
import { plusTax } from "#lib/billing/catalog/plus-tax.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";

type Props = {
  /** Lookup keys of the current price, the selected one and the scheduled one. */
  current: string | null;
  selected: string | null;
  scheduled: string | null;
};

/** Links to the preview of every plan and interval. Works without JavaScript. */
export function OfferList(props: Props) {
  return (
    <nav aria-label="Plans" className="grid gap-3 sm:grid-cols-2">
      {offers.map((offer) => (
        <OfferLink key={offer.price.lookupKey} offer={offer} {...props} />
      ))}
    </nav>
  );
}

function OfferLink({ offer, current, selected, scheduled }: { offer: Offer } & Props) {
  const { plan, interval, price } = offer;
  const isSelected = price.lookupKey === selected;
  return (
    <Link
      href={`/billing/plan?to=${price.lookupKey}`}
      scroll={false}
      aria-current={isSelected ? "true" : undefined}
      className={cn(
        "flex flex-col gap-1 rounded-xl border bg-card p-5 transition-colors hover:border-input",
        isSelected && "border-accent ring-1 ring-accent",
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
