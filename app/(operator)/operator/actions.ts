"use server";

import { revalidatePath } from "next/cache";
import { getLocale, getTranslations } from "next-intl/server";
import { z } from "zod";
import { operatorAction } from "#app/_http/session/operator.ts";
import type { Messages } from "#app/_messages/catalogs.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { checkModelsNow } from "#lib/billing/operator/check-models.ts";
import {
  checkNow,
  fixDrift,
  giveCredit,
  replayEvent,
  syncNow,
} from "#lib/billing/operator/operator-actions.ts";
import { endSessions } from "#lib/chat/generation/readers/end-sessions.ts";
import { imageHostSchema, imageHostsSetting, maxImageHosts } from "#lib/chat/images/image-hosts.ts";
import { moderationModes, moderationSetting } from "#lib/chat/moderation/settings.ts";
import { takeDownShare } from "#lib/chat/sharing/operator-shares.ts";
import { now } from "#lib/core/clock.ts";
import { AppError, errorReason, fieldKey } from "#lib/core/errors.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { microsPerUsd } from "#lib/core/money.ts";

const customerId = z.string().regex(/^cus_\w+$/);

export const replayEventAction = operatorAction(
  z.object({ eventId: z.string().max(255) }),
  async ({ eventId }, operator) => {
    const { queued } = await replayEvent(operator, eventId, now());
    revalidatePath("/operator/events", "layout");
    return result(queued ? "replayed" : "replayedAlready");
  },
);

export const syncNowAction = operatorAction(
  z.object({ workspaceId: z.uuid() }),
  async ({ workspaceId }, operator) => {
    await syncNow(operator, workspaceId, now());
    revalidatePath("/operator", "layout");
    return result("synced");
  },
);

export const endSessionsAction = operatorAction(
  z.object({ workspaceId: z.uuid() }),
  async ({ workspaceId }, operator) => {
    const { ended } = await endSessions(operator, workspaceId, now());
    revalidatePath("/operator/customers", "layout");
    return (await getTranslations("operator.customer.endSessions"))("ended", { count: ended });
  },
);

export const fixDriftAction = operatorAction(z.object({ customerId }), async (input, operator) => {
  const { left } = await fixDrift(operator, input.customerId);
  revalidatePath("/operator", "layout");
  if (left.length > 0)
    throw new AppError("conflict", {
      reason: errorReason("driftRemains", { findings: left.map(({ what }) => what).join("; ") }),
    });
  return result("fixed");
});

export const checkNowAction = operatorAction(
  z.object({ customerId: customerId.optional() }),
  async (input, operator) => {
    await checkNow(operator, input.customerId ?? null, now());
    revalidatePath("/operator/drift");
    return result("checking");
  },
);

export const checkModelsAction = operatorAction(z.object({}), async (_input, operator) => {
  await checkModelsNow(operator, now());
  revalidatePath("/operator/models");
  return result("modelsChecked");
});

const mode = z.enum(moderationModes);

export const saveModerationAction = operatorAction(
  z.object({ free: mode, pro: mode, enterprise: mode, onFailure: z.enum(["allow", "block"]) }),
  async ({ onFailure, ...modes }, operator) => {
    await moderationSetting.change(operator, { modes, onFailure }, now());
    revalidatePath("/operator/moderation");
    return result("settingsSaved");
  },
);

/** One host per line. */
const hostLines = z
  .string()
  .max(10_000)
  .transform((text) => [...new Set(text.split(/[\s,]+/).filter((line) => line !== ""))])
  .pipe(z.array(imageHostSchema).max(maxImageHosts, fieldKey("imageHost")));

export const saveImageHostsAction = operatorAction(
  z.object({ hosts: hostLines }),
  async ({ hosts }, operator) => {
    await imageHostsSetting.change(operator, hosts, now());
    revalidatePath("/operator/moderation");
    return result("settingsSaved");
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
    .regex(/^\$?\d{1,6}([.,]\d{1,2})?$/, fieldKey("amountInvalid"))
    .transform((text) => Number(text.replace("$", "").replace(",", ".")))
    .refine((dollars) => dollars > 0 && dollars <= maxGrantUsd, {
      error: fieldKey("amountOutOfRange"),
      params: { min: 0.01, max: maxGrantUsd },
    }),
  expiresOn: z.iso.date(fieldKey("dateMissing")),
  reason: z.string().trim().min(3, fieldKey("reasonMissing")).max(300),
});

export const takeDownShareAction = operatorAction(z.object({ id: z.uuid() }), async ({ id }, operator) => {
  await takeDownShare(operator, id, now());
  revalidatePath("/operator/shares");
  return (await getTranslations("operatorShares"))("done");
});

export const giveCreditAction = operatorAction(creditGrantSchema, grantCredit, { needsFreshProof: true });

async function grantCredit(input: z.infer<typeof creditGrantSchema>, operator: Identity): Promise<string> {
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
      reason: errorReason("creditGivenAlready"),
    });
  revalidatePath("/operator", "layout");
  return result("granted", { amount: formatsFor(await getLocale()).money(amountMicros) });
}

/** Returns what an action has done, in the operator's language. */
async function result(
  key: keyof Messages["operator"]["results"],
  { amount = "" }: { amount?: string } = {},
): Promise<string> {
  const t = await getTranslations("operator.results");
  return t(key, { amount });
}
