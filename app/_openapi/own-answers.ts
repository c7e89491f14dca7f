import { z } from "zod";

/** Answers of our own endpoints. Amounts are in micro-USD, times are ISO 8601 in UTC. */
export const usageReportSchema = z
  .object({
    from: z.iso.date(),
    to: z.iso.date(),
    group: z.enum(["day", "model", "key"]),
    data: z.array(
      z.object({
        group: z.string().meta({
          description: "The day, the model's id, or the key's id (zeros: the chat in the browser).",
        }),
        requests: z.int().nonnegative(),
        promptTokens: z.int().nonnegative(),
        completionTokens: z.int().nonnegative(),
        chargedMicros: z.int(),
      }),
    ),
  })
  .meta({ id: "UsageReport" });

export const subscriptionSchema = z
  .object({
    id: z.string(),
    status: z.string().meta({ description: "Stripe's status of the subscription." }),
    plan: z.string().nullable(),
    interval: z.string().nullable(),
    currentPeriodStart: z.iso.datetime().nullable(),
    currentPeriodEnd: z.iso.datetime().nullable(),
    cancelAt: z.iso.datetime().nullable(),
    cancelAtPeriodEnd: z.boolean(),
    trialEndsAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: "Subscription" });

export const checkoutSchema = z
  .object({ url: z.url().meta({ description: "Stripe's hosted page; open it in the browser." }) })
  .meta({ id: "CheckoutPage" });

export const receivedSchema = z
  .object({ received: z.literal(true), duplicate: z.boolean() })
  .meta({ id: "ReceivedEvent" });

/** The body of the webhook. It is checked by its signature; the payload is trusted for ids only. */
export const stripeEventSchema = z
  .looseObject({ id: z.string(), object: z.string(), type: z.string() })
  .meta({ id: "StripeEvent" });

export const healthSchema = z.object({ status: z.literal("ok") }).meta({ id: "Health" });

export const comparisonSchema = z
  .object({
    answers: z.array(
      z.object({
        generationId: z.uuid(),
        error: z
          .object({
            code: z.string(),
            message: z.string(),
            reason: z
              .object({
                key: z.string(),
                values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
              })
              .optional(),
          })
          .nullable()
          .meta({ description: "Why it has not started; null if it has." }),
      }),
    ),
  })
  .meta({ id: "Comparison" });

const part = z.string().meta({ description: "`ok`, or what is wrong." });
export const readinessSchema = z
  .object({ ready: z.boolean(), database: part, migrations: part, worker: part })
  .meta({ id: "Readiness" });

const listedChatSchema = z.object({
  id: z.uuid(),
  title: z.string(),
  model: z.string(),
  updatedAt: z.iso.datetime(),
  leafId: z.uuid().nullable(),
  projectId: z.uuid().nullable(),
  isPinned: z.boolean(),
  isArchived: z.boolean(),
  isUnread: z.boolean(),
  running: z.uuid().nullable().describe("The answer that is being written."),
});

/** An event of the feed of chats. */
export const feedEventSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("changes"),
    conversations: z.array(listedChatSchema),
    removed: z.array(z.uuid()).describe("Deleted chats."),
    projects: z
      .array(z.object({ id: z.uuid(), name: z.string() }))
      .nullable()
      .describe("All projects, if one of them has changed."),
    availableMicros: z.int().nullable(),
  }),
  z.object({ type: z.literal("reload") }).describe("Too much has changed: read the list again."),
  z.object({ type: z.literal("alive") }),
  z.object({ type: z.literal("ended") }).describe("The session has ended."),
]);
