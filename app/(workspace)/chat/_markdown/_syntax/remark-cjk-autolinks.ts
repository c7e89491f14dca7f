import type { Link, Node, Parent, PhrasingContent, Root, RootContent } from "mdast";

/** Full-width punctuation, which ends a sentence or a clause and is never part of a written address. */
const fullWidthPunctuation =
  /[\u3001\u3002\u3008-\u3011\u3014-\u301f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]/;

/**
 * A remark plugin that ends a bare web address before full-width punctuation: Chinese and Japanese write no
 * space after it, so the address would include the next sentence.
 */
export function remarkCjkAutolinks(): (tree: Root) => void {
  return (tree) => splitLinks(tree);
}

function splitLinks(parent: Parent): void {
  parent.children = parent.children.flatMap((child): RootContent[] => {
    if (isBareLink(child)) return splitLink(child);
    if ("children" in child) splitLinks(child);
    return [child];
  });
}

/** A link whose text is its address, or the address without its scheme ("www.example.com"). */
function isBareLink(node: Node): node is Link {
  if (node.type !== "link") return false;
  // A node of this type has the fields of a link.
  const { url, children } = node as Link;
  const [text] = children;
  return children.length === 1 && text?.type === "text" && url.endsWith(text.value);
}

function splitLink(link: Link): PhrasingContent[] {
  const [label] = link.children;
  const text = label?.type === "text" ? label.value : "";
  const length = text.search(fullWidthPunctuation);
  if (length <= 0) return [link];
  const url = link.url.slice(0, link.url.length - text.length + length);
  return [
    { ...link, url, children: [{ type: "text", value: text.slice(0, length) }] },
    { type: "text", value: text.slice(length) },
  ];
}
