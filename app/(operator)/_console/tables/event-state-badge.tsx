import { Badge } from "#app/_ui/badge.tsx";
import type { StripeEventRow } from "#lib/billing/operator/stripe-event-list.ts";

const states = {
  received: { label: "Waiting", variant: "warning" },
  done: { label: "Done", variant: "success" },
  failed: { label: "Failed", variant: "danger" },
} as const;

/** The processing state of a webhook event. */
export function EventStateBadge({ state }: { state: StripeEventRow["state"] }) {
  const { label, variant } = states[state];
  return <Badge variant={variant}>{label}</Badge>;
}
