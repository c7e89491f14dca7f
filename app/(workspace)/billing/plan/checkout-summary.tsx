import { useLocale, useTranslations } from "next-intl";
import { Card } from "#app/_ui/card.tsx";
import { useOfferName, usePlanFeatures, usePlanPrice } from "#app/_ui/plan-features.tsx";
import { choosePlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { TrialTerms } from "#app/(workspace)/billing/_trial/trial-card.tsx";
import type { Offer } from "#lib/billing/catalog/plans.ts";
import { addsTax } from "#lib/billing/catalog/plus-tax.ts";
import { proTrial } from "#lib/billing/catalog/trial-offer.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { fromCents } from "#lib/core/money.ts";

type Props = { offer: Offer; canStartTrial: boolean; at: Date };

/** What a plan costs and includes, for somebody without a subscription; the button opens Stripe Checkout. */
export function CheckoutSummary({ offer, canStartTrial, at }: Props) {
  const t = useTranslations("plan");
  const trial = useTranslations("billing.trial");
  const formats = formatsFor(useLocale());
  const offerName = useOfferName();
  const prices = usePlanPrice(addsTax());
  const { plan, price, interval } = offer;
  const offersTrial = canStartTrial && price.lookupKey === proTrial.offer.price.lookupKey;
  const micros = fromCents(price.cents);
  return (
    <Card>
      <section aria-labelledby="checkout" className="flex flex-col gap-5">
        <div className="flex flex-col gap-1">
          <h2 id="checkout" className="font-semibold text-lg">
            {offerName(offer)}
          </h2>
          <p className="text-muted-foreground">
            {prices.recurring(micros, interval)}
            {interval === "year" && ` · ${t("perMonth", { amount: formats.money(Math.round(micros / 12)) })}`}
          </p>
        </div>
        <ul className="grid list-disc gap-x-8 gap-y-1 pl-5 text-sm sm:grid-cols-2">
          {usePlanFeatures(plan).map((feature) => (
            <li key={feature}>{feature}</li>
          ))}
        </ul>
        {offersTrial && (
          <p className="text-pretty text-muted-foreground text-sm">
            <TrialTerms at={at} />
          </p>
        )}
        <div className="flex flex-wrap gap-2">
          {offersTrial && (
            <ActionButton action={choosePlanAction} fields={{ lookupKey: proTrial.lookupKey }}>
              {trial("offerAction")}
            </ActionButton>
          )}
          <ActionButton
            action={choosePlanAction}
            fields={{ lookupKey: price.lookupKey }}
            variant={offersTrial ? "outline" : "default"}
          >
            {t(offersTrial ? "withoutTrial" : "continue")}
          </ActionButton>
        </div>
      </section>
    </Card>
  );
}
