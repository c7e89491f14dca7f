import { findOutage, type Outage } from "#lib/gateways/openai/health/target-health.ts";
import { findModel, type Model, targetsOf } from "#lib/usage/price-list.ts";

/** Whether a model answers, as far as this process knows. Read from memory. */
export type ModelStatus =
  | { status: "available" }
  /** The model cannot be used; its fallback answers. */
  | { status: "fallback"; answeredBy: Model; outage: Outage }
  | { status: "unavailable"; outage: Outage };

/** Returns the current status of a model of the catalog. */
export function statusOf(model: Model): ModelStatus {
  const [own, fallback] = targetsOf(model);
  const outage = own === undefined ? null : findOutage(own);
  if (outage === null) return { status: "available" };
  const answeredBy = fallback === undefined ? undefined : findModel(fallback.modelId);
  if (fallback === undefined || answeredBy === undefined || findOutage(fallback) !== null)
    return { status: "unavailable", outage };
  return { status: "fallback", answeredBy, outage };
}
