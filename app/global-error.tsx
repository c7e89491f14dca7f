"use client";

import { useSyncExternalStore } from "react";
import { browserLocale } from "#app/_i18n/locale-cookie.ts";
import { pageFailure as german } from "#app/_messages/de/page-failure.ts";
import { pageFailure as english } from "#app/_messages/en/page-failure.ts";
import type { Locale } from "#lib/core/locale.ts";

const texts = { en: english, de: german };
const subscribeNever = () => () => {};

/**
 * The error boundary of the root layout. It uses no style sheet, component or message of the server, because
 * they may have failed.
 */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  const locale = useSyncExternalStore(subscribeNever, readLocale, (): Locale => "en");
  const { title, body, reference, home } = texts[locale];
  return (
    <html lang={locale}>
      <body
        style={{
          fontFamily: "system-ui, sans-serif",
          margin: "20vh auto",
          maxWidth: "28rem",
          padding: "0 1.5rem",
        }}
      >
        <h1>{title}</h1>
        <p>{body}</p>
        {error.digest !== undefined && (
          <p>
            {reference} <code>{error.digest}</code>
          </p>
        )}
        <p>
          {/* A plain link instead of next/link: it reloads the whole document. */}
          <a href="/">{home}</a>
        </p>
      </body>
    </html>
  );
}

function readLocale(): Locale {
  return browserLocale(document.cookie, navigator.languages.join(","));
}
