export const stepUp = {
  title: "Confirm it’s you",
  lead: "This action needs a fresh confirmation. It’s valid for 10 minutes.",
  sentTo: "We sent a code to {email}.",
  password: "Password",
  code: "Code",
  codeHint: "From your authenticator app, or a recovery code.",
  emailedCode: "Code from the email",
  usePasskey: "Use a passkey",
  noPasskey: "No passkey was used. Try again.",
  emailCode: "Email me a code",
  resend: "Send another code",
  confirm: "Confirm",
} as const;
