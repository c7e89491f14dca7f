"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { z } from "zod";
import { action, formAction } from "#app/_http/action.ts";
import { clearSessionCookie } from "#app/_http/session/auth.ts";
import { actionOrigin } from "#app/_http/session/device-cookie.ts";
import { readClaims } from "#app/_http/session/session.ts";
import { db } from "#db/client.ts";
import { changePassword } from "#lib/accounts/change-password.ts";
import { cancelDeletion, requestDeletion } from "#lib/accounts/deletion/request-deletion.ts";
import { requestVerification } from "#lib/accounts/email-verification.ts";
import { passwordSchema } from "#lib/accounts/password.ts";
import { signOut, signOutDevice, signOutEverywhere } from "#lib/accounts/sign-out.ts";
import { requireFreshProof } from "#lib/accounts/step-up.ts";
import { hasPassword, renameUser } from "#lib/accounts/users.ts";
import { now } from "#lib/core/clock.ts";
import { fieldKey } from "#lib/core/errors.ts";

export const renameAction = formAction(
  z.object({ name: z.string().trim().min(1, fieldKey("nameMissing")).max(80) }),
  async ({ name }, { userId }) => {
    await renameUser(db(), userId, name);
    return { name };
  },
);

export const changePasswordAction = formAction(
  z.object({ currentPassword: z.string().max(1_000).default(""), newPassword: passwordSchema }),
  async (input, identity) => {
    // The current password is a proof of its own; a first password has none.
    if (!(await hasPassword(db(), identity.userId))) requireFreshProof(identity, now());
    await changePassword(identity, { ...input, origin: await actionOrigin() }, now());
    return { changed: true };
  },
);

export const requestVerificationAction = action(z.undefined(), async (_input, identity) => ({
  sent: await requestVerification(identity, await actionOrigin(), now()),
}));

export const signOutDeviceAction = action(
  z.object({ sessionId: z.uuid() }),
  ({ sessionId }, claims) => signOutDevice(claims, sessionId, now()),
  { needsFreshProof: true },
);

export const requestDeletionAction = action(
  z.object({ typedEmail: z.string().max(400) }),
  async ({ typedEmail }, identity) => {
    await requestDeletion(identity, typedEmail, now());
    revalidatePath("/", "layout");
  },
  { needsFreshProof: true },
);

export const cancelDeletionAction = action(z.undefined(), async (_input, identity) => {
  await cancelDeletion(identity, now());
  revalidatePath("/", "layout");
});

/** Usable as a form action. Works even if the session has already ended. */
export async function signOutAction(): Promise<void> {
  const claims = await readClaims();
  if (claims !== null) await signOut(claims, now());
  await clearSessionCookie();
  redirect("/sign-in");
}

export const signOutEverywhereAction = action(
  z.undefined(),
  async (_input, identity) => {
    await signOutEverywhere(identity, now());
    await clearSessionCookie();
    redirect("/sign-in?notice=signed-out-everywhere");
  },
  { needsFreshProof: true },
);
