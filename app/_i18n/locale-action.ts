"use server";

import { revalidatePath } from "next/cache";
import { cookies } from "next/headers";
import { currentIdentity } from "#app/_http/session/session.ts";
import { cookiesAreSecure } from "#app/_http/session/session-cookie.ts";
import { localeCookieName } from "#app/_i18n/locale-cookie.ts";
import { changeLocale } from "#lib/billing/actions/change-locale.ts";
import { isLocale } from "#lib/core/locale.ts";

const lifetimeSeconds = 365 * 86_400;

/**
 * Chooses the language of this browser and of the signed-in user, by the form's field `locale`; a value that
 * is no language follows the browser again. Works without a session and without JavaScript.
 */
export async function chooseLocaleAction(form: FormData): Promise<void> {
  const chosen = form.get("locale");
  const locale = typeof chosen === "string" && isLocale(chosen) ? chosen : null;
  const identity = await currentIdentity();
  if (identity !== null) await changeLocale(identity.userId, locale);
  const jar = await cookies();
  if (locale === null) jar.delete(localeCookieName);
  else
    jar.set(localeCookieName, locale, {
      maxAge: lifetimeSeconds,
      sameSite: "lax",
      secure: cookiesAreSecure(),
    });
  revalidatePath("/", "layout");
}
