"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { operatorAction } from "#app/_http/session/operator.ts";
import {
  checkNow,
  fixDrift,
  giveCredit,
  replayEvent,
  syncNow,
} from "#lib/billing/operator/operator-actions.ts";
import { now } from "#lib/core/clock.ts";
import { AppError } from "#lib/core/errors.ts";
import { formatMoney, microsPerUsd } from "#lib/core/money.ts";

const customerId = z.string().regex(/^cus_\w+$/);

export const replayEventAction = operatorAction(
  z.object({ eventId: z.string().max(255) }),
  async ({ eventId }, operator) => {
    const { queued } = await replayEvent(operator, eventId, now());
    revalidatePath("/operator/events", "layout");
    return queued ? "It is processed again." : "It waits already.";
  },
);

export const syncNowAction = operatorAction(
  z.object({ workspaceId: z.uuid() }),
  async ({ workspaceId }, operator) => {
    await syncNow(operator, workspaceId, now());
    revalidatePath("/operator", "layout");
    return "Everything is as Stripe has it.";
  },
);

export const fixDriftAction = operatorAction(z.object({ customerId }), async (input, operator) => {
  const { left } = await fixDrift(operator, input.customerId);
  revalidatePath("/operator", "layout");
  if (left.length > 0)
    throw new AppError("conflict", {
      message: `A sync cannot put this right: ${left.map(({ what }) => what).join("; ")}. Change it at Stripe, then fix again.`,
    });
  return "Fixed.";
});

export const checkNowAction = operatorAction(
  z.object({ customerId: customerId.optional() }),
  async (input, operator) => {
    await checkNow(operator, input.customerId ?? null, now());
    revalidatePath("/operator/drift");
    return "The check is under way. Reload in a moment.";
  },
);

/** Larger amounts are most likely typing errors. */
const maxGrantUsd = 1_000;

const creditGrantSchema = z.object({
  workspaceId: z.uuid(),
  nonce: z.uuid(),
  amountUsd: z
    .string()
    .trim()
    .regex(/^\$?\d{1,6}([.,]\d{1,2})?$/, "Write an amount like 5 or 2.50.")
    .transform((text) => Number(text.replace("$", "").replace(",", ".")))
    .refine((dollars) => dollars > 0 && dollars <= maxGrantUsd, `Give between $0.01 and $${maxGrantUsd}.`),
  expiresOn: z.iso.date("Choose a day."),
  reason: z.string().trim().min(3, "Say why, for the audit trail.").max(300),
});

export const giveCreditAction = operatorAction(creditGrantSchema, async (input, operator) => {
  const { workspaceId, nonce, amountUsd, expiresOn, reason } = input;
  const amountMicros = Math.round(amountUsd * microsPerUsd);
  // Expires at the end of that day (UTC), and is displayed as that day.
  const expiresAt = new Date(Date.parse(expiresOn) + 86_400_000 - 1);
  const { given } = await giveCredit(
    operator,
    { workspaceId, nonce, amountMicros, expiresAt, reason },
    now(),
  );
  if (!given)
    throw new AppError("conflict", {
      message: "This form was sent before, and gave its credit then. Reload to give more.",
    });
  revalidatePath("/operator", "layout");
  return `${formatMoney(amountMicros)} given.`;
});
