import { NextIntlClientProvider } from "next-intl";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { catalogs } from "#app/_messages/catalogs.ts";
import { Markdown } from "#app/(workspace)/chat/_markdown/markdown.tsx";

/** The HTML of an answer without the classes, which say nothing about its meaning. */
function render(text: string, streaming = false): string {
  const answer = createElement(Markdown, { text, streaming });
  const messages = { chat: catalogs.en.chat };
  const props = { locale: "en" as const, messages, timeZone: "UTC", children: answer };
  return renderToStaticMarkup(createElement(NextIntlClientProvider, props))
    .replace(/ class="[^"]*"/g, "")
    .replace(/ data-streamdown="[^"]*"/g, "");
}

/** The text that a reader sees. */
function visibleText(text: string, streaming = false): string {
  return render(text, streaming)
    .replace(/<br\/?>\n?/g, "\n")
    .replace(/<[^>]+>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

test.each([
  "Returns a Promise<void> or Map<string, T>.",
  "Set <your-api-key> and <YOUR_NAME>",
  "vector<int> and </unknown>",
  "a <!-- comment --> stays",
  "<svg onload=alert(1)> and <script>alert(1)</script>",
])("C1: text in angle brackets outside code is shown as written: %s", (text) => {
  expect(visibleText(text)).toBe(text);
  expect(visibleText(text, true)).toBe(text);
});

test("C1: a block in angle brackets keeps its lines, in lists and quotes too", () => {
  expect(visibleText("<your-api-key>\nnext **line**")).toBe("<your-api-key>\nnext **line**");
  expect(visibleText("- <token>\n- two")).toContain("<token>");
  expect(visibleText("> <token>")).toContain("<token>");
});

test("C1: allowed tags keep their meaning", () => {
  const html = render("H<sub>2</sub>O<br>and <kbd>Ctrl</kbd>");
  expect(html).toContain("<sub>2</sub>");
  expect(html).toContain("<br/>");
  expect(html).toMatch(/<kbd[^>]*>Ctrl<\/kbd>/);
});

test("C7: every block finds its direction from its text, and code is left to right", () => {
  const html = render("مرحبا `code`\n\n- שלום\n\n> اقتباس\n\n| أ |\n|---|\n| ب |\n\n# عنوان");
  for (const tag of ["p", "ul", "blockquote", "table", "h1"])
    expect(html, tag).toMatch(new RegExp(`<${tag}[^>]* dir="auto"`));
  expect(html).toMatch(/<code[^>]* dir="ltr"/);
  expect(html).not.toMatch(/<li[^>]* dir=/);
});

test.each([
  ["**注意：**请看", "<span>注意：</span>请看"],
  ["**「重要」**です", "<span>「重要」</span>です"],
  ["~~删除。~~后续", "<del>删除。</del>后续"],
])("C8: emphasis next to full-width punctuation is emphasis: %s", (text, expected) => {
  expect(render(text)).toContain(expected);
});

test.each([
  ["https://example.com/a。后续", "https://example.com/a", "。后续"],
  ["（www.example.com）好", "www.example.com", "）好"],
  ["见 https://example.com/b，然后", "https://example.com/b", "，然后"],
])("C8: a bare address ends before full-width punctuation: %s", (text, address, rest) => {
  const html = render(text);
  expect(html).toMatch(new RegExp(`href="(http://)?${address.replaceAll(".", "\\.")}/?"`));
  expect(html).toContain(`>${address}</a>${rest}`);
});

test("C8: single tildes stay", () => {
  expect(visibleText("3~5天，价格100~200元")).toBe("3~5天，价格100~200元");
  expect(render("~~gone~~")).toContain("<del>gone</del>");
});

test("C10: a fence inside a block of Markdown does not end it", () => {
  const inner = "# Title\n\n```js\nlet a;\n```\n\nmore text";
  const html = render(`Before\n\n\`\`\`markdown\n${inner}\n\`\`\`\n\nAfter`);
  expect(html.match(/<pre/g)).toHaveLength(1);
  expect(html).toContain("more text");
  expect(html).toMatch(/<p[^>]*>After<\/p>/);
  expect(html).not.toMatch(/<h1/);
});

test("C10: blocks of other languages are untouched, and streaming text grows steadily", () => {
  const plain = render("```js\nlet a;\n```\n\n```markdown\n# T\n```\n\nEnd");
  expect(plain.match(/<pre/g)).toHaveLength(2);
  const streamed = render("```md\n```js\nlet a;\n```\nstill inside", true);
  expect(streamed.match(/<pre/g)).toHaveLength(1);
  expect(streamed).toContain("still inside");
});

test("footnotes of two answers have different ids, links within the page and no heading", () => {
  const text = "One[^1], again[^1], named[^note].\n\n[^1]: Note.\n[^note]: Named.";
  const answer = () => createElement(Markdown, { text, streaming: false });
  const both = createElement("div", null, answer(), answer());
  const props = {
    locale: "en" as const,
    messages: { chat: catalogs.en.chat },
    timeZone: "UTC",
    children: both,
  };
  const html = renderToStaticMarkup(createElement(NextIntlClientProvider, props));
  const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  expect(ids).toHaveLength(10);
  expect(new Set(ids).size).toBe(10);
  for (const [, target] of html.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target);
  expect(html.match(/href="#/g)).toHaveLength(12);
  expect(html).not.toContain("_blank");
  expect(html).toContain('aria-label="Footnote 1"');
  expect(html).toContain('aria-label="Back to reference 1"');
  expect(html).toContain('aria-label="Back to reference 1-2"');
  expect(html).toContain('aria-label="Back to reference 2"');
  expect(html).not.toContain("<h2");
});

test("a link to a fragment that is no footnote is text", () => {
  expect(render("[x](#elsewhere)")).not.toContain("<a");
});

test("an image of a host that is not allowed is a link that says so", () => {
  const html = render("![Cat](https://images.example.com/a.png) ![x](data:image/png;base64,AA)");
  expect(html).not.toContain("<img");
  expect(html).toContain("Image blocked: Cat (images.example.com)");
});

test("a diagram shows its source until it is drawn, in a box of one height while it streams and after", () => {
  const source = "```mermaid\ngraph TD\nA --> B";
  expect(render(source, true)).toContain("A --&gt; B");
  const height = (html: string) => /role="group"[^>]*/.exec(html)?.[0];
  expect(height(render(source, true))).toBe(height(render(`${source}\n\`\`\``)));
});
