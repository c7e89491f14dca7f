import type { RouteTable } from "#app/_http/server/route-matcher.ts";
import { operations } from "#app/_openapi/operations.ts";
import * as openApi from "#app/api/openapi.json/route.ts";

/** The routes that the server answers itself: those of the document, and the document. */
export const routeTable: RouteTable = {
  ...operations,
  "/api/openapi.json": { GET: { handler: openApi.GET } },
};
