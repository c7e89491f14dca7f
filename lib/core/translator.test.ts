import { expect, test } from "vitest";
import { createTranslator } from "#lib/core/translator.ts";

const messages = {
  hello: "Hello {name}",
  days: "{count, plural, one {one day} other {# days}}",
  nested: { plain: "It’s done." },
} as const;
const t = createTranslator<typeof messages>("en", messages);

test("a translator fills parameters and plurals in, by dotted keys", () => {
  expect(t("hello", { name: "Ada" })).toBe("Hello Ada");
  expect([1, 1_200].map((count) => t("days", { count }))).toEqual(["one day", "1,200 days"]);
  expect(t("nested.plain")).toBe("It’s done.");
});

test("a missing key or parameter does not compile", () => {
  // @ts-expect-error
  expect(() => t("nothing")).toThrow(RangeError);
  // @ts-expect-error
  expect(() => t("days")).toThrow();
  // @ts-expect-error
  expect(t("nested.plain", { name: "Ada" })).toBe("It’s done.");
});
