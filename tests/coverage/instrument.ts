import { parseSync } from "oxc-parser";

export type Instrumented = {
  /** The source with a counter in front of each statement; every line keeps its number. */
  code: string;
  /** The line of each counter's statement. */
  lines: number[];
};

type Node = { type: string; start: number; end: number } & Record<string, unknown>;

/** The global object's property with the counters of each file: 1 if the statement ran. */
export const countersName = "__parleyCoverage";

/** Declarations that do nothing at run time, or that are hoisted. */
const isDeclaration =
  /^(Import|TS|Function|Class|ExportAll)\w*Declaration$|^EmptyStatement$|^TSExportAssignment$/;
const statementLists = ["Program", "BlockStatement", "StaticBlock"];
const singleStatements = ["consequent", "alternate", "body"];
const hasSingleStatements = /^(If|For|ForIn|ForOf|While|DoWhile)Statement$/;

/**
 * Adds a counter to each statement and to the expression of each arrow function.
 * @param path the file's path, under which its counters are found
 */
export function instrument(path: string, source: string): Instrumented {
  const { program } = parseSync(path, source);
  const lineStarts = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const lines: number[] = [];
  const insertions: { at: number; text: string }[] = [];

  const count = (node: Node, before: string, after: string): void => {
    const counter = `${counters}[${lines.length}]=1`;
    lines.push(lineStarts.findLastIndex((start) => start <= node.start) + 1);
    insertions.push({ at: node.start, text: before.replace("#", counter) });
    if (after !== "") insertions.push({ at: node.end, text: after });
  };

  const visit = (node: Node): void => {
    if (statementLists.includes(node.type) || node.type === "SwitchCase") {
      for (const statement of nodesOf(node.type === "SwitchCase" ? node.consequent : node.body))
        if (isCounted(statement)) count(statement, "#;", "");
    }
    if (hasSingleStatements.test(node.type)) {
      for (const statement of singleStatements.flatMap((name) => nodesOf(node[name])))
        if (statement.type !== "BlockStatement") count(statement, "{#;", "}");
    }
    if (node.type === "ArrowFunctionExpression")
      for (const body of nodesOf(node.body)) if (body.type !== "BlockStatement") count(body, "(#,", ")");
    for (const value of Object.values(node)) for (const child of nodesOf(value)) visit(child);
  };

  // The parser's node types are a union of interfaces, which have no index signature.
  visit(program as unknown as Node);
  const store = `((globalThis.${countersName}??={})[${JSON.stringify(path)}]??=new Uint8Array(${lines.length}))`;
  const code = insert(source, insertions);
  return { code: `const ${counters}=${store};${code}`, lines };
}

const counters = "__counters";

function nodesOf(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesOf);
  const isNode = typeof value === "object" && value !== null && "type" in value && "start" in value;
  return isNode ? [value as Node] : []; // Only nodes of the syntax tree have both.
}

function isCounted(statement: Node): boolean {
  if (isDeclaration.test(statement.type) || statement.type === "BlockStatement") return false;
  if (typeof statement.directive === "string" || statement.declare === true) return false;
  if (!/^Export/.test(statement.type)) return true;
  return nodesOf(statement.declaration).some((declared) => isCounted(declared));
}

/** Inserts texts; at one place, an end comes before a start, and an outer start before an inner one. */
function insert(source: string, insertions: { at: number; text: string }[]): string {
  const isEnd = ({ text }: { text: string }) => text === "}" || text === ")";
  const ordered = insertions
    .map((insertion, order) => ({ ...insertion, order }))
    .sort((a, b) => a.at - b.at || Number(isEnd(b)) - Number(isEnd(a)) || a.order - b.order);
  let code = "";
  let done = 0;
  for (const { at, text } of ordered) {
    code += source.slice(done, at) + text;
    done = at;
  }
  return code + source.slice(done);
}
