"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { z } from "zod";
import { action, formAction } from "#app/_http/action.ts";
import { cancelAtPeriodEnd, resumeSubscription } from "#lib/billing/cancel.ts";
import { startCheckout } from "#lib/billing/checkout.ts";
import { openPortal } from "#lib/billing/portal.ts";
import { now } from "#lib/ground/clock.ts";

const nothing = z.object({});

export const choosePlanAction = formAction(z.object({ lookupKey: z.string() }), async (input, identity) => {
  const { url } = await startCheckout(identity, input.lookupKey, now());
  redirect(url);
});

export const cancelPlanAction = action(nothing, async (_input, identity) => {
  await cancelAtPeriodEnd(identity, now());
  revalidatePath("/billing");
});

export const resumePlanAction = formAction(nothing, async (_input, identity) => {
  await resumeSubscription(identity, now());
  revalidatePath("/billing");
});

export const openPortalAction = formAction(nothing, async (_input, identity) => {
  const { url } = await openPortal(identity);
  redirect(url);
});
