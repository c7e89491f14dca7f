import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isComposing } from "#app/_ui/is-composing.ts";

test("C6: a key press of an input method is recognized in every browser's form", () => {
  expect(isComposing({ keyCode: 13, isComposing: true })).toBe(true);
  expect(isComposing({ keyCode: 13, nativeEvent: { isComposing: true } })).toBe(true);
  expect(isComposing({ keyCode: 229, isComposing: false })).toBe(true);
  expect(isComposing({ keyCode: 13, isComposing: false })).toBe(false);
});

test("C6: every file that handles keys asks whether they belong to an input method", () => {
  const handlers = globSync("app/**/*.{ts,tsx}")
    .filter((path) => !path.endsWith(".test.ts"))
    .filter((path) =>
      /onKeyDown[=:]|"keydown"|onEscapeKeyDown|Primitive\.Content\b/.test(readFileSync(path, "utf8")),
    );
  expect(handlers.length).toBeGreaterThan(5);
  const careless = handlers.filter(
    (path) => !/is(Composing|SendKey)\(|ignoreComposition/.test(readFileSync(path, "utf8")),
  );
  expect(careless).toEqual([]);
});
