export const grantCredit = {
  title: "Grant credit",
  amount: "Amount (USD)",
  until: "Expires",
  reason: "Reason",
  reasonHint: "Recorded in the audit log.",
  submit: "Grant credit",
  confirmTitle: "Grant {amount} to {name}?",
  confirmDescription:
    "The credit is available immediately. Anything unused expires at the end of {date} (UTC).",
  cancel: "Cancel",
  confirm: "Grant credit",
} as const;
