export const verifyEmail = {
  title: "Confirm your email",
  text: "Confirm your email.<detail> We sent a link to {email}.</detail>",
  resend: "Resend",
  sent: "Sent. The link expires in 24 hours.",
  mailbox: "Open the sandbox mailbox",
} as const;
