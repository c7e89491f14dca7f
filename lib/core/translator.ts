import compile from "icu-minify/compile";
import format from "icu-minify/format";
import type { ICUArgs, MessageKeys, NestedKeyOf, NestedValueOf } from "use-intl/core";
import { messageFormats, tagOf } from "#lib/core/formats.ts";
import type { Locale } from "#lib/core/locale.ts";

/** Texts in the ICU syntax by keys, which may be nested. */
export type MessageTree = { readonly [key: string]: string | MessageTree };

/** The shape of texts in another language: the same keys, with other texts. */
export type Translation<T> = { readonly [K in keyof T]: T[K] extends string ? string : Translation<T[K]> };

type Values<Text> = Text extends string
  ? ICUArgs<Text, { ICUArgument: string; ICUNumberArgument: number; ICUDateArgument: Date }>
  : never;
/** The parameters that a text contains; nothing for a text without. */
export type ValuesOf<Text> = keyof Values<Text> extends never ? [] : [values: Values<Text>];
/** The dotted keys of all texts. */
export type KeyOf<M extends MessageTree> = MessageKeys<M, NestedKeyOf<M>>;

/** Returns the text of a dotted key in one language. Its type requires the parameters of the text. */
export type Translator<M extends MessageTree> = <K extends KeyOf<M>>(
  key: K,
  ...values: ValuesOf<NestedValueOf<M, K>>
) => string;

export type MessageValues = Readonly<Record<string, string | number | Date>>;

/**
 * Creates a translator for texts that are sent rather than shown: emails and API responses. Screens use
 * next-intl.
 * @param messages in the language `locale`; texts are compiled at their first use
 */
export function createTranslator<M extends MessageTree>(
  locale: Locale,
  messages: MessageTree,
): Translator<M> {
  const compiled = new Map<string, ReturnType<typeof compile>>();
  const translate = (key: string, values?: MessageValues): string => {
    const message = compiled.get(key) ?? compile(findText(messages, key));
    compiled.set(key, message);
    return String(
      format(message, tagOf(locale), values, {
        formatters,
        formats: messageFormats,
        timeZone: "UTC",
      }),
    );
  };
  // The type derives the keys and their parameters from the texts.
  return translate as Translator<M>;
}

/** Creates a translator for every language. */
export function createTranslators<M extends MessageTree>(
  messages: Record<Locale, MessageTree>,
): Record<Locale, Translator<M>> {
  return { en: createTranslator<M>("en", messages.en), de: createTranslator<M>("de", messages.de) };
}

function findText(messages: MessageTree, key: string): string {
  let node: string | MessageTree | undefined = messages;
  for (const part of key.split(".")) node = typeof node === "object" ? node[part] : undefined;
  if (typeof node !== "string") throw new RangeError(`There is no message "${key}".`);
  return node;
}

const formatters = {
  getNumberFormat: (...args: ConstructorParameters<typeof Intl.NumberFormat>) =>
    new Intl.NumberFormat(...args),
  getDateTimeFormat: (...args: ConstructorParameters<typeof Intl.DateTimeFormat>) =>
    new Intl.DateTimeFormat(...args),
  getPluralRules: (...args: ConstructorParameters<typeof Intl.PluralRules>) => new Intl.PluralRules(...args),
};
