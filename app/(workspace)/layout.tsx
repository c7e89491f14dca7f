import type { ReactNode } from "react";
import { requireUser } from "#app/_http/session.ts";
import { ConversationsProvider } from "#app/(workspace)/_shell/conversations-provider.tsx";
import { Shell } from "#app/(workspace)/_shell/shell.tsx";
import { VerifyNotice } from "#app/(workspace)/settings/verify-notice.tsx";
import { db } from "#db/client.ts";
import { entitlementsOf, freeAllowance } from "#lib/billing/entitlements.ts";
import { plans } from "#lib/billing/plans.ts";
import { readSubscription } from "#lib/billing/read.ts";
import { listConversations } from "#lib/chat/conversations.ts";
import { now } from "#lib/ground/clock.ts";
import { env } from "#lib/ground/env.ts";
import { readBalance } from "#lib/usage/balance.ts";

export default async function WorkspaceLayout({ children }: { children: ReactNode }) {
  const { workspaceId, userId, name, email, emailVerifiedAt, workspaceCreatedAt, role } =
    await requireUser("/chat");
  const at = now();
  const [lines, balance, subscription] = await Promise.all([
    listConversations(db(), workspaceId, userId),
    readBalance(db(), workspaceId, at),
    readSubscription(db(), workspaceId),
  ]);
  const { plan } = entitlementsOf(subscription, at);
  const due = freeAllowance(workspaceCreatedAt, at);
  const given = plan !== "free" || balance.grants.some((grant) => grant.sourceKey === due.sourceKey);
  return (
    <ConversationsProvider
      lines={lines.map((line) => ({ ...line, updatedAt: line.updatedAt.toISOString() }))}
      // The month's free credit is given with its first use (M9); until then it is shown as what it will be.
      availableMicros={balance.availableMicros + (given ? 0 : due.amountMicros)}
    >
      <Shell
        appName={env().APP_NAME}
        person={{ name, email, operator: role === "operator" }}
        planName={plans[plan].name}
        notice={
          emailVerifiedAt === null && <VerifyNotice email={email} mailboxUrl={env().SANDBOX_MAIL_URL} />
        }
      >
        {children}
      </Shell>
    </ConversationsProvider>
  );
}
