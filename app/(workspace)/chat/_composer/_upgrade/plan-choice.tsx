import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { cn } from "#app/_ui/cn.ts";
import { useOfferName, usePlanPrice } from "#app/_ui/plan-features.tsx";
import { addCreditAction } from "#app/(workspace)/billing/_credit/credit-actions.ts";
import { choosePlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { offersFor } from "#app/(workspace)/chat/_composer/_upgrade/offers-for.ts";
import type { UpgradeFacts } from "#app/(workspace)/chat/_composer/_upgrade/upgrade-actions.ts";
import type { UpgradeReason } from "#app/(workspace)/chat/_composer/_upgrade/upgrade-context.ts";
import { type Offer, topUps } from "#lib/billing/catalog/plans.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { fromCents } from "#lib/core/money.ts";

type Props = { reason: UpgradeReason; facts: UpgradeFacts };

/** The plans to choose from with one primary action, and the top-ups when credit is wanted. */
export function PlanChoice({ reason, facts }: Props) {
  const t = useTranslations("chat.upgrade");
  const offers = offersFor(reason, facts.plan);
  const [chosenKey, setChosenKey] = useState(offers[0]?.price.lookupKey);
  const chosen = offers.find(({ price }) => price.lookupKey === chosenKey);
  if (!facts.canManage) return <p className="text-sm">{t("askAdmin")}</p>;
  return (
    <>
      {chosen !== undefined && (
        <div className="flex flex-col gap-4">
          <fieldset className="flex flex-col gap-2">
            <legend className="sr-only">{t("plans")}</legend>
            {offers.map((offer) => (
              <OfferChoice
                key={offer.price.lookupKey}
                offer={offer}
                addsTax={facts.addsTax}
                isChosen={offer === chosen}
                onChoose={() => setChosenKey(offer.price.lookupKey)}
              />
            ))}
          </fieldset>
          <NextStep offer={chosen} facts={facts} />
        </div>
      )}
      {reason.kind === "credit" && <TopUps />}
    </>
  );
}

type OfferProps = { offer: Offer; addsTax: boolean; isChosen: boolean; onChoose: () => void };

function OfferChoice({ offer, addsTax, isChosen, onChoose }: OfferProps) {
  const { plan, interval, price } = offer;
  const t = useTranslations("chat.upgrade");
  const models = useTranslations("plans.features.models");
  const formats = formatsFor(useLocale());
  const offerName = useOfferName();
  const prices = usePlanPrice(addsTax);
  return (
    <label
      className={cn(
        "flex min-h-11 items-start gap-3 rounded-lg border px-3.5 py-2.5 text-sm has-focus-visible:outline-2 has-focus-visible:outline-ring has-focus-visible:outline-offset-2",
        isChosen ? "border-accent ring-1 ring-accent" : "hover:border-input",
      )}
    >
      <input
        type="radio"
        name="upgrade-offer"
        value={price.lookupKey}
        checked={isChosen}
        onChange={onChoose}
        className="mt-1 accent-(--accent) outline-none"
      />
      <span className="min-w-0">
        <span className="block font-medium">{offerName(offer)}</span>
        <span className="block text-muted-foreground">
          {t("credit", {
            price: prices.recurring(fromCents(price.cents), interval),
            amount: formats.price(plan.allowanceMicros),
          })}
        </span>
        <span className="block text-muted-foreground">{models(plan.id)}</span>
      </span>
    </label>
  );
}

/** Checkout for somebody without a subscription, else the preview of the change with its price (M20). */
function NextStep({ offer, facts }: { offer: Offer; facts: UpgradeFacts }) {
  const t = useTranslations("chat.upgrade");
  const { lookupKey } = offer.price;
  if (facts.hasSubscription) {
    return (
      <Button asChild>
        <Link href={`/billing/plan?to=${lookupKey}`}>{t("review")}</Link>
      </Button>
    );
  }
  const { trial } = facts;
  if (trial?.offerKey !== lookupKey) {
    return (
      // A button of its own per offer, so that it forgets the error of another one.
      <ActionButton key={lookupKey} action={choosePlanAction} fields={{ lookupKey }}>
        {t("continue")}
      </ActionButton>
    );
  }
  return (
    <>
      <p className="text-pretty text-muted-foreground text-sm">{trial.terms}</p>
      <ActionButton action={choosePlanAction} fields={{ lookupKey: trial.lookupKey }}>
        {t("startTrial")}
      </ActionButton>
      <ActionButton action={choosePlanAction} fields={{ lookupKey }} variant="outline">
        {t("skipTrial")}
      </ActionButton>
    </>
  );
}

/** A button per top-up; each opens Stripe Checkout. */
function TopUps() {
  const t = useTranslations("chat.upgrade");
  const { price: format } = formatsFor(useLocale());
  return (
    <div className="flex flex-col gap-2 border-t pt-4">
      <p className="text-sm">
        {t("topUp")} <span className="block text-muted-foreground">{t("topUpNote")}</span>
      </p>
      <div className="flex flex-wrap gap-2">
        {topUps.map(({ price, creditMicros }) => (
          <ActionButton
            key={price.lookupKey}
            action={addCreditAction}
            fields={{ lookupKey: price.lookupKey }}
            variant="outline"
          >
            {format(creditMicros)}
          </ActionButton>
        ))}
      </div>
    </div>
  );
}
