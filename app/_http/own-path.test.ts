import { expect, test } from "vitest";
import { ownPath } from "#app/_http/own-path.ts";

test.each(["/chat", "/usage?month=2026-10#models", "/chat/0198b2a0-0000-7000-8000-000000000001"])(
  "the way back to %s is kept",
  (path) => expect(ownPath(path)).toBe(path),
);

test.each([
  "https://evil.example/",
  "//evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "/..//evil.example",
  "/.//evil.example",
  "javascript:alert(1)",
  "chat",
  "",
  null,
  undefined,
])("%j leads home and nowhere else", (wanted) => expect(ownPath(wanted)).toBe("/chat"));
