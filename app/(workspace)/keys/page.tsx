import { KeyRound } from "lucide-react";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireUser } from "#app/_http/session/session.ts";
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
  const keys = await listApiKeys(db(), workspaceId, now());
  return (
    <>
      <PageHeader
        title="API keys"
        description="Let your own programs use the models, on the same credit."
        actions={<CreateKey />}
      />
      {keys.length === 0 ? (
        <EmptyState
          icon={<KeyRound aria-hidden />}
          title="No keys yet"
          description="Create one, and any client that speaks OpenAI's language can use your credit."
        />
      ) : (
        <KeyTable keys={keys} />
      )}
      <CodeExample appUrl={new URL(env().APP_URL).origin} model={defaultModelId()} />
    </>
  );
}
