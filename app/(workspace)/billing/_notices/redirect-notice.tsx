import { useTranslations } from "next-intl";
import type { ComponentProps } from "react";
import { BillingNotice } from "#app/(workspace)/billing/_shared/billing-notice.tsx";

const tones = {
  welcome: "success",
  trial: "success",
  credit: "success",
  processing: "plain",
  pending: "warning",
  unfinished: "plain",
  changed: "success",
  running: "plain",
} as const satisfies Record<string, ComponentProps<typeof BillingNotice>["tone"]>;

/** The notice that a redirect to this page asked for in the URL; nothing for an unknown one. */
export function RedirectNotice({ notice, planName }: { notice: string | undefined; planName: string }) {
  const t = useTranslations("billing.notices");
  if (!isNotice(notice)) return null;
  return (
    <BillingNotice tone={tones[notice]} title={t(`${notice}.title`, { plan: planName })}>
      {t(`${notice}.text`)}
    </BillingNotice>
  );
}

function isNotice(notice: string | undefined): notice is keyof typeof tones {
  return notice !== undefined && Object.hasOwn(tones, notice);
}
