import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { Badge } from "#app/_ui/badge.tsx";
import { cn } from "#app/_ui/cn.ts";
import { useOfferName, usePlanPrice } from "#app/_ui/plan-features.tsx";
import { type Offer, offers } from "#lib/billing/catalog/plans.ts";
import { addsTax } from "#lib/billing/catalog/plus-tax.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { fromCents } from "#lib/core/money.ts";

type Props = {
  /** Lookup keys of the current price, the selected one and the scheduled one. */
  current: string | null;
  selected: string | null;
  scheduled: string | null;
};

/** Links to the preview of every plan and interval. Works without JavaScript. */
export function OfferList(props: Props) {
  const t = useTranslations("plan");
  return (
    <nav aria-label={t("plans")} className="grid gap-3 sm:grid-cols-2">
      {offers.map((offer) => (
        <OfferLink key={offer.price.lookupKey} offer={offer} {...props} />
      ))}
    </nav>
  );
}

function OfferLink({ offer, current, selected, scheduled }: { offer: Offer } & Props) {
  const { plan, interval, price } = offer;
  const t = useTranslations("plan");
  const plans = useTranslations("plans");
  const formats = formatsFor(useLocale());
  const offerName = useOfferName();
  const prices = usePlanPrice(addsTax());
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
        {offerName(offer)}
        {price.lookupKey === current && <Badge>{t("current")}</Badge>}
        {price.lookupKey === scheduled && <Badge variant="warning">{t("next")}</Badge>}
      </span>
      <span className="text-muted-foreground text-sm">
        {prices.recurring(fromCents(price.cents), interval)}
        {" · "}
        {plans("creditPerMonth", { amount: formats.price(plan.allowanceMicros) })}
      </span>
    </Link>
  );
}
