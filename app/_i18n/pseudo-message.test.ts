import compile from "icu-minify/compile";
import format from "icu-minify/format";
import { expect, test } from "vitest";
import { toPseudoMessage } from "#app/_i18n/pseudo-message.ts";

const formatters = {
  getNumberFormat: (...args: ConstructorParameters<typeof Intl.NumberFormat>) =>
    new Intl.NumberFormat(...args),
  getDateTimeFormat: (...args: ConstructorParameters<typeof Intl.DateTimeFormat>) =>
    new Intl.DateTimeFormat(...args),
  getPluralRules: (...args: ConstructorParameters<typeof Intl.PluralRules>) => new Intl.PluralRules(...args),
};

function pseudo(message: string, values = {}): string {
  return String(format(toPseudoMessage(compile(message)), "en", values, { formatters }));
}

test("a pseudo-localized text is accented and half as long again", () => {
  const text = "Choose a new password";
  expect(pseudo(text)).toMatch(/^Çhööšé á ñéw páššwörd ~/);
  expect(pseudo(text).length).toBeGreaterThanOrEqual(text.length * 1.5);
});

test("arguments, plurals and tags keep their meaning", () => {
  expect(pseudo("Hello {name}", { name: "Ada" })).toContain("Ada");
  expect(pseudo("{n, plural, one {# day} other {# days}}", { n: 2 })).toMatch(/^2 dáýš/);
  expect(pseudo("See <link>the plans</link>", { link: (text: unknown[]) => `[${text}]` })).toContain(
    "[thé pláñš",
  );
});
