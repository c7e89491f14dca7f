import { z } from "zod";
import { type PlanId, planList } from "#lib/billing/catalog/plans.ts";
import { operatorSetting } from "#lib/billing/operator/operator-setting.ts";

/** What happens with flagged input: nothing, an entry in the audit log, or a refusal as well. */
export const moderationModes = ["off", "flag", "block"] as const;
const modeSchema = z.enum(moderationModes);
export type ModerationMode = z.infer<typeof modeSchema>;

const settingsSchema = z.object({
  /** By plan; a plan that is not listed is off. */
  modes: z.record(z.string(), modeSchema),
  /** Whether input that could not be checked is answered, on plans that block. */
  onFailure: z.enum(["allow", "block"]),
});
export type ModerationSettings = z.infer<typeof settingsSchema>;

/** Moderation is off until an operator turns it on. */
export const moderationSetting = operatorSetting<ModerationSettings>({
  name: "moderation",
  schema: settingsSchema,
  initial: { modes: {}, onFailure: "allow" },
  format: ({ modes, onFailure }) => [
    ...planList.map(({ id }) => `${id}: ${modes[id] ?? "off"}`),
    `on failure: ${onFailure}`,
  ],
});

/** The mode of a plan and what happens on a failure. Read from memory. */
export function moderationOf(plan: PlanId): { mode: ModerationMode; onFailure: "allow" | "block" } {
  const { modes, onFailure } = moderationSetting.current();
  return { mode: modes[plan] ?? "off", onFailure };
}
