/** A parsed form value: a string, or named or numbered children. */
export type Node = string | { [key: string]: Node };

/**
 * Parses `a[b][0][c]=x` into nested nodes, as Stripe parses form bodies and query strings. `a[]=x&a[]=y` is
 * numbered from 0. If a name is used as a value and as a parent, the later use wins.
 */
export function parseForm(body: string): { [key: string]: Node } {
  // No prototype, so that `__proto__` and `constructor` are ordinary parameter names.
  const root: { [key: string]: Node } = Object.create(null);
  for (const [name, value] of new URLSearchParams(body)) {
    placeValue(root, splitName(name), value);
  }
  return root;
}

/**
 * Parses a JSON body (v2 API) into the same nodes as a form. Anything but a JSON object yields no nodes, so
 * required parameters are then reported as missing.
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
