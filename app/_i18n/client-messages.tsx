import { getLocale, getMessages } from "next-intl/server";
import type { ReactNode } from "react";
import { MessagesProvider, RootMessagesProvider } from "#app/_i18n/messages-provider.tsx";
import type { Namespace } from "#app/_messages/catalogs.ts";

type Props = {
  /** The message files that the client components below use. */
  of: readonly Namespace[];
  /** Set by the root layout. */
  isRoot?: boolean;
  children: ReactNode;
};

/**
 * Passes message files to the client components of a page or layout, in addition to those of the layouts
 * above. Server components need no provider. A test compares `of` with the files that the components use.
 */
export async function ClientMessages({ of, isRoot = false, children }: Props) {
  const [locale, all] = await Promise.all([getLocale(), getMessages()]);
  const messages = Object.fromEntries(of.map((namespace) => [namespace, all[namespace]]));
  const Provider = isRoot ? RootMessagesProvider : MessagesProvider;
  return (
    <Provider locale={locale} messages={messages}>
      {children}
    </Provider>
  );
}
