import compile from "icu-minify/compile";
import { toPseudoMessage } from "#app/_i18n/pseudo-message.ts";
import { catalogs, type Messages } from "#app/_messages/catalogs.ts";
import type { Locale } from "#lib/core/locale.ts";

const cache = new Map<Locale | "pseudo", Messages>();

/**
 * Returns all messages of a language, with the ICU syntax parsed. They are compiled once per process, so that
 * neither a request nor the browser needs a parser: next.config.mjs replaces next-intl's formatter by one
 * that only accepts compiled messages.
 */
export function compiledMessages(locale: Locale | "pseudo"): Messages {
  const known = cache.get(locale);
  if (known !== undefined) return known;
  const compiled =
    locale === "pseudo"
      ? compileAll(catalogs.en, (text) => toPseudoMessage(compile(text)))
      : compileAll(catalogs[locale], compile);
  // next-intl's types describe the source texts of messages; the compiled ones have the same keys.
  const messages = compiled as Messages;
  cache.set(locale, messages);
  return messages;
}

type CompiledMessage = ReturnType<typeof compile>;
type Tree = { readonly [key: string]: string | Tree };

function compileAll(messages: Tree, compileText: (text: string) => CompiledMessage): object {
  return Object.fromEntries(
    Object.entries(messages).map(([key, value]) => [
      key,
      typeof value === "string" ? toPlain(compileText(value)) : compileAll(value, compileText),
    ]),
  );
}

/** The compiler's objects have no prototype, which server components cannot pass to client components. */
function toPlain(message: CompiledMessage): CompiledMessage {
  return typeof message === "string" ? message : JSON.parse(JSON.stringify(message));
}
