export const auth = {
  fields: {
    email: "Email",
    password: "Password",
    newPassword: "New password",
    passwordHint: "At least 10 characters",
    newPasswordHint: "At least 10 characters. You’ll be signed out on all devices.",
  },
  checkEmail: {
    title: "Check your email",
    sentTo: "We sent an email to <email></email>.",
    notThere: "Nothing after a few minutes? Check your spam folder, or try again with another address.",
    openMailbox: "Open the sandbox mailbox",
  },
  providers: { continueWith: "Continue with {provider}", or: "or" },
  signIn: {
    title: "Sign in",
    submit: "Sign in",
    newHere: "New here? <link>Create an account</link>",
    emailLink: "Email me a sign-in link",
    forgotPassword: "Forgot password?",
    accessDenied: "Sign-in was canceled. You can try again or use your email instead.",
    providerFailed:
      "We couldn’t sign you in. Make sure your email is verified with the provider, or sign in with an email link.",
    notices: {
      passwordChanged: "Password changed. Sign in with your new password.",
      signedOutEverywhere: "You’ve been signed out on all devices.",
    },
  },
  signUp: {
    title: "Create an account",
    lead: "Free to start. No credit card required.",
    submit: "Create account",
    checkEmail: "Follow the instructions in it to continue.",
    haveAccount: "Already have an account? <link>Sign in</link>",
  },
  magicLink: {
    title: "Sign in with an email link",
    lead: "We’ll email you a sign-in link. No password needed, even if you’re new here.",
    submit: "Email me a link",
    checkEmail:
      "Open the link in it to sign in. Use this browser, or enter the code here. Both work once and expire in 10 minutes.",
    usePassword: "Sign in with a password",
    confirmTitle: "Sign in",
    confirmLead: "Click the button to finish signing in.",
    confirm: "Sign in",
  },
  forgotPassword: {
    title: "Reset your password",
    lead: "We’ll email you a link to choose a new password.",
    submit: "Email me a link",
    checkEmail:
      "If this address has an account, the email has a link and a code to choose a new password. Use this browser. Both expire in 10 minutes.",
    back: "Back to sign-in",
  },
  resetPassword: { title: "Choose a new password", submit: "Change password" },
  verifyEmail: {
    title: "Confirm your email",
    lead: "Click the button to confirm that this is your email address.",
    submit: "Confirm email",
    confirmed: "<email></email> is confirmed.",
    openChat: "Go to your chats",
    signInTitle: "Sign in to confirm your email",
    signInLead: "You’re signed out on this device. Signing in shows us that the account is yours.",
    signIn: "Sign in",
    emailLink: "Email me a sign-in link",
    notYours:
      "Didn’t create an account? Request a sign-in link: the account becomes yours, and whoever created it loses access.",
  },
  emailedCode: { label: "Code from the email", signIn: "Sign in", continue: "Continue" },
  otherBrowser: {
    title: "Go back to where you started",
    lead: "This link works only in the browser that asked for it. Open it there, or enter the code from the email there.",
    close: "You can close this page.",
  },
  passkey: {
    signIn: "Use a passkey",
    notUsed: "No passkey was used. Try again, or sign in another way.",
  },
  secondFactor: {
    title: "Two-factor authentication",
    leadTotp: "Enter the code from your authenticator app.",
    leadPasskey: "Use your passkey, or enter a recovery code.",
    code: "Code",
    codeHint: "No access to your app or passkey? Enter a recovery code.",
    submit: "Sign in",
    cancel: "Cancel",
  },
  expired: {
    title: "This link no longer works",
    magicLink: "It has already been used or is more than 10 minutes old. Request a new one below.",
    resetPassword: "It has already been used or is more than 10 minutes old. Your password hasn’t changed.",
    verifyEmail:
      "It has already been used or is more than a day old. You can request a new one in your settings.",
    requestNew: "Request a new link",
    openSettings: "Open settings",
  },
} as const;
