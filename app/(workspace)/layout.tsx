import type { ReactNode } from "react";
import { requireUser } from "#app/_http/session.ts";
import { ConversationsProvider } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { PayProblem } from "#app/(workspace)/_shell/pay-problem.tsx";
import { PaymentNotice } from "#app/(workspace)/_shell/payment-notice.tsx";
import { readCredit } from "#app/(workspace)/_shell/read-credit.ts";
import { Shell } from "#app/(workspace)/_shell/shell.tsx";
import { VerifyNotice } from "#app/(workspace)/settings/verify-notice.tsx";
import { db } from "#db/client.ts";
import { plans } from "#lib/billing/catalog/plans.ts";
import type { Entitlements } from "#lib/billing/entitlements/entitlements.ts";
import { listConversations } from "#lib/chat/conversations.ts";
import { listRunning } from "#lib/chat/list-running.ts";
import { env } from "#lib/core/env.ts";

export default async function WorkspaceLayout({ children }: { children: ReactNode }) {
  const identity = await requireUser("/chat");
  const { workspaceId, userId, name, email, emailVerifiedAt, role } = identity;
  const [lines, running, credit] = await Promise.all([
    listConversations(db(), workspaceId, userId),
    listRunning(db(), workspaceId, userId),
    readCredit(identity),
  ]);
  return (
    <ConversationsProvider
      lines={lines.map((line) => ({ ...line, updatedAt: line.updatedAt.toISOString() }))}
      running={running}
      availableMicros={credit.month.availableMicros}
    >
      <Shell
        appName={env().APP_NAME}
        person={{ name, email, operator: role === "operator" }}
        planName={planNameOf(credit.entitlements)}
        notice={
          credit.problem !== null ? (
            <PaymentNotice problem={credit.problem}>
              {identity.memberRole !== "member" && (
                <PayProblem problem={credit.problem} identity={identity} />
              )}
            </PaymentNotice>
          ) : (
            emailVerifiedAt === null && <VerifyNotice email={email} mailboxUrl={env().SANDBOX_MAIL_URL} />
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
