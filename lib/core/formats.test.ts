import fc from "fast-check";
import { expect, test } from "vitest";
import { formatsFor } from "#lib/core/formats.ts";
import { formatMoney, fromMinorUnits } from "#lib/core/money.ts";

const [english, german] = [formatsFor("en"), formatsFor("de")];

/** Replaces no-break spaces, so that expectations are readable. */
function plain(text: string): string {
  return text.replace(/[\u00a0\u202f]/g, " ");
}

test("amounts in English equal those of API responses", () => {
  fc.assert(
    fc.property(fc.integer({ min: -9e12, max: 9e12 }), (micros) => {
      expect(english.money(micros)).toBe(formatMoney(micros));
    }),
  );
});

test.each([
  [0, "0,00 $"],
  [4_200, "0,0042 $"],
  [500_000, "0,50 $"],
  [1_234_567_890_000, "1.234.567,89 $"],
  [-19_000_000, "-19,00 $"],
])("%d micro-USD read as %s in German", (micros, text) => {
  expect(plain(german.money(micros))).toBe(text);
});

test("an amount in another currency has that currency's decimals", () => {
  expect(english.currency(10_000, "eur")).toBe("€100.00");
  expect(english.currency(1_900, "jpy")).toBe("¥1,900");
  expect(english.currency(1_500, "kwd")).toMatch(/1\.500$/);
  // Stripe counts these in hundredths, although they have no smaller unit elsewhere.
  expect([english.currency(50_000, "isk"), english.currency(50_000, "ugx")].map(plain)).toEqual([
    "ISK 500.00",
    "UGX 500.00",
  ]);
  expect(english.amount(fromMinorUnits(1_900, "jpy"), "jpy")).toBe("¥1,900");
  expect(english.amount(fromMinorUnits(1_900, "usd"), "usd")).toBe("$19.00");
  expect(plain(german.currency(10_000, "eur"))).toBe("100,00 €");
  expect(plain(german.currency(1_900, "jpy"))).toBe("1.900 ¥");
});

test("dates, counts and shares follow the language", () => {
  const at = new Date("2026-12-28T23:30:00Z");
  expect([english.date(at), german.date(at)]).toEqual(["Dec 28, 2026", "28.12.2026"]);
  expect(english.date(at, { dateStyle: "medium", timeZone: "Asia/Tokyo" })).toBe("Dec 29, 2026");
  expect([english.count(1_200), german.count(1_200)]).toEqual(["1,200", "1.200"]);
  expect([english.percent(0.8), plain(german.percent(0.8))]).toEqual(["80%", "80 %"]);
  expect([english.fileSize(820), english.fileSize(1_440_000)]).toEqual(["0.8 kB", "1.4 MB"]);
  expect(plain(german.fileSize(2_500_000_000))).toBe("2,5 GB");
});

test("C20: a balance is rounded down to cents", () => {
  const shown = [0, 3, 9_999, 10_000, 496_800, 499_999, 500_000, -5_000].map((micros) =>
    english.balance(micros),
  );
  expect(shown).toEqual(["$0.00", "< $0.01", "< $0.01", "$0.01", "$0.49", "$0.49", "$0.50", "-$0.01"]);
  expect(plain(german.balance(3))).toBe("< 0,01 $");
});

test("C20: amounts in a column have equal decimals", () => {
  const column = [0, 4_200, 19_000_000, 500];
  expect(column.map(english.moneyIn(column))).toEqual(["$0.0000", "$0.0042", "$19.0000", "$0.0005"]);
  expect([100_000, 2_500_000].map(english.moneyIn([100_000, 2_500_000]))).toEqual(["$0.10", "$2.50"]);
  expect([4_200].map(german.moneyIn([4_200])).map(plain)).toEqual(["0,0042 $"]);
});

test("a price of whole dollars has no decimals", () => {
  expect([0, 500_000, 19_000_000, 1_250_000_000].map((micros) => english.price(micros))).toEqual([
    "$0",
    "$0.50",
    "$19",
    "$1,250",
  ]);
  expect(plain(german.price(19_000_000))).toBe("19 $");
});
