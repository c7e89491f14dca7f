/** Where an imported conversation comes from. */
export type ImportSource = "parley" | "chatgpt" | "claude" | "librechat" | "openwebui";

/** A message of another product. Its ids are unique within its conversation. */
export type ImportedMessage = {
  externalId: string;
  /** Null at the root, or where the parent is not in the file. */
  parentId: string | null;
  role: "user" | "assistant";
  text: string;
  /** The model's thinking. */
  reasoning: string;
  model: string | null;
  /** Null where the file has no time. */
  createdAt: Date | null;
};

/** A conversation of any source in one shape. */
export type ImportedConversation = {
  source: ImportSource;
  externalId: string;
  title: string;
  model: string | null;
  createdAt: Date | null;
  updatedAt: Date | null;
  messages: ImportedMessage[];
  /** The last message of the branch that is shown; null where the file does not say. */
  leafId: string | null;
};

/** A node of a tree in which some nodes have no message to show: system prompts, tool calls, empty roots. */
type Node = { id: string; parentId: string | null; message: Omit<ImportedMessage, "parentId"> | null };

/** Leaves out nodes without a message; their children move up to the nearest ancestor that has one. */
export function withoutEmptyNodes(nodes: Node[]): ImportedMessage[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return nodes.flatMap(({ message, parentId }) =>
    message === null ? [] : [{ ...message, parentId: shownAncestor(byId, parentId) }],
  );
}

/** The id of a node, or of its nearest ancestor that has a message; null without one. */
export function shownAncestor(byId: Map<string, Node>, id: string | null): string | null {
  const seen = new Set<string>();
  for (let next = id; next !== null && !seen.has(next); ) {
    seen.add(next);
    const node = byId.get(next);
    if (node === undefined) return null;
    if (node.message !== null) return node.message.externalId;
    next = node.parentId;
  }
  return null;
}

/** A time in seconds since 1970, as some exports write it; null for anything else. */
export function fromSeconds(value: unknown): Date | null {
  return typeof value === "number" ? validDate(new Date(value * 1_000)) : null;
}

/** A time in ISO 8601; null for anything else. */
export function fromIso(value: unknown): Date | null {
  return typeof value === "string" ? validDate(new Date(value)) : null;
}

function validDate(date: Date): Date | null {
  const year = date.getUTCFullYear();
  return year >= 1990 && year <= 2200 ? date : null;
}
