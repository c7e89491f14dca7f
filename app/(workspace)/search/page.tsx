import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireUser } from "#app/_http/session/session.ts";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { SearchScreen } from "#app/(workspace)/search/search-screen.tsx";
import { priceList } from "#lib/usage/price-list.ts";

export const generateMetadata = pageMetadata("/search");

/** The URL keeps query and filters; the browser asks for the results. */
export default async function SearchPage() {
  await requireUser("/search");
  const t = await getTranslations("search");
  const models = priceList()
    .filter(({ kind }) => kind === "chat")
    .map(({ id, label }) => ({ id, label }));
  return (
    <ClientMessages of={["search"]}>
      <h1 className="sr-only">{t("title")}</h1>
      <SearchScreen models={models} />
    </ClientMessages>
  );
}
