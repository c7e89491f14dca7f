import { z } from "zod";

/** Why an answer is bad; the same list as the column's in db/schema/chat.ts. */
export const ratingReasonSchema = z.enum([
  "incorrect",
  "incomplete",
  "ignored",
  "length",
  "refused",
  "other",
]);
export type RatingReason = z.infer<typeof ratingReasonSchema>;

/** A user's rating of an answer. Only a bad one has a reason. */
export const ratingSchema = z
  .object({ value: z.enum(["up", "down"]), reason: ratingReasonSchema.nullable() })
  .refine((rating) => rating.value === "down" || rating.reason === null, { path: ["reason"] });
export type Rating = z.infer<typeof ratingSchema>;
