import { parseSync } from "oxc-parser";
import type { SourceFiles } from "#tests/architecture/source-files.ts";

/** Attributes that always contain text for users. */
const textAttributes =
  /^(title|lead|label|legend|hint|description|submit|placeholder|alt|aria-(label|description|roledescription|valuetext))$/;
/** Technical attributes that may look like text. */
const technicalAttributes = /^(className|style|d|sizes|media|content)$/;
/** Message files, HTTP, the description of the API, which is in English, and pages for developers. */
const noScreen = /^app\/(_messages|_http|_openapi|api|\(public\)\/dev)\/|\.test\.tsx?$/;

/**
 * Texts of the app that are in no message file: text and strings between tags, in attributes and in toasts,
 * and sentences in any other string. Symbols and numbers ("·", "$") are no texts.
 */
export function findLiteralTexts(files: SourceFiles): string[] {
  return [...files]
    .filter(([path]) => /^app\/.*\.tsx?$/.test(path) && !noScreen.test(path))
    .flatMap(([path, source]) => [...literalTextsOf(path, source)].map((text) => `${path}: ${text}`));
}

type Node = { type: string; [field: string]: unknown };

function literalTextsOf(path: string, source: string): Set<string> {
  const texts = new Set<string>();
  const add = (text: string) => {
    if (/\p{L}{2}/u.test(text)) texts.add(text.trim().replace(/\s+/g, " "));
  };
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const child of node) visit(child);
    if (!isNode(node) || isUnseen(node)) return;
    for (const text of ownTexts(node)) add(text);
    for (const child of Object.values(node)) visit(child);
  };
  visit(parseSync(path, source).program);
  return texts;
}

/** Errors and log lines, which developers see, types and imports. */
function isUnseen(node: Node): boolean {
  if (node.type === "NewExpression") return nameOf(node.callee).endsWith("Error");
  if (node.type === "CallExpression") return isNode(node.callee) && nameOf(node.callee.object) === "log";
  if (node.type === "JSXAttribute") return technicalAttributes.test(nameOf(node.name));
  return /^(TS|Import)/.test(node.type) && !/^TS(AsExpression|SatisfiesExpression|NonNull)/.test(node.type);
}

function ownTexts(node: Node): string[] {
  switch (node.type) {
    case "JSXText":
      return [String(node.value)];
    case "JSXElement":
    case "JSXFragment":
      return listOf(node.children).flatMap((child) =>
        child.type === "JSXExpressionContainer" ? stringsOf(child.expression) : [],
      );
    case "JSXAttribute":
      return textAttributes.test(nameOf(node.name)) ? stringsOf(contentOf(node.value)) : [];
    case "CallExpression":
      return nameOf(node.callee) === "toast"
        ? listOf(node.arguments).flatMap((argument) => stringsOf(argument))
        : [];
    default:
      return stringsOf(node, false).filter(isSentence);
  }
}

/** Words that begin with a capital letter; class names, paths and keys do not. */
function isSentence(text: string): boolean {
  return /^\s*\p{Lu}\S*\p{Ll}\S* .*\p{Ll}{2}/u.test(text);
}

/** The strings that an expression can evaluate to: literals, templates, and the sides of conditions. */
function stringsOf(node: unknown, deep = true): string[] {
  if (!isNode(node)) return [];
  if (node.type === "Literal") return typeof node.value === "string" ? [node.value] : [];
  if (node.type === "TemplateLiteral")
    return listOf(node.quasis).map((quasi) => String((quasi.value as { raw: string }).raw));
  if (!deep) return [];
  if (node.type === "ConditionalExpression")
    return [...stringsOf(node.consequent), ...stringsOf(node.alternate)];
  if (node.type === "LogicalExpression") return [...stringsOf(node.left), ...stringsOf(node.right)];
  if (node.type === "ParenthesizedExpression") return stringsOf(node.expression);
  return [];
}

function contentOf(value: unknown): unknown {
  return isNode(value) && value.type === "JSXExpressionContainer" ? value.expression : value;
}

function listOf(nodes: unknown): Node[] {
  return Array.isArray(nodes) ? nodes.filter(isNode) : [];
}

function nameOf(name: unknown): string {
  if (!isNode(name)) return "";
  if (name.type === "JSXNamespacedName") return "";
  return typeof name.name === "string" ? name.name : "";
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}
