"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { formAction } from "#app/_http/action.ts";
import { startTopUp } from "#lib/billing/actions/checkout.ts";
import { now } from "#lib/core/clock.ts";

export const addCreditAction = formAction(z.object({ lookupKey: z.string() }), async (input, identity) => {
  const { url } = await startTopUp(identity, input.lookupKey, now());
  redirect(url);
});
