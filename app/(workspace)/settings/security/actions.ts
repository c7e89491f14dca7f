"use server";

import { revalidatePath } from "next/cache";
import { renderSVG } from "uqr";
import { z } from "zod";
import { action } from "#app/_http/action.ts";
import { actionOrigin } from "#app/_http/session/device-cookie.ts";
import { db } from "#db/client.ts";
import {
  addPasskey,
  deletePasskey,
  disableTotp,
  enableTotp,
  regenerateRecoveryCodes,
} from "#lib/accounts/second-factors/change-second-factors.ts";
import {
  registrationResponseSchema,
  renamePasskey,
  startRegistration,
} from "#lib/accounts/second-factors/passkeys.ts";
import { startTotpSetup } from "#lib/accounts/second-factors/totp.ts";
import { now } from "#lib/core/clock.ts";
import { fieldKey } from "#lib/core/errors.ts";

const name = z.string().trim().min(1, fieldKey("nameMissing")).max(60);
const freshProof = { needsFreshProof: true };

/** Starts the setup of an authenticator app: the key, and its QR code as SVG. */
export const startTotpSetupAction = action(
  z.undefined(),
  async (_input, identity) => {
    const { uri, key } = await startTotpSetup(db(), identity, now());
    return { key, qrCodeSvg: renderSVG(uri, { pixelSize: 5 }) };
  },
  freshProof,
);

export const enableTotpAction = action(
  z.object({ code: z.string().trim().min(1, fieldKey("codeMissing")).max(20) }),
  async ({ code }, identity) => {
    const added = await enableTotp(identity, code, await actionOrigin(), now());
    revalidatePath("/settings/security");
    return added;
  },
  freshProof,
);

export const disableTotpAction = action(
  z.undefined(),
  async (_input, identity) => {
    await disableTotp(identity, now());
    revalidatePath("/settings/security");
  },
  freshProof,
);

export const startRegistrationAction = action(
  z.undefined(),
  (_input, identity) => startRegistration(db(), identity, now()),
  freshProof,
);

export const addPasskeyAction = action(
  z.object({ name, response: registrationResponseSchema }),
  async (input, identity) => {
    const added = await addPasskey(identity, input, now());
    revalidatePath("/settings/security");
    return added;
  },
  freshProof,
);

export const renamePasskeyAction = action(z.object({ id: z.uuid(), name }), async (input, { userId }) => {
  await renamePasskey(db(), userId, input.id, input.name);
  revalidatePath("/settings/security");
});

export const deletePasskeyAction = action(
  z.object({ id: z.uuid() }),
  async ({ id }, identity) => {
    await deletePasskey(identity, id, now());
    revalidatePath("/settings/security");
  },
  freshProof,
);

export const regenerateRecoveryCodesAction = action(
  z.undefined(),
  async (_input, identity) => {
    const recoveryCodes = await regenerateRecoveryCodes(identity, now());
    revalidatePath("/settings/security");
    return { recoveryCodes };
  },
  freshProof,
);
