/** What a form body means once its brackets are read: a leaf, or named (or numbered) children. */
export type Node = string | { [key: string]: Node };

/**
 * Reads `a[b][0][c]=x` into nested nodes, the way Stripe reads its form bodies and query strings.
 * `a[]=x&a[]=y` counts up from 0. A name used both as a leaf and as a parent keeps the later meaning.
 */
export function parseForm(body: string): { [key: string]: Node } {
  // Without a prototype, so that a parameter called `__proto__` or `constructor` is only a name.
  const root: { [key: string]: Node } = Object.create(null);
  for (const [name, value] of new URLSearchParams(body)) {
    placeValue(root, splitName(name), value);
  }
  return root;
}

/**
 * Reads a JSON body (as the second version of the API takes them) into the nodes that a form gives. What is no JSON
 * object gives none, and the parameters that are missing then say so.
 */
export function parseJson(body: string): { [key: string]: Node } {
  try {
    const node = nodeOf(JSON.parse(body));
    return typeof node === "string" ? {} : node;
  } catch {
    return {};
  }
}

function nodeOf(value: unknown): Node {
  if (typeof value !== "object" || value === null) return value === null ? "" : String(value);
  const node: { [key: string]: Node } = Object.create(null);
  for (const [key, child] of Object.entries(value)) node[key] = nodeOf(child);
  return node;
}

function splitName(name: string): string[] {
  const open = name.indexOf("[");
  if (open < 0) return [name];
  const inner = [...name.slice(open).matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? "");
  return [name.slice(0, open), ...inner];
}

function placeValue(root: { [key: string]: Node }, path: string[], value: string): void {
  let level = root;
  path.forEach((part, depth) => {
    const key = part === "" ? String(Object.keys(level).length) : part;
    if (depth === path.length - 1) {
      level[key] = value;
      return;
    }
    const below = level[key];
    const next: { [key: string]: Node } =
      below === undefined || typeof below === "string" ? Object.create(null) : below;
    level[key] = next;
    level = next;
  });
}
