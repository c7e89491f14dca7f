import type { ReactNode } from "react";
import { requireUser } from "#app/_http/session.ts";
import { ConversationsProvider } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { PayOpenInvoice } from "#app/(workspace)/_shell/pay-open-invoice.tsx";
import { PaymentNotice } from "#app/(workspace)/_shell/payment-notice.tsx";
import { readCredit } from "#app/(workspace)/_shell/read-credit.ts";
import { Shell } from "#app/(workspace)/_shell/shell.tsx";
import { VerifyEmailNotice } from "#app/(workspace)/settings/verify-email-notice.tsx";
import { db } from "#db/client.ts";
import { plans } from "#lib/billing/catalog/plans.ts";
import type { Entitlements } from "#lib/billing/entitlements/entitlements.ts";
import { listConversations } from "#lib/chat/conversations/conversations.ts";
import { listRunningGenerations } from "#lib/chat/generation/list-running-generations.ts";
import { env } from "#lib/core/env.ts";

export default async function WorkspaceLayout({ children }: { children: ReactNode }) {
  const identity = await requireUser("/chat");
  const { workspaceId, userId, name, email, emailVerifiedAt, role } = identity;
  const [conversations, running, credit] = await Promise.all([
    listConversations(db(), workspaceId, userId),
    listRunningGenerations(db(), workspaceId, userId),
    readCredit(identity),
  ]);
  return (
    <ConversationsProvider
      conversations={conversations.map(({ updatedAt, ...rest }) => ({
        ...rest,
        updatedAt: updatedAt.toISOString(),
      }))}
      running={running}
      availableMicros={credit.month.availableMicros}
    >
      <Shell
        appName={env().APP_NAME}
        user={{ name, email, operator: role === "operator" }}
        planName={planNameOf(credit.entitlements)}
        notice={
          credit.problem !== null ? (
            <PaymentNotice problem={credit.problem}>
              {identity.memberRole !== "member" && (
                <PayOpenInvoice problem={credit.problem} identity={identity} />
              )}
            </PaymentNotice>
          ) : (
            emailVerifiedAt === null && (
              <VerifyEmailNotice email={email} mailboxUrl={env().SANDBOX_MAIL_URL} />
            )
          )
        }
      >
        {children}
      </Shell>
    </ConversationsProvider>
  );
}

function planNameOf({ plan, source }: Entitlements): string {
  return source === "trial" ? `${plans[plan].name} trial` : plans[plan].name;
}
