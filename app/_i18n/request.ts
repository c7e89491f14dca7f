import { getRequestConfig } from "next-intl/server";
import { compiledMessages } from "#app/_i18n/compiled-messages.ts";
import { isPseudoLocale, requestLocale } from "#app/_i18n/request-locale.ts";
import type { Messages } from "#app/_messages/catalogs.ts";
import { messageFormats } from "#lib/core/formats.ts";
import type { Locale } from "#lib/core/locale.ts";

declare module "next-intl" {
  interface AppConfig {
    Locale: Locale;
    Messages: Messages;
  }
}

/** The configuration of next-intl for a request; next.config.mjs names this file. */
export default getRequestConfig(async () => {
  const locale = await requestLocale();
  const messages = compiledMessages((await isPseudoLocale()) ? "pseudo" : locale);
  return { locale, messages, formats: messageFormats, timeZone: "UTC" };
});
