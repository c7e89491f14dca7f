"use server";

import { revalidatePath } from "next/cache";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { operatorAction } from "#app/_http/session/operator.ts";
import { takeDownShare } from "#lib/chat/sharing/operator-shares.ts";
import { now } from "#lib/core/clock.ts";

export const takeDownShareAction = operatorAction(z.object({ id: z.uuid() }), async ({ id }, operator) => {
  await takeDownShare(operator, id, now());
  revalidatePath("/operator/shares");
  const t = await getTranslations("operatorShares");
  return t("done");
});
