import { KeyRound } from "lucide-react";
import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireUser } from "#app/_http/session/session.ts";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { EmptyState } from "#app/_ui/empty-state.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { CodeExample } from "#app/(workspace)/keys/code-example.tsx";
import { CreateKey } from "#app/(workspace)/keys/create-key.tsx";
import { KeyTable } from "#app/(workspace)/keys/key-table.tsx";
import { db } from "#db/client.ts";
import { listApiKeys } from "#lib/accounts/api-keys.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import { defaultModelId } from "#lib/usage/price-list.ts";

export const generateMetadata = pageMetadata("/keys");

export default async function KeysPage() {
  const { workspaceId } = await requireUser("/keys");
  const [keys, t] = await Promise.all([listApiKeys(db(), workspaceId, now()), getTranslations("keys")]);
  return (
    <ClientMessages of={["keys"]}>
      <PageHeader title={t("title")} description={t("lead")} actions={<CreateKey />} />
      {keys.length === 0 ? (
        <EmptyState
          icon={<KeyRound aria-hidden />}
          title={t("empty.title")}
          description={t("empty.description")}
        />
      ) : (
        <KeyTable keys={keys} />
      )}
      <CodeExample appUrl={new URL(env().APP_URL).origin} model={defaultModelId()} />
    </ClientMessages>
  );
}
