"use server";

import { z } from "zod";
import { formAction } from "#app/_http/action.ts";
import { revalidateAfter } from "#app/(workspace)/billing/_shared/revalidate-after.ts";
import { disableOverage, enableOverage, setOverageCap } from "#lib/billing/actions/overage-settings.ts";
import { now } from "#lib/core/clock.ts";
import { fieldKey } from "#lib/core/errors.ts";
import { usd } from "#lib/core/money.ts";

const limit = z.object({
  capDollars: z.coerce.number(fieldKey("numberWhole")).int(fieldKey("numberWhole")),
});

export const enableOverageAction = formAction(limit, ({ capDollars }, identity) =>
  revalidateAfter(() => enableOverage(identity, usd(capDollars), now())),
);

export const setOverageCapAction = formAction(limit, ({ capDollars }, identity) =>
  revalidateAfter(() => setOverageCap(identity, usd(capDollars), now())),
);

export const disableOverageAction = formAction(z.object({}), (_input, identity) =>
  revalidateAfter(() => disableOverage(identity, now())),
);
