import { route } from "#app/_http/route.ts";
import { openApiDocument } from "#app/_openapi/document.ts";
import { operations } from "#app/_openapi/operations.ts";
import { env } from "#lib/core/env.ts";

/** The OpenAPI document, generated from the schemas that the routes parse with. */
export const GET = route({ auth: "none" }, () => openApiDocument(env().APP_NAME, env().APP_URL, operations));
