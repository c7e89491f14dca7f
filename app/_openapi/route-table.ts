import type { RouteTable } from "#app/_http/server/route-matcher.ts";
import { operations } from "#app/_openapi/operations.ts";
import * as diagramFile from "#app/api/diagram/[version]/[file]/route.ts";
import * as diagramChunk from "#app/api/diagram/[version]/chunks/mermaid.esm.min/[file]/route.ts";
import * as diagramFrame from "#app/api/diagram/[version]/frame/route.ts";
import * as openApi from "#app/api/openapi.json/route.ts";

/** What the frame that renders diagrams loads; it is no part of the API. */
export const diagramRoutes: RouteTable = {
  "/api/diagram/[version]/frame": { GET: { handler: diagramFrame.GET } },
  "/api/diagram/[version]/[file]": { GET: { handler: diagramFile.GET } },
  "/api/diagram/[version]/chunks/mermaid.esm.min/[file]": { GET: { handler: diagramChunk.GET } },
};

/** The routes that the server answers itself: those of the document, the document, and those of diagrams. */
export const routeTable: RouteTable = {
  ...operations,
  ...diagramRoutes,
  "/api/openapi.json": { GET: { handler: openApi.GET } },
};
