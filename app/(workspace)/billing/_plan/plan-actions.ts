"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { action, formAction } from "#app/_http/action.ts";
import { revalidateAfter } from "#app/(workspace)/billing/_shared/revalidate-after.ts";
import { cancelAtPeriodEnd, resumeSubscription } from "#lib/billing/actions/cancel.ts";
import { changePlan, keepPlan } from "#lib/billing/actions/change-plan.ts";
import { startCheckout } from "#lib/billing/actions/checkout.ts";
import { openPortal } from "#lib/billing/actions/portal.ts";
import { now } from "#lib/core/clock.ts";

const noInput = z.object({});

export const choosePlanAction = formAction(z.object({ lookupKey: z.string() }), async (input, identity) => {
  const { url } = await startCheckout(identity, input.lookupKey, now());
  redirect(url);
});

export const cancelPlanAction = action(noInput, async (_input, identity) => {
  await revalidateAfter(() => cancelAtPeriodEnd(identity, now()));
});

export const resumePlanAction = formAction(noInput, async (_input, identity) => {
  await revalidateAfter(() => resumeSubscription(identity, now()));
});

export const openPortalAction = formAction(noInput, async (_input, identity) => {
  const { url } = await openPortal(identity);
  redirect(url);
});

const acceptedPreview = z.object({
  lookupKey: z.string().max(100),
  dueNowMicros: z.coerce.number().int().nonnegative(),
  prorationDate: z.coerce.date(),
});

export const changePlanAction = formAction(acceptedPreview, async (input, identity) => {
  const changed = await revalidateAfter(() => changePlan(identity, input, now()));
  if (changed.state === "confirm") redirect(`/billing?confirm=${changed.invoiceId}`);
  // The billing page shows scheduled changes itself.
  redirect(changed.state === "changed" ? "/billing?notice=changed" : "/billing");
});

export const keepPlanAction = formAction(noInput, async (_input, identity) => {
  await revalidateAfter(() => keepPlan(identity, now()));
});
