import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskText } from "#lib/core/mask.ts";

const around = fc.string({ unit: fc.constantFrom("a", "Z", " ", "\n", ",", "(", "é", "?"), maxLength: 40 });
const alphanumeric = (minLength: number, maxLength: number) =>
  fc.string({
    unit: fc.constantFrom(..."abcdefghijkmnopqrstuvwxyzABCDEFGH0123456789"),
    minLength,
    maxLength,
  });

/** Asserts that a secret between separators is masked in any text. */
function expectHidden(secret: fc.Arbitrary<string>): void {
  fc.assert(
    fc.property(around, secret, around, (before, hidden, after) => {
      expect(maskText(`${before} ${hidden} ${after}`)).not.toContain(hidden);
    }),
  );
}

describe("personal data and secrets", () => {
  test("email addresses are masked", () => {
    expectHidden(fc.emailAddress({ size: "small" }).filter((address) => /^[\w.+-]+@/.test(address)));
  });
  test("keys of every known kind are masked", () => {
    const prefixes = ["sk-", "sk-proj-", "sk_live_", "rk_test_", "pk_live_", "whsec_", "parley_sk_", "ghp_"];
    expectHidden(
      fc.tuple(fc.constantFrom(...prefixes), alphanumeric(16, 60)).map(([prefix, rest]) => prefix + rest),
    );
  });
  test("bearer tokens are masked", () => {
    const token = alphanumeric(16, 60);
    fc.assert(
      fc.property(
        token,
        (hidden) => void expect(maskText(`Authorization: Bearer ${hidden}`)).not.toContain(hidden),
      ),
    );
  });
  test("card numbers are masked in every grouping", () => {
    const separator = fc.constantFrom("", " ", "-");
    expectHidden(
      fc
        .tuple(fc.stringMatching(/^4\d{14}$/), separator)
        .map(([body, gap]) => grouped(withCheckDigit(body), gap)),
    );
  });
  test("phone numbers with a country code are masked", () => {
    expectHidden(fc.stringMatching(/^\+[1-9]\d{1,2} \d{2,3} \d{6,7}$/));
  });
  test("credentials in URLs are masked", () => {
    const password = alphanumeric(8, 30);
    fc.assert(
      fc.property(
        password,
        (hidden) => void expect(maskText(`postgres://me:${hidden}@host:5432/db`)).not.toContain(hidden),
      ),
    );
  });
});

test("masking a masked text changes nothing", () => {
  fc.assert(
    fc.property(fc.string(), fc.emailAddress(), fc.string(), (before, address, after) => {
      const once = maskText(`${before} ${address} ${after}`);
      expect(maskText(once)).toBe(once);
    }),
  );
});

test("UUIDs, timestamps and amounts are kept", () => {
  const moment = fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date("2999-01-01") })
    .map((d) => d.toISOString());
  const noOne = fc.constant("00000000-0000-0000-0000-000000000000");
  const harmless = fc.oneof(fc.uuid(), noOne, moment, fc.integer().map(String));
  fc.assert(
    fc.property(
      harmless,
      (text) => void expect(maskText(`before ${text} after`)).toBe(`before ${text} after`),
    ),
  );
});

test.each([
  ["Call me at (555) 123-4567 or 030 12345678.", "Call me at [phone] or [phone]."],
  ["a.b+c@mail.example.org wrote", "[email] wrote"],
  ["Incorrect API key provided: sk-proj-abcdefghijklmnop.", "Incorrect API key provided: [key]."],
  ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "[token]"],
  [
    "4242 4242 4242 4242 is a card, 4242 4242 4242 4241 is not",
    "[card] is a card, 4242 4242 4242 4241 is not",
  ],
])("%s", (text, masked) => {
  expect(maskText(text)).toBe(masked);
});

test("masking takes linear time for any text", () => {
  const texts = ["a", "a.", "0 ", "+1", "sk-", "eyJ", "-----BEGIN PRIVATE KEY-----", "x://", "@a."];
  for (const text of texts) {
    const startedAt = performance.now();
    maskText(text.repeat(100_000));
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  }
});

function withCheckDigit(body: string): string {
  const sum = [...body].reverse().reduce((total, character, index) => {
    const doubled = Number(character) * (index % 2 === 0 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

function grouped(digits: string, separator: string): string {
  return digits.match(/.{1,4}/g)?.join(separator) ?? digits;
}
