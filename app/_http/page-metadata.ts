import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { type PagePath, pages } from "#app/pages.ts";

/**
 * Creates the `generateMetadata` of a page from the list of pages: its title, and whether search engines may
 * index it.
 * @param further metadata that only this page has
 */
export function pageMetadata(path: PagePath, further: Metadata = {}): () => Promise<Metadata> {
  const page = pages.find((entry) => entry.path === path);
  return async () => {
    const t = await getTranslations("pages");
    return {
      ...(page?.title !== undefined && { title: t(page.title) }),
      ...(page?.isIndexed !== true && { robots: { index: false } }),
      ...further,
    };
  };
}
