import { expect, test } from "vitest";
import { safeRedirectPath } from "#app/_http/safe-redirect-path.ts";

test.each(["/chat", "/usage?month=2026-10#models", "/chat/0198b2a0-0000-7000-8000-000000000001"])(
  "%s is a safe redirect path",
  (path) => expect(safeRedirectPath(path)).toBe(path),
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
])("%j is replaced by the default path", (requested) => expect(safeRedirectPath(requested)).toBe("/chat"));
