import { Badge } from "#app/_ui/badge.tsx";
import type { EventLine } from "#lib/billing/operator-events.ts";

const states = {
  received: { label: "Waiting", variant: "warning" },
  done: { label: "Done", variant: "success" },
  failed: { label: "Failed", variant: "danger" },
} as const;

/** What became of an event. */
export function EventState({ state }: { state: EventLine["state"] }) {
  const { label, variant } = states[state];
  return <Badge variant={variant}>{label}</Badge>;
}
