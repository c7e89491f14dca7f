import type { Html, Node, Paragraph, Parent, Root, RootContent, Text } from "mdast";
import { defaultSchema } from "rehype-sanitize";

/** The tags that the sanitizer lets through. */
const allowedTags = new Set(defaultSchema.tagNames);

/**
 * A remark plugin that turns HTML into text where it contains anything but allowed tags, so that
 * `Promise<void>` and `<your-api-key>` outside code are shown as written instead of vanishing.
 */
export function remarkLiteralHtml(): (tree: Root) => void {
  return (tree) => replaceHtml(tree);
}

function replaceHtml(parent: Parent): void {
  parent.children = parent.children.map((child) => {
    if (isHtml(child) && !isAllowed(child.value)) return isBlock(parent) ? toParagraph(child) : toText(child);
    if (isParent(child)) replaceHtml(child);
    return child;
  });
}

const isHtml = (node: Node): node is Html => node.type === "html";
const isParent = (node: Node): node is Parent => "children" in node;
/** HTML in these nodes is a block of its own; elsewhere it is one tag within a line. */
const isBlock = ({ type }: Parent) =>
  type === "root" || type === "blockquote" || type === "listItem" || type === "footnoteDefinition";

function isAllowed(html: string): boolean {
  const tags = [...html.matchAll(/<\/?([a-z][^\s/>]*)/gi)].map(([, name = ""]) => name.toLowerCase());
  return tags.length > 0 && tags.every((tag) => allowedTags.has(tag));
}

function toText({ value }: Html): Text {
  return { type: "text", value };
}

/** Keeps the lines of a block. */
function toParagraph({ value }: Html): RootContent {
  const paragraph: Paragraph = { type: "paragraph", children: [] };
  for (const [index, line] of value.split("\n").entries()) {
    if (index > 0) paragraph.children.push({ type: "break" });
    paragraph.children.push({ type: "text", value: line });
  }
  return paragraph;
}
