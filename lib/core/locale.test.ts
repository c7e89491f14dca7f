import { expect, test } from "vitest";
import { isLocale, negotiateLocale } from "#lib/core/locale.ts";

test.each([
  [null, "en"],
  ["", "en"],
  ["de", "de"],
  ["de-AT,de;q=0.9,en;q=0.8", "de"],
  ["en-GB,en;q=0.9,de;q=0.8", "en"],
  ["fr-FR,fr;q=0.9,de;q=0.5,en;q=0.4", "de"],
  ["en;q=0.1, de;q=0.2", "de"],
  ["de;q=0, en", "en"],
  ["de;q=0", "en"],
  ["*", "en"],
  ["ja, zh;q=0.9", "en"],
  ["DE-de", "de"],
  [";;;,,=q;q=x", "en"],
])("a browser that accepts %s gets %s", (header, locale) => {
  expect(negotiateLocale(header)).toBe(locale);
});

test("only languages of the product are accepted", () => {
  expect(["en", "de", "pseudo", "EN", "", null, undefined].map(isLocale)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
