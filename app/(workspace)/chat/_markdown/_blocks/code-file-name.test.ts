import { expect, test } from "vitest";
import { codeFileName } from "#app/(workspace)/chat/_markdown/_blocks/code-file-name.ts";

test.each([
  ["typescript", "code.ts"],
  ["TSX", "code.tsx"],
  ["python", "code.py"],
  ["Dockerfile", "Dockerfile"],
  ["c++", "code.cpp"],
  ["", "code.txt"],
  ["../../etc/passwd", "code.txt"],
  ["constructor", "code.txt"],
  ["exe", "code.txt"],
])("code in %j is saved as %s", (language, name) => {
  expect(codeFileName(language)).toBe(name);
});
