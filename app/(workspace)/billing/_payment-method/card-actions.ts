"use server";

import { z } from "zod";
import { action } from "#app/_http/action.ts";
import { revalidateAfter } from "#app/(workspace)/billing/_shared/revalidate-after.ts";
import { finishCardChange, startCardChange } from "#lib/billing/actions/change-card.ts";

const noInput = z.object({});

export const startCardChangeAction = action(noInput, (_input, identity) => startCardChange(identity));

export const finishCardChangeAction = action(noInput, (_input, identity) =>
  revalidateAfter(() => finishCardChange(identity)),
);
