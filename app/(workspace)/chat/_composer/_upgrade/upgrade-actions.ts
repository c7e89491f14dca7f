"use server";

import { getLocale, getTranslations } from "next-intl/server";
import { z } from "zod";
import { action } from "#app/_http/action.ts";
import { loadBillingOverview, requestTime } from "#app/_http/request-facts.ts";
import type { PlanId } from "#lib/billing/catalog/plans.ts";
import { addsTax } from "#lib/billing/catalog/plus-tax.ts";
import { proTrial, trialEndsAtOf } from "#lib/billing/catalog/trial-offer.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { fromCents } from "#lib/core/money.ts";

/** What the dialog needs besides the plans, which are the same for everyone. */
export type UpgradeFacts = {
  plan: PlanId;
  /** Without a subscription a plan is bought in Checkout; with one it is changed. */
  hasSubscription: boolean;
  /** Whether the user may change the plan and buy credit. */
  canManage: boolean;
  addsTax: boolean;
  /** The trial that is open to the workspace: what is bought, the plan's own price, and the terms. */
  trial: { lookupKey: string; offerKey: string; terms: string } | null;
};

/** Reads the facts of the dialog with plans when it is opened. */
export const readUpgradeAction = action(z.object({}), async (_input, identity): Promise<UpgradeFacts> => {
  const { entitlements, subscription, trial } = await loadBillingOverview(identity);
  return {
    plan: entitlements.plan,
    hasSubscription: subscription !== null,
    canManage: identity.memberRole !== "member",
    addsTax: addsTax(),
    trial: trial.kind === "open" ? await toTrial() : null,
  };
});

async function toTrial(): Promise<NonNullable<UpgradeFacts["trial"]>> {
  const [t, plans] = await Promise.all([getTranslations("billing.trial"), getTranslations("plans")]);
  const formats = formatsFor(await getLocale());
  const { offer, creditMicros, lookupKey } = proTrial;
  const amount = formats.amount(fromCents(offer.price.cents), "usd");
  const terms = t.markup("terms", {
    credit: formats.price(creditMicros),
    price: addsTax() ? plans("amountWithTax", { amount }) : amount,
    date: () => formats.date(trialEndsAtOf(requestTime())),
  });
  return { lookupKey, offerKey: offer.price.lookupKey, terms };
}
