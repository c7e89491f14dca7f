import type compile from "icu-minify/compile";

type CompiledMessage = ReturnType<typeof compile>;

const plain = "aceinosuyzACEINOSUYZ";
const accented = "áçéíñöšüýžÁÇÉÍÑÖŠÜÝŽ";

/**
 * Makes a message longer by half and accents its letters. Screens shown with such texts reveal layouts that
 * do not fit other languages, and texts that are in no message file.
 */
export function toPseudoMessage(message: CompiledMessage): CompiledMessage {
  // The shape of a message is kept; only its texts change.
  return (typeof message === "string" ? toPseudoText(message) : message.map(toPseudoNode)) as CompiledMessage;
}

/** A node is a text, an argument, a tag with its content, or a plural or select with its branches. */
function toPseudoNode(node: unknown): unknown {
  if (typeof node === "string") return toPseudoText(node);
  if (!Array.isArray(node)) return node;
  const [name, type, ...rest]: unknown[] = node;
  if (type === undefined) return node;
  if (typeof type !== "number" || type === 0) return [name, ...[type, ...rest].map(toPseudoNode)];
  const [branches] = rest;
  if (typeof branches !== "object" || branches === null || type > 3) return node;
  return [name, type, mapValues(branches, toPseudoBranch)];
}

function toPseudoBranch(branch: unknown): unknown {
  return Array.isArray(branch) ? branch.map(toPseudoNode) : toPseudoNode(branch);
}

function mapValues(source: object, map: (value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(source).map(([key, value]) => [key, map(value)]));
}

function toPseudoText(text: string): string {
  const letters = [...text].map((letter) => accented.charAt(plain.indexOf(letter)) || letter).join("");
  const words = text.trim() === "" ? 0 : Math.ceil(text.trim().length / 2);
  // Padding in words of up to eight letters, so that lines can break as in other languages.
  return letters + [..."~".repeat(words)].map((mark, index) => (index % 9 === 0 ? " " : mark)).join("");
}
