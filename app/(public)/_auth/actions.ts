"use server";

import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { z } from "zod";
import { formAction, publicFormAction } from "#app/_http/action.ts";
import { safeRedirectPath } from "#app/_http/safe-redirect-path.ts";
import { readOrigin } from "#app/_http/server/client-network.ts";
import { redirectToProvider, signInWith } from "#app/_http/session/auth.ts";
import { emailSchema } from "#lib/accounts/email-address.ts";
import { verifyEmail } from "#lib/accounts/email-verification.ts";
import { requestMagicLink } from "#lib/accounts/magic-link.ts";
import { passwordSchema } from "#lib/accounts/password.ts";
import { requestPasswordReset, resetPassword } from "#lib/accounts/password-reset.ts";
import { now } from "#lib/core/clock.ts";
import { fieldKey } from "#lib/core/errors.ts";

const next = z.string().max(2_000).optional();
const token = z.string().min(1).max(200);

/** The result of a form that sends an email; it is the same whether or not the address has an account. */
export type EmailSent = { sentTo: string };

async function currentOrigin() {
  return readOrigin(new Headers(await headers()));
}

export const signInAction = publicFormAction(
  z.object({ email: emailSchema, password: z.string().min(1, fieldKey("passwordMissing")).max(1_000), next }),
  async ({ email, password, next }): Promise<never> => {
    await signInWith("password", { email, password });
    return redirect(safeRedirectPath(next));
  },
);

export const signUpAction = publicFormAction(
  z.object({ email: emailSchema, password: passwordSchema, next }),
  async ({ email, password, next }): Promise<EmailSent> => {
    const isSignedIn = await signInWith("sign-up", { email, password });
    return isSignedIn ? redirect(safeRedirectPath(next)) : { sentTo: email };
  },
);

export const requestMagicLinkAction = publicFormAction(
  z.object({ email: emailSchema, next }),
  async ({ email, next }): Promise<EmailSent> => {
    const redirectTarget = next === undefined ? {} : { next: safeRedirectPath(next) };
    await requestMagicLink({ email, origin: await currentOrigin(), ...redirectTarget }, now());
    return { sentTo: email };
  },
);

export const redeemMagicLinkAction = publicFormAction(
  z.object({ token, next }),
  async ({ token, next }): Promise<never> => {
    await signInWith("magic-link", { token });
    return redirect(safeRedirectPath(next));
  },
);

export const forgotPasswordAction = publicFormAction(
  z.object({ email: emailSchema }),
  async ({ email }): Promise<EmailSent> => {
    await requestPasswordReset({ email, origin: await currentOrigin() }, now());
    return { sentTo: email };
  },
);

export const resetPasswordAction = publicFormAction(
  z.object({ token, password: passwordSchema }),
  async (input): Promise<never> => {
    await resetPassword(input, now());
    return redirect("/sign-in?notice=password-changed");
  },
);

export const verifyEmailAction = formAction(z.object({ token }), ({ token }, identity) =>
  verifyEmail(identity, token, now()),
);

export const providerAction = publicFormAction(
  z.object({ provider: z.enum(["google", "github"]), next }),
  ({ provider, next }) => redirectToProvider(provider, safeRedirectPath(next)),
);
