import { cookies } from "next/headers";
import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { loadCreditSummary, loadEntitlements, loadPaymentProblem } from "#app/_http/request-facts.ts";
import { requireUser } from "#app/_http/session/session.ts";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { ConversationsProvider } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { DeletionNotice } from "#app/(workspace)/_shell/deletion-notice.tsx";
import { OrganizeDialogs } from "#app/(workspace)/_shell/organize/organize-dialogs.tsx";
import { PayOpenInvoice } from "#app/(workspace)/_shell/pay-open-invoice.tsx";
import { PaymentNotice } from "#app/(workspace)/_shell/payment-notice.tsx";
import { ShareProvider } from "#app/(workspace)/_shell/sharing/share-provider.tsx";
import { Shell } from "#app/(workspace)/_shell/shell.tsx";
import {
  collapsedCookie,
  openProjectsCookie,
  parseOpenProjects,
} from "#app/(workspace)/_shell/sidebar-cookies.ts";
import { StepUpProvider } from "#app/(workspace)/_step-up/step-up-provider.tsx";
import { VerifyEmailNotice } from "#app/(workspace)/settings/verify-email-notice.tsx";
import { db } from "#db/client.ts";
import { plans } from "#lib/billing/catalog/plans.ts";
import type { Entitlements } from "#lib/billing/entitlements/entitlements.ts";
import { readConversationList } from "#lib/chat/conversations/conversation-list.ts";
import { env } from "#lib/core/env.ts";

export default async function WorkspaceLayout({ children }: { children: ReactNode }) {
  const identity = await requireUser("/chat");
  const { workspaceId, userId, name, email, emailVerifiedAt, role } = identity;
  const jar = await cookies();
  const openProjects = parseOpenProjects(jar.get(openProjectsCookie)?.value);
  const [list, entitlements, credit, problem, t] = await Promise.all([
    readConversationList(db(), workspaceId, userId, openProjects),
    loadEntitlements(identity),
    loadCreditSummary(identity),
    loadPaymentProblem(identity),
    getTranslations("shell"),
  ]);
  return (
    <ClientMessages of={["nav", "palette", "receipts", "sharing", "shell", "stepUp", "verifyEmail"]}>
      <ConversationsProvider
        userId={userId}
        list={list}
        openProjects={openProjects}
        availableMicros={credit.availableMicros}
      >
        <ShareProvider>
          <OrganizeDialogs>
            <Shell
              isCollapsed={jar.get(collapsedCookie)?.value === "collapsed"}
              appName={env().APP_NAME}
              user={{ name, email, operator: role === "operator" }}
              planName={formatPlanName(entitlements, t)}
              notice={
                identity.deletionDueAt !== null ? (
                  <DeletionNotice dueAt={identity.deletionDueAt} />
                ) : problem !== null ? (
                  <PaymentNotice problem={problem}>
                    {identity.memberRole !== "member" && (
                      <ClientMessages of={["billingForms"]}>
                        <PayOpenInvoice problem={problem} identity={identity} />
                      </ClientMessages>
                    )}
                  </PaymentNotice>
                ) : (
                  emailVerifiedAt === null && (
                    <VerifyEmailNotice email={email} mailboxUrl={env().SANDBOX_MAIL_URL} />
                  )
                )
              }
            >
              <StepUpProvider>{children}</StepUpProvider>
            </Shell>
          </OrganizeDialogs>
        </ShareProvider>
      </ConversationsProvider>
    </ClientMessages>
  );
}

type Translate = Awaited<ReturnType<typeof getTranslations<"shell">>>;

function formatPlanName({ plan, source }: Entitlements, t: Translate): string {
  return source === "trial" ? t("trialPlan", { plan: plans[plan].name }) : plans[plan].name;
}
