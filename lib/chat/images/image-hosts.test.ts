import { expect, test } from "vitest";
import { imageHostSchema } from "#lib/chat/images/image-hosts.ts";

test.each(["images.example.com", "a.b", "xn--bcher-kva.example", " CDN.Example.com "])(
  "a host name is allowed: %s",
  (text) => {
    expect(imageHostSchema.parse(text)).toBe(text.trim().toLowerCase());
  },
);

test.each([
  "*.example.com",
  "https://example.com",
  "example.com/path",
  "example.com:8080",
  "localhost",
  "127.0.0.1",
  "[::1]",
  "example.com; script-src *",
  "example.com 'unsafe-inline'",
  "-a.example",
  "a..b",
  "bücher.example",
  "user@example.com",
  "",
])("what is not an exact host name is refused: %s", (text) => {
  expect(imageHostSchema.safeParse(text).success).toBe(false);
});
