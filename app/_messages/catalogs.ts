import { apiDocs as deApiDocs } from "#app/_messages/de/api-docs.ts";
import { attachments as deAttachments } from "#app/_messages/de/attachments.ts";
import { auth as deAuth } from "#app/_messages/de/auth.ts";
import { billing as deBilling } from "#app/_messages/de/billing.ts";
import { billingForms as deBillingForms } from "#app/_messages/de/billing-forms.ts";
import { chat as deChat } from "#app/_messages/de/chat.ts";
import { controls as deControls } from "#app/_messages/de/controls.ts";
import { errors as deErrors } from "#app/_messages/de/errors.ts";
import { grantCredit as deGrantCredit } from "#app/_messages/de/grant-credit.ts";
import { imports as deImports } from "#app/_messages/de/imports.ts";
import { keys as deKeys } from "#app/_messages/de/keys.ts";
import { landing as deLanding } from "#app/_messages/de/landing.ts";
import { legal as deLegal } from "#app/_messages/de/legal.ts";
import { moderationForm as deModerationForm } from "#app/_messages/de/moderation-form.ts";
import { nav as deNav } from "#app/_messages/de/nav.ts";
import { operator as deOperator } from "#app/_messages/de/operator.ts";
import { operatorShares as deOperatorShares } from "#app/_messages/de/operator-shares.ts";
import { pageFailure as dePageFailure } from "#app/_messages/de/page-failure.ts";
import { pages as dePages } from "#app/_messages/de/pages.ts";
import { palette as dePalette } from "#app/_messages/de/palette.ts";
import { plan as dePlan } from "#app/_messages/de/plan.ts";
import { plans as dePlans } from "#app/_messages/de/plans.ts";
import { pricing as dePricing } from "#app/_messages/de/pricing.ts";
import { receipts as deReceipts } from "#app/_messages/de/receipts.ts";
import { search as deSearch } from "#app/_messages/de/search.ts";
import { security as deSecurity } from "#app/_messages/de/security.ts";
import { settings as deSettings } from "#app/_messages/de/settings.ts";
import { sharing as deSharing } from "#app/_messages/de/sharing.ts";
import { shell as deShell } from "#app/_messages/de/shell.ts";
import { site as deSite } from "#app/_messages/de/site.ts";
import { stepUp as deStepUp } from "#app/_messages/de/step-up.ts";
import { transcript as deTranscript } from "#app/_messages/de/transcript.ts";
import { usage as deUsage } from "#app/_messages/de/usage.ts";
import { verifyEmail as deVerifyEmail } from "#app/_messages/de/verify-email.ts";
import { apiDocs as enApiDocs } from "#app/_messages/en/api-docs.ts";
import { attachments as enAttachments } from "#app/_messages/en/attachments.ts";
import { auth as enAuth } from "#app/_messages/en/auth.ts";
import { billing as enBilling } from "#app/_messages/en/billing.ts";
import { billingForms as enBillingForms } from "#app/_messages/en/billing-forms.ts";
import { chat as enChat } from "#app/_messages/en/chat.ts";
import { controls as enControls } from "#app/_messages/en/controls.ts";
import { errors as enErrors } from "#app/_messages/en/errors.ts";
import { grantCredit as enGrantCredit } from "#app/_messages/en/grant-credit.ts";
import { imports as enImports } from "#app/_messages/en/imports.ts";
import { keys as enKeys } from "#app/_messages/en/keys.ts";
import { landing as enLanding } from "#app/_messages/en/landing.ts";
import { legal as enLegal } from "#app/_messages/en/legal.ts";
import { moderationForm as enModerationForm } from "#app/_messages/en/moderation-form.ts";
import { nav as enNav } from "#app/_messages/en/nav.ts";
import { operator as enOperator } from "#app/_messages/en/operator.ts";
import { operatorShares as enOperatorShares } from "#app/_messages/en/operator-shares.ts";
import { pageFailure as enPageFailure } from "#app/_messages/en/page-failure.ts";
import { pages as enPages } from "#app/_messages/en/pages.ts";
import { palette as enPalette } from "#app/_messages/en/palette.ts";
import { plan as enPlan } from "#app/_messages/en/plan.ts";
import { plans as enPlans } from "#app/_messages/en/plans.ts";
import { pricing as enPricing } from "#app/_messages/en/pricing.ts";
import { receipts as enReceipts } from "#app/_messages/en/receipts.ts";
import { search as enSearch } from "#app/_messages/en/search.ts";
import { security as enSecurity } from "#app/_messages/en/security.ts";
import { settings as enSettings } from "#app/_messages/en/settings.ts";
import { sharing as enSharing } from "#app/_messages/en/sharing.ts";
import { shell as enShell } from "#app/_messages/en/shell.ts";
import { site as enSite } from "#app/_messages/en/site.ts";
import { stepUp as enStepUp } from "#app/_messages/en/step-up.ts";
import { transcript as enTranscript } from "#app/_messages/en/transcript.ts";
import { usage as enUsage } from "#app/_messages/en/usage.ts";
import { verifyEmail as enVerifyEmail } from "#app/_messages/en/verify-email.ts";
import type { Locale } from "#lib/core/locale.ts";

const en = {
  controls: enControls,
  moderationForm: enModerationForm,
  nav: enNav,
  pages: enPages,
  errors: enErrors,
  pageFailure: enPageFailure,
  auth: enAuth,
  site: enSite,
  landing: enLanding,
  pricing: enPricing,
  apiDocs: enApiDocs,
  legal: enLegal,
  shell: enShell,
  attachments: enAttachments,
  imports: enImports,
  receipts: enReceipts,
  search: enSearch,
  sharing: enSharing,
  transcript: enTranscript,
  chat: enChat,
  billing: enBilling,
  billingForms: enBillingForms,
  palette: enPalette,
  plan: enPlan,
  plans: enPlans,
  usage: enUsage,
  verifyEmail: enVerifyEmail,
  keys: enKeys,
  settings: enSettings,
  security: enSecurity,
  stepUp: enStepUp,
  operator: enOperator,
  operatorShares: enOperatorShares,
  grantCredit: enGrantCredit,
};

const de = {
  controls: deControls,
  moderationForm: deModerationForm,
  nav: deNav,
  pages: dePages,
  errors: deErrors,
  pageFailure: dePageFailure,
  auth: deAuth,
  site: deSite,
  landing: deLanding,
  pricing: dePricing,
  apiDocs: deApiDocs,
  legal: deLegal,
  attachments: deAttachments,
  imports: deImports,
  receipts: deReceipts,
  search: deSearch,
  sharing: deSharing,
  transcript: deTranscript,
  shell: deShell,
  chat: deChat,
  billing: deBilling,
  billingForms: deBillingForms,
  palette: dePalette,
  plan: dePlan,
  plans: dePlans,
  usage: deUsage,
  verifyEmail: deVerifyEmail,
  keys: deKeys,
  settings: deSettings,
  security: deSecurity,
  stepUp: deStepUp,
  operator: deOperator,
  operatorShares: deOperatorShares,
  grantCredit: deGrantCredit,
};

/** The English messages; the types of keys and parameters derive from their texts. */
export type Messages = typeof en;
/** The name of a message file. */
export type Namespace = keyof Messages;

/**
 * The texts of all screens by language and message file. Server components and their messages are loaded with
 * this module; client components get the messages that their page passes to `ClientMessages`.
 */
export const catalogs = { en, de } satisfies Record<Locale, object>;
