import { beforeAll, expect, test, vi } from "vitest";
import { appLink, letterHtml, letterText } from "#lib/accounts/letter.ts";
import * as letters from "#lib/accounts/letters.ts";
import { verifyEmailLetter } from "#lib/accounts/letters.ts";

beforeAll(() => {
  vi.stubEnv("APP_ENV", "test");
  vi.stubEnv("APP_URL", "https://chat.example");
  vi.stubEnv("APP_NAME", "Tom & Sons");
  vi.stubEnv("AUTH_SECRET", "a-secret-of-at-least-thirty-two-characters");
  vi.stubEnv("DATABASE_URL", "postgres://nowhere.invalid/none");
  vi.stubEnv("OPENAI_API_KEY", "sk-sandbox");
  vi.stubEnv("STRIPE_SECRET_KEY", "sk_test_x");
  vi.stubEnv("STRIPE_WEBHOOK_SECRET", "whsec_x");
  vi.stubEnv("SMTP_URL", "smtp://localhost:1");
});

const data = { email: "ada@person.example", token: "a_token-1", next: "/chat?a=1&b=2" };

test.each(Object.entries(letters))(
  "%s says the same as HTML and as text, and leads back here",
  (_name, template) => {
    const letter = template(data);
    const html = letterHtml(letter);
    const text = letterText(letter);
    for (const said of [letter.heading, ...letter.paragraphs, ...(letter.notes ?? [])]) {
      expect(text).toContain(said);
      expect(html).toContain(said.replaceAll("&", "&amp;"));
    }
    expect(letter.action?.url).toMatch(/^https:\/\/chat\.example\//);
    expect(html).toContain("Tom &amp; Sons");
    expect(`${letter.subject}${text}`).not.toMatch(/!|oops/i);
  },
);

test("a link keeps what it carries", () => {
  expect(appLink("/magic-link", { token: "t", next: "/chat?a=1&b=2", none: undefined })).toBe(
    "https://chat.example/magic-link?token=t&next=%2Fchat%3Fa%3D1%26b%3D2",
  );
});

test("what a person wrote stays text in the page", () => {
  const letter = verifyEmailLetter({ ...data, email: `"<script>alert('1')</script>"@x.example` });
  expect(letterHtml(letter)).not.toContain("<script>");
});
