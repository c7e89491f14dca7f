import type { AttachmentInfo } from "#lib/chat/files/attachment-info.ts";
import { hasImages, type PromptFiles, toModelContent } from "#lib/chat/files/prompt-files.ts";
import { accepts } from "#lib/gateways/openai/request-body.ts";
import type { Target } from "#lib/gateways/openai/try-targets.ts";
import { type Model, targetsOf } from "#lib/usage/price-list.ts";

/**
 * A message in the form that the model receives; `reasoning` only if the model needs its thinking back. The
 * content of `attachments` is read when the model is called.
 */
export type PromptMessage = {
  role: "user" | "assistant";
  content: string;
  reasoning?: string;
  attachments?: AttachmentInfo[];
};

/** Leaves out fallbacks that cannot see the images of the message to answer. */
export function targetsFor(model: Model, prompt: readonly PromptMessage[]): Target[] {
  const needs = { vision: hasImages(prompt.findLast(({ role }) => role === "user")), tools: false };
  return targetsOf(model).filter((target) => accepts(target.accepts, needs));
}

/** Adds files, and the model's thinking under the name that it needs, if it needs it. */
export function toModelMessage(
  message: PromptMessage,
  files: PromptFiles,
  target: Target,
): Record<string, unknown> {
  const { role, reasoning } = message;
  const content = toModelContent(message, files, target.accepts.vision);
  const field = target.accepts.returnReasoningAs;
  return field === null || reasoning === undefined
    ? { role, content }
    : { role, content, [field]: reasoning };
}
