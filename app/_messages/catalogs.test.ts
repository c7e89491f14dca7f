import compile from "icu-minify/compile";
import { expect, test } from "vitest";
import { catalogs } from "#app/_messages/catalogs.ts";
import { accountEmailMessages as germanAccountEmails } from "#lib/accounts/email/messages/de.ts";
import { accountEmailMessages } from "#lib/accounts/email/messages/en.ts";
import { billingEmailMessages as germanBillingEmails } from "#lib/billing/emails/messages/de.ts";
import { billingEmailMessages } from "#lib/billing/emails/messages/en.ts";
import { locales } from "#lib/core/locale.ts";

type Tree = { readonly [key: string]: string | Tree };

/** Returns the texts of a catalog by their dotted keys. */
function flatten(tree: Tree, prefix = ""): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]): [string, string][] =>
      typeof value === "string" ? [[`${prefix}${key}`, value]] : [...flatten(value, `${prefix}${key}.`)],
    ),
  );
}

/** The names of arguments and tags of a message, with what they are: a plural is no select. */
function parametersOf(message: string): string[] {
  const found = new Set<string>();
  const visit = (node: unknown): void => {
    if (!Array.isArray(node)) return;
    const [name, type, ...rest]: unknown[] = node;
    const isTag = type !== undefined && (typeof type !== "number" || type === 0);
    found.add(`${isTag ? "tag " : `${type ?? "argument"} `}${String(name)}`);
    if (isTag) [type, ...rest].forEach(visit);
    for (const branch of isTag ? [] : Object.values(Object(rest[0])))
      if (Array.isArray(branch)) branch.forEach(visit);
  };
  const compiled: unknown = compile(message);
  if (Array.isArray(compiled)) compiled.forEach(visit);
  return [...found].sort();
}

/** The texts of screens and emails. */
const texts = {
  en: flatten({ ...catalogs.en, accountEmailMessages, billingEmailMessages }),
  de: flatten({
    ...catalogs.de,
    accountEmailMessages: germanAccountEmails,
    billingEmailMessages: germanBillingEmails,
  }),
};
const english = texts.en;

test.each(locales)("%s has the keys of English", (locale) => {
  expect([...texts[locale].keys()].sort()).toEqual([...english.keys()].sort());
});

test.each(locales)("%s has the parameters of English in every message", (locale) => {
  const differences = [...texts[locale]].filter(
    ([key, text]) => parametersOf(text).join() !== parametersOf(english.get(key) ?? "").join(),
  );
  expect(differences).toEqual([]);
});

test.each(locales)("%s has no empty message and none with space at its ends", (locale) => {
  expect([...texts[locale]].filter(([, text]) => text !== text.trim() || text === "")).toEqual([]);
});

test.each(locales)("%s has typographic quotes and no exclamation marks", (locale) => {
  expect([...texts[locale]].filter(([, text]) => /['"!]/.test(text))).toEqual([]);
});

test("German addresses the reader formally", () => {
  const informal = /\b(du|dich|dir|dein\w*|euer|eure\w*)\b/i;
  expect([...texts.de].filter(([, text]) => informal.test(text))).toEqual([]);
});

test("the parameters of nested plurals, selects and tags are compared", () => {
  expect(
    parametersOf("{n, plural, one {# day by {who}} other {<b>#</b>}} {kind, select, other {x}}"),
  ).toEqual(["1 kind", "2 n", "argument who", "tag b"]);
});
