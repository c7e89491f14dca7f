import type { MetadataRoute } from "next";
import { pages, workspaceRoots } from "#app/pages.ts";

/** Pages that must not be indexed but may be crawled (the sign-in pages) say so in their metadata instead. */
export default function robots(): MetadataRoute.Robots {
  return {
    rules: {
      userAgent: "*",
      allow: pages.filter(({ isIndexed }) => isIndexed).map(({ path }) => path),
      disallow: ["/api/", ...workspaceRoots],
    },
  };
}
