import type { Element, Nodes, Root } from "hast";

/**
 * A rehype plugin that lets the browser find the direction of every top-level block from its text, and keeps
 * code left to right. Descendants inherit the direction, so that the bullets of a list are on one side.
 */
export function rehypeDirection(): (tree: Root) => void {
  return (tree) => {
    for (const child of tree.children)
      if (isElement(child) && child.tagName !== "pre") setDirection(child, "auto");
    setCodeDirection(tree);
  };
}

function setCodeDirection(node: Nodes): void {
  const isCode = isElement(node) && (node.tagName === "code" || node.tagName === "kbd");
  if (isCode) setDirection(node, "ltr");
  else if ("children" in node) for (const child of node.children) setCodeDirection(child);
}

const isElement = (node: Nodes): node is Element => node.type === "element";

function setDirection(element: Element, direction: "auto" | "ltr"): void {
  element.properties.dir = direction;
}
