import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { forgotPasswordAction } from "#app/(public)/_auth/actions.ts";
import { AuthLink } from "#app/(public)/_auth/auth-link.tsx";
import { AuthPanel } from "#app/(public)/_auth/auth-panel.tsx";
import { EmailRequestForm } from "#app/(public)/_auth/email-request-form.tsx";
import { env } from "#lib/core/env.ts";

export const generateMetadata = pageMetadata("/forgot-password");

export default async function ForgotPasswordPage() {
  const t = await getTranslations("auth.forgotPassword");
  return (
    <AuthPanel title={t("title")} lead={t("lead")} footer={<AuthLink to="/sign-in">{t("back")}</AuthLink>}>
      <EmailRequestForm
        action={forgotPasswordAction}
        submit={t("submit")}
        linkPurpose={t("checkEmail")}
        codeForm="reset-password"
        mailboxUrl={env().SANDBOX_MAIL_URL}
      />
    </AuthPanel>
  );
}
