import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { type SampleEmail, sampleEmails } from "#app/(public)/dev/emails/sample-emails.ts";
import { renderEmailHtml, renderEmailText } from "#lib/accounts/email/email-template.ts";
import { type Locale, locales } from "#lib/core/locale.ts";

let samples: Record<Locale, Record<string, SampleEmail[]>>;

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
  samples = { en: sampleEmails("en"), de: sampleEmails("de") };
});

/** The names of all functions that return an email; by convention their names end in "Email". */
const emailNames = readdirSync("lib", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .flatMap((file) => [
    ...readFileSync(`lib/${file}`, "utf8").matchAll(/^export (?:const|function) (\w+Email)\b/gm),
  ])
  .map((match) => match[1] ?? "");

const cases = [...new Set(emailNames)].flatMap((name) => locales.map((locale) => [name, locale] as const));

test("the preview contains every email of the product", () => {
  expect(emailNames.length).toBeGreaterThan(15);
  expect(Object.keys(samples.en).sort()).toEqual([...new Set(emailNames)].sort());
  for (const [name, each] of Object.entries(samples.en)) expect(each.length, name).toBeGreaterThan(0);
});

describe.each(cases)("%s in %s", (name, locale) => {
  test("the HTML and the plain text contain the same words, amounts and links", () => {
    for (const { when, email } of samples[locale][name] ?? []) {
      const text = renderEmailText(email);
      const html = renderEmailHtml(email, locale);
      const htmlText = stripTags(html.slice(html.indexOf("<table")));
      const { heading, paragraphs, facts = [], notes = [], action } = email;
      const parts = [
        heading,
        ...paragraphs,
        ...notes,
        ...facts.flatMap(({ label, value }) => [label, value]),
      ];
      for (const words of [...parts, ...(action ? [action.label] : [])]) {
        expect(text, when).toContain(words);
        expect(htmlText, when).toContain(words);
      }
      expect(linksIn(html), when).toEqual(linksIn(text));
      expect(amountsIn(htmlText), when).toEqual(amountsIn(text));
    }
  });

  test("no sentence mixes formats of two languages", () => {
    for (const { when, email } of samples[locale][name] ?? []) {
      const text = renderEmailText(email);
      if (locale === "de") expect(text, when).not.toMatch(/\$\d|\b(January|December|of|the|your|you)\b/);
      else expect(text, when).not.toMatch(/\d\s\$|\d\. (Januar|Dezember)|\b(Sie|Ihr|der|die|das)\b/);
    }
  });

  test("the text has no placeholders or exclamation marks, and subject and preview differ", () => {
    for (const { when, email } of samples[locale][name] ?? []) {
      const all = `${email.subject} ${email.preview} ${renderEmailText(email)}`;
      expect(all, when).not.toMatch(/!|oops|undefined|null|NaN|Invalid Date/i);
      expect(email.subject.length, when).toBeLessThanOrEqual(70);
      expect(email.preview, when).not.toBe(email.subject);
      expect(email.action?.url ?? "https://chat.example/", when).toMatch(/^https:\/\/chat\.example\//);
    }
  });
});

function stripTags(html: string): string {
  return html
    .replace(/<[^>]+>/g, " ")
    .replace(/&(amp|lt|gt|quot|#39|middot);/g, (_entity, name) => entities[name] ?? "");
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", middot: "·" };

function linksIn(content: string): string[] {
  const links = [...content.matchAll(/https:\/\/[^\s"<]+/g)].map(([url]) => url.replaceAll("&amp;", "&"));
  return [...new Set(links.map((url) => url.replace(/[./]$/, "")))].sort();
}

function amountsIn(content: string): string[] {
  return [...content.matchAll(/\$[\d,]+(?:\.\d+)?|[\d.]+,\d+\s\$/g)].map(([amount]) => amount).sort();
}
