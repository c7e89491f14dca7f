const kinds: Record<string, string> = {
  allowance: "Allowance",
  trial: "Trial",
  grace: "Grace",
  top_up: "Top-up",
  manual: "Given by hand",
  restored: "Restored",
};

/** A grant's kind in words. */
export function sayGrant(kind: string): string {
  return kinds[kind] ?? kind;
}
