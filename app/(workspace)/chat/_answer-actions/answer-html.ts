import type { Element, ElementContent, Nodes, Root } from "hast";
import { toHtml } from "hast-util-to-html";
import rehypeSanitize from "rehype-sanitize";
import remarkCjkFriendly from "remark-cjk-friendly/parseOnly";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import remarkRehype from "remark-rehype";
import { unified } from "unified";
import { remarkLiteralHtml } from "#app/(workspace)/chat/_markdown/_syntax/remark-literal-html.ts";
import { normalizeMathDelimiters } from "#app/(workspace)/chat/_markdown/normalize-math-delimiters.ts";
import { widenNestedFences } from "#app/(workspace)/chat/_markdown/widen-nested-fences.ts";

const processor = unified()
  .use(remarkParse)
  .use(remarkCjkFriendly)
  .use(remarkGfm, { singleTilde: false })
  .use(remarkLiteralHtml)
  .use(remarkRehype)
  .use(rehypeSanitize);

/**
 * Converts an answer's Markdown to HTML for word processors and mail. Formulas stay in TeX. Images become
 * links, because a document would load them from a third party.
 */
export function answerHtml(markdown: string): string {
  const source = normalizeMathDelimiters(widenNestedFences(markdown));
  const tree: Root = processor.runSync(processor.parse(source));
  return toHtml(withoutImages(tree));
}

function withoutImages(tree: Root): Root {
  return {
    ...tree,
    children: tree.children.map((child) => (child.type === "doctype" ? child : replaced(child))),
  };
}

function replaced<Node extends ElementContent>(node: Node): ElementContent {
  if (!isElement(node)) return node;
  if (node.tagName === "img") return toLink(node);
  // The words that a word processor shows as a checked box would be lost with the form control.
  if (node.tagName === "input") return { type: "text", value: node.properties.checked ? "☑" : "☐" };
  return { ...node, children: node.children.map(replaced) };
}

const isElement = (node: Nodes): node is Element => node.type === "element";

function toLink({ properties: { src, alt } }: Element): Element {
  const url = typeof src === "string" ? src : "";
  const text = typeof alt === "string" && alt !== "" ? alt : url;
  return {
    type: "element",
    tagName: "a",
    properties: { href: url },
    children: [{ type: "text", value: text }],
  };
}
