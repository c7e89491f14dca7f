import { useTranslations } from "next-intl";
import { Badge } from "#app/_ui/badge.tsx";
import type { StripeEventRow } from "#lib/billing/operator/stripe-event-list.ts";

const states = {
  received: { label: "waiting", variant: "warning" },
  done: { label: "done", variant: "success" },
  failed: { label: "failed", variant: "danger" },
} as const;

/** The processing state of a webhook event. */
export function EventStateBadge({ state }: { state: StripeEventRow["state"] }) {
  const t = useTranslations("operator.events");
  const { label, variant } = states[state];
  return <Badge variant={variant}>{t(label)}</Badge>;
}
