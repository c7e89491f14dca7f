"use server";

import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { z } from "zod";
import { formAction, publicFormAction } from "#app/_http/action.ts";
import { enter, enterByProvider } from "#app/_http/auth.ts";
import { originOf } from "#app/_http/network.ts";
import { ownPath } from "#app/_http/own-path.ts";
import { emailSchema } from "#lib/accounts/email-address.ts";
import { verifyEmail } from "#lib/accounts/email-verification.ts";
import { requestMagicLink } from "#lib/accounts/magic-link.ts";
import { passwordSchema } from "#lib/accounts/password.ts";
import { requestPasswordReset, resetPassword } from "#lib/accounts/password-reset.ts";
import { now } from "#lib/ground/clock.ts";

const next = z.string().max(2_000).optional();
const token = z.string().min(1).max(200);

/** What a form says once it has caused a letter; it says the same whether or not the address is known. */
export type Sent = { sentTo: string };

async function origin() {
  return originOf(new Headers(await headers()));
}

export const signInAction = publicFormAction(
  z.object({ email: emailSchema, password: z.string().min(1, "Enter your password.").max(1_000), next }),
  async ({ email, password, next }): Promise<never> => {
    await enter("password", { email, password });
    return redirect(ownPath(next));
  },
);

export const signUpAction = publicFormAction(
  z.object({ email: emailSchema, password: passwordSchema, next }),
  async ({ email, password, next }): Promise<Sent> => {
    const entered = await enter("sign-up", { email, password });
    return entered ? redirect(ownPath(next)) : { sentTo: email };
  },
);

export const requestMagicLinkAction = publicFormAction(
  z.object({ email: emailSchema, next }),
  async ({ email, next }): Promise<Sent> => {
    const wanted = next === undefined ? {} : { next: ownPath(next) };
    await requestMagicLink({ email, origin: await origin(), ...wanted }, now());
    return { sentTo: email };
  },
);

export const redeemMagicLinkAction = publicFormAction(
  z.object({ token, next }),
  async ({ token, next }): Promise<never> => {
    await enter("magic-link", { token });
    return redirect(ownPath(next));
  },
);

export const forgotPasswordAction = publicFormAction(
  z.object({ email: emailSchema }),
  async ({ email }): Promise<Sent> => {
    await requestPasswordReset({ email, origin: await origin() }, now());
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
  ({ provider, next }) => enterByProvider(provider, ownPath(next)),
);
