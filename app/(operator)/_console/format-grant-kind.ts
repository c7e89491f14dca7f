const kinds: Record<string, string> = {
  allowance: "Allowance",
  trial: "Trial",
  grace: "Grace",
  top_up: "Top-up",
  manual: "Given by hand",
  restored: "Restored",
};

/** The label of a grant's kind; unknown kinds are returned unchanged. */
export function formatGrantKind(kind: string): string {
  return kinds[kind] ?? kind;
}
