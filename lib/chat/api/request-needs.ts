import type { CompletionRequest } from "#lib/chat/api/request-schema.ts";
import { AppError } from "#lib/core/errors.ts";
import type { Needs } from "#lib/gateways/openai/request-body.ts";
import type { Model } from "#lib/usage/price-list.ts";

/** Returns the number of images in a request. */
export function countImages({ messages }: Pick<CompletionRequest, "messages">): number {
  let images = 0;
  for (const { content } of messages) {
    if (!Array.isArray(content)) continue;
    for (const part of content) if (part.type === "image_url") images += 1;
  }
  return images;
}

/**
 * Returns what the model has to accept besides text.
 * @throws AppError bad_request if it does not
 */
export function requireNeeds(model: Model, request: CompletionRequest): Needs {
  const needs = { vision: countImages(request) > 0, tools: (request.tools?.length ?? 0) > 0 };
  const refused = needs.vision && !model.accepts.vision ? "images" : "tools";
  if ((needs.vision && !model.accepts.vision) || (needs.tools && !model.accepts.tools))
    throw new AppError("bad_request", { message: `The model "${model.id}" does not accept ${refused}.` });
  return needs;
}
