"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { formAction, publicAction, publicFormAction } from "#app/_http/action.ts";
import { safeRedirectPath } from "#app/_http/safe-redirect-path.ts";
import { redirectToProvider, signInWith } from "#app/_http/session/auth.ts";
import { actionOrigin } from "#app/_http/session/device-cookie.ts";
import { currentPendingSignIn } from "#app/_http/session/session.ts";
import { db } from "#db/client.ts";
import { emailSchema } from "#lib/accounts/email-address.ts";
import type { EmailedSecret } from "#lib/accounts/email-tokens.ts";
import { verifyEmail } from "#lib/accounts/email-verification.ts";
import { requestMagicLink } from "#lib/accounts/magic-link.ts";
import { startPasskeySignIn } from "#lib/accounts/passkey-sign-in.ts";
import { passwordSchema } from "#lib/accounts/password.ts";
import { requestPasswordReset, resetPassword } from "#lib/accounts/password-reset.ts";
import { authenticationResponseSchema, startAuthentication } from "#lib/accounts/second-factors/passkeys.ts";
import { now } from "#lib/core/clock.ts";
import { AppError, fieldKey } from "#lib/core/errors.ts";

const next = z.string().max(2_000).optional();
const token = z.string().min(1).max(200);
/** What the email has: the token of its link, or the code to type. */
const emailedSecret = {
  token: token.optional(),
  code: z.string().trim().min(1, fieldKey("codeMissing")).max(20).optional(),
};

/** The result of a form that sends an email; it is the same whether or not the address has an account. */
export type EmailSent = { sentTo: string };

function toSecret({ token, code }: { token?: string | undefined; code?: string | undefined }): EmailedSecret {
  return token === undefined ? { code: code ?? "" } : { token };
}

export const signInAction = publicFormAction(
  z.object({ email: emailSchema, password: z.string().min(1, fieldKey("passwordMissing")).max(1_000), next }),
  async ({ email, password, next }): Promise<never> => {
    await signInWith("password", { email, password }, await actionOrigin());
    return redirect(safeRedirectPath(next));
  },
);

export const signUpAction = publicFormAction(
  z.object({ email: emailSchema, password: passwordSchema, next }),
  async ({ email, password, next }): Promise<EmailSent> => {
    const isSignedIn = await signInWith("sign-up", { email, password }, await actionOrigin());
    return isSignedIn ? redirect(safeRedirectPath(next)) : { sentTo: email };
  },
);

export const requestMagicLinkAction = publicFormAction(
  z.object({ email: emailSchema, next }),
  async ({ email, next }): Promise<EmailSent> => {
    const redirectTarget = next === undefined ? {} : { next: safeRedirectPath(next) };
    await requestMagicLink({ email, origin: await actionOrigin(), ...redirectTarget }, now());
    return { sentTo: email };
  },
);

export const redeemMagicLinkAction = publicFormAction(
  z.object({ ...emailedSecret, next }),
  async ({ next, ...secret }): Promise<never> => {
    await signInWith("magic-link", toSecret(secret), await actionOrigin());
    return redirect(safeRedirectPath(next));
  },
);

export const startPasskeySignInAction = publicAction(z.undefined(), async () =>
  startPasskeySignIn(await actionOrigin(), now()),
);

export const passkeySignInAction = publicAction(
  z.object({ response: authenticationResponseSchema, next }),
  async ({ response, next }): Promise<never> => {
    await signInWith("passkey", response, await actionOrigin());
    return redirect(safeRedirectPath(next));
  },
);

/** The second step of a sign-in: a code of the authenticator app, or a recovery code. */
export const secondFactorAction = publicFormAction(
  z.object({ code: z.string().trim().min(1, fieldKey("codeMissing")).max(40), next }),
  async ({ code, next }): Promise<never> => {
    await signInWith("second-factor", { code }, await actionOrigin());
    return redirect(safeRedirectPath(next));
  },
);

export const startSecondFactorPasskeyAction = publicAction(z.undefined(), async () => {
  const pending = await currentPendingSignIn();
  if (pending === null) throw new AppError("unauthenticated");
  return startAuthentication(db(), pending.id, pending.userId, now());
});

export const secondFactorPasskeyAction = publicAction(
  z.object({ response: authenticationResponseSchema, next }),
  async ({ response, next }): Promise<never> => {
    await signInWith("second-factor", { passkey: response }, await actionOrigin());
    return redirect(safeRedirectPath(next));
  },
);

export const forgotPasswordAction = publicFormAction(
  z.object({ email: emailSchema }),
  async ({ email }): Promise<EmailSent> => {
    await requestPasswordReset({ email, origin: await actionOrigin() }, now());
    return { sentTo: email };
  },
);

export const resetPasswordAction = publicFormAction(
  z.object({ ...emailedSecret, password: passwordSchema }),
  async ({ password, ...secret }): Promise<never> => {
    await resetPassword({ secret: toSecret(secret), password, origin: await actionOrigin() }, now());
    return redirect("/sign-in?notice=password-changed");
  },
);

export const verifyEmailAction = formAction(z.object({ token }), ({ token }, identity) =>
  verifyEmail(identity, token, now()),
);

export const providerAction = publicFormAction(
  z.object({ provider: z.enum(["google", "github"]), next }),
  async ({ provider, next }) => {
    // The callback recognizes the browser by its cookie.
    await actionOrigin();
    return redirectToProvider(provider, safeRedirectPath(next));
  },
);
