import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { type SampleLetter, sampleLetters } from "#app/(public)/dev/letters/sample-letters.ts";
import { letterHtml, letterText } from "#lib/accounts/letter.ts";

let samples: Record<string, SampleLetter[]>;

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
  samples = sampleLetters();
});

/** What the source has: every function that returns a letter is exported under a name that ends so. */
const written = readdirSync("lib", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .flatMap((file) => [
    ...readFileSync(`lib/${file}`, "utf8").matchAll(/^export (?:const|function) (\w+Letter)\b/gm),
  ])
  .map((match) => match[1] ?? "");

test("no letter of the product is missing from the preview", () => {
  expect(written.length).toBeGreaterThan(15);
  expect(Object.keys(samples).sort()).toEqual([...new Set(written)].sort());
  for (const [name, each] of Object.entries(samples)) expect(each.length, name).toBeGreaterThan(0);
});

describe.each([...new Set(written)])("%s", (name) => {
  test("says the same as HTML and as plain text: words, figures and links", () => {
    for (const { when, letter } of samples[name] ?? []) {
      const text = letterText(letter);
      const html = letterHtml(letter);
      const shown = plain(html.slice(html.indexOf("<table")));
      const { heading, paragraphs, facts = [], notes = [], action } = letter;
      const said = [heading, ...paragraphs, ...notes, ...facts.flatMap(({ label, value }) => [label, value])];
      for (const words of [...said, ...(action ? [action.label] : [])]) {
        expect(text, when).toContain(words);
        expect(shown, when).toContain(words);
      }
      expect(linksIn(html), when).toEqual(linksIn(text));
      expect(amountsIn(shown), when).toEqual(amountsIn(text));
    }
  });

  test("is written in plain words, and its subject and preview say something of their own", () => {
    for (const { when, letter } of samples[name] ?? []) {
      const all = `${letter.subject} ${letter.preview} ${letterText(letter)}`;
      expect(all, when).not.toMatch(/!|oops|undefined|null|NaN|Invalid Date/i);
      expect(letter.subject.length, when).toBeLessThanOrEqual(70);
      expect(letter.preview, when).not.toBe(letter.subject);
      expect(letter.action?.url ?? "https://chat.example/", when).toMatch(/^https:\/\/chat\.example\//);
    }
  });
});

function plain(html: string): string {
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
  return [...content.matchAll(/\$[\d,]+(?:\.\d+)?/g)].map(([amount]) => amount).sort();
}
