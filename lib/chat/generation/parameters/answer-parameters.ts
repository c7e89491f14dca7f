/*
 * How a user wants answers to be made, per conversation. A file without schemas, so that the browser loads
 * none for it; the schema is in stream-events.ts.
 */

/** The limits of an answer that can be chosen, in tokens. */
export const answerLimits = [500, 1_000, 2_000, 4_000, 8_000] as const;
type AnswerLimit = (typeof answerLimits)[number];

/** How much a model reasons before it answers. */
export const reasoningEfforts = ["low", "medium", "high"] as const;
export type ReasoningEffort = (typeof reasoningEfforts)[number];

export const maxTemperature = 2;
export const temperatureStep = 0.1;

/** Null leaves a parameter to the model. */
export type AnswerParameters = {
  /** 0 to 2 in steps of 0.1. */
  temperature: number | null;
  /** The longest answer, in tokens. */
  maxTokens: AnswerLimit | null;
  effort: ReasoningEffort | null;
};

/** Every parameter is left to the model. */
export const defaultParameters: AnswerParameters = { temperature: null, maxTokens: null, effort: null };

/** Whether every parameter is left to the model. */
export function areDefault({ temperature, maxTokens, effort }: AnswerParameters): boolean {
  return temperature === null && maxTokens === null && effort === null;
}

/** What of the parameters a model accepts, besides a limit, which every answer has. */
export type ParameterSupport = { temperature: boolean; reasoningEffort: boolean };

/** Returns the fields of a request that state the parameters, as far as the model accepts them. */
export function toRequestFields(
  { temperature, effort }: AnswerParameters,
  accepts: ParameterSupport,
): { temperature?: number; reasoning_effort?: ReasoningEffort } {
  return {
    ...(temperature !== null && accepts.temperature && { temperature }),
    ...(effort !== null && accepts.reasoningEffort && { reasoning_effort: effort }),
  };
}
