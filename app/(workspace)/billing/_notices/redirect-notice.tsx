import { BillingNotice } from "#app/(workspace)/billing/_shared/billing-notice.tsx";

/** The notice that a redirect to this page asked for in the URL. */
export function RedirectNotice({ notice, planName }: { notice: string | undefined; planName: string }) {
  switch (notice) {
    case "welcome":
      return (
        <BillingNotice tone="success" title={`${planName} is active`}>
          Your payment went through and this month's credit is on your balance.
        </BillingNotice>
      );
    case "trial":
      return (
        <BillingNotice tone="success" title="Your trial has begun">
          Nothing was charged, and its credit is on your balance.
        </BillingNotice>
      );
    case "credit":
      return (
        <BillingNotice tone="success" title="Your credit is here">
          It is used after your plan's own, and stays for twelve months.
        </BillingNotice>
      );
    case "pending":
      return (
        <BillingNotice tone="warning" title="Your payment is being confirmed">
          We could not reach Stripe just now and keep trying. Your plan appears here by itself; you do not
          have to pay again.
        </BillingNotice>
      );
    case "unfinished":
      return (
        <BillingNotice tone="plain" title="Nothing was paid">
          The payment page was left before it was finished. You can choose a plan at any time.
        </BillingNotice>
      );
    case "changed":
      return (
        <BillingNotice tone="success" title={`You are on ${planName}`}>
          The change is made. What it brings in credit is on your balance.
        </BillingNotice>
      );
    case "running":
      return (
        <BillingNotice tone="plain" title="You already have a plan">
          You can move to another one here, and see first what it costs.
        </BillingNotice>
      );
    default:
      return null;
  }
}
