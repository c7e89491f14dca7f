"use client";

import { type AbstractIntlMessages, NextIntlClientProvider, useMessages } from "next-intl";
import { type ReactNode, useMemo } from "react";
import { messageFormats } from "#lib/core/formats.ts";
import type { Locale } from "#lib/core/locale.ts";

type Props = { locale: Locale; messages: AbstractIntlMessages; children: ReactNode };

/** Provides the language and the first messages to client components; the root of all providers. */
export function RootMessagesProvider({ locale, messages, children }: Props) {
  return (
    <NextIntlClientProvider locale={locale} messages={messages} formats={messageFormats} timeZone="UTC">
      {children}
    </NextIntlClientProvider>
  );
}

/** Adds messages to those of the layouts above. */
export function MessagesProvider({ locale, messages, children }: Props) {
  const above = useMessages();
  const merged = useMemo(() => ({ ...above, ...messages }), [above, messages]);
  return (
    <RootMessagesProvider locale={locale} messages={merged}>
      {children}
    </RootMessagesProvider>
  );
}
