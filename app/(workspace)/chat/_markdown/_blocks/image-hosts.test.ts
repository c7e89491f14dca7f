import { expect, test } from "vitest";
import { isAllowedImage } from "#app/(workspace)/chat/_markdown/_blocks/image-hosts.ts";

const hosts = ["images.example.com"];

test("images of an allowed host are shown, also in other spellings of it", () => {
  expect(isAllowedImage("https://images.example.com/a.png?size=2", hosts)).toBe(true);
  expect(isAllowedImage("https://IMAGES.example.com:443/a.png", hosts)).toBe(true);
});

test.each([
  "http://images.example.com/a.png",
  "https://evil.example/a.png",
  "https://images.example.com.evil.example/a.png",
  "https://sub.images.example.com/a.png",
  "https://images.example.com:8443/a.png",
  "https://images.example.com@evil.example/a.png",
  "https://name:secret@images.example.com/a.png",
  "https://images.example.com./a.png",
  "//images.example.com/a.png",
  "data:image/png;base64,AAAA",
  "javascript:alert(1)",
])("any other image is blocked: %s", (url) => {
  expect(isAllowedImage(url, hosts)).toBe(false);
});

test("without allowed hosts every image is blocked", () => {
  expect(isAllowedImage("https://images.example.com/a.png", [])).toBe(false);
});
