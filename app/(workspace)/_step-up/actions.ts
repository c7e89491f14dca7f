"use server";

import { z } from "zod";
import { action } from "#app/_http/action.ts";
import { actionOrigin } from "#app/_http/session/device-cookie.ts";
import { db } from "#db/client.ts";
import { startAuthentication } from "#lib/accounts/second-factors/passkeys.ts";
import {
  identityProofSchema,
  proveIdentity,
  readProofMethods,
  requestProofCode,
} from "#lib/accounts/step-up.ts";
import { now } from "#lib/core/clock.ts";

export const readProofMethodsAction = action(z.undefined(), (_input, { userId }) =>
  readProofMethods(db(), userId),
);

export const requestProofCodeAction = action(z.undefined(), async (_input, identity) => {
  await requestProofCode(identity, await actionOrigin(), now());
  return { sentTo: identity.email };
});

export const startPasskeyProofAction = action(z.undefined(), (_input, { userId, sessionId }) =>
  startAuthentication(db(), sessionId, userId, now()),
);

export const proveIdentityAction = action(identityProofSchema, async (proof, identity) => {
  await proveIdentity(identity, proof, await actionOrigin(), now());
});
