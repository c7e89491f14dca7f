import { route } from "#app/_http/route.ts";
import { sessionCookieName } from "#app/_http/session/session-cookie.ts";
import { openApiDocument } from "#app/_openapi/document.ts";
import { operations } from "#app/_openapi/operations.ts";
import { env } from "#lib/core/env.ts";

/** The OpenAPI document, generated from the schemas that the routes parse with. */
export const GET = route({ auth: "none" }, () =>
  openApiDocument(
    { name: env().APP_NAME, server: env().APP_URL, sessionCookie: sessionCookieName() },
    operations,
  ),
);
