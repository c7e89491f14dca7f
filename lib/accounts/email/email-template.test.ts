import { beforeAll, expect, test, vi } from "vitest";
import * as templates from "#lib/accounts/email/account-emails.ts";
import { confirmAddressEmail } from "#lib/accounts/email/account-emails.ts";
import { appLink, renderEmailHtml, renderEmailText } from "#lib/accounts/email/email-template.ts";

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

const data = { email: "ada@person.example", token: "a_token-1", code: "1234 5678", next: "/chat?a=1&b=2" };

test.each(Object.entries(templates))(
  "%s has the same content in HTML and text, and links to the app",
  (_name, template) => {
    // Each template takes a part of the data.
    const email = template(data as never, "en");
    const html = renderEmailHtml(email, "en");
    const text = renderEmailText(email);
    for (const paragraph of [email.heading, ...email.paragraphs, ...(email.notes ?? [])]) {
      expect(text).toContain(paragraph);
      expect(html).toContain(paragraph.replaceAll("&", "&amp;"));
    }
    expect(text.includes("1234 5678") && html.includes(">1234 5678<")).toBe(email.code !== undefined);
    expect(email.action?.url).toMatch(/^https:\/\/chat\.example\//);
    expect(html).toContain("Tom &amp; Sons");
    expect(`${email.subject}${text}`).not.toMatch(/!|oops/i);
  },
);

test("appLink encodes query parameters and omits undefined ones", () => {
  expect(appLink("/magic-link", { token: "t", next: "/chat?a=1&b=2", none: undefined })).toBe(
    "https://chat.example/magic-link?token=t&next=%2Fchat%3Fa%3D1%26b%3D2",
  );
});

test("user input is escaped in the HTML part", () => {
  const email = confirmAddressEmail({ ...data, email: `"<script>alert('1')</script>"@x.example` }, "en");
  expect(renderEmailHtml(email, "en")).not.toContain("<script>");
});
