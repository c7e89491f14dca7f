import type { Metadata } from "next";
import { type PagePath, pages } from "#app/pages.ts";

/** The metadata of a page from the list of pages: its title, and whether search engines may index it. */
export function pageMetadata(path: PagePath): Metadata {
  const page = pages.find((entry) => entry.path === path);
  return {
    ...(page?.title !== undefined && { title: page.title }),
    ...(page?.isIndexed !== true && { robots: { index: false } }),
  };
}
