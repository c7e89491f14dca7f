/** The texts of emails about a user's data: the archive of all of it, and its deletion. */
export const dataEmailMessages = {
  exportReady: {
    subject: "Your {app} data is ready to download",
    preview: "The link expires in 7 days.",
    heading: "Your data is ready",
    body: "Your archive contains your profile, chats, usage, invoices, and everything else we store about you.",
    signIn: "You need to be signed in to your account to download it.",
    size: "Size",
    expires: "Available until",
    action: "Download your data",
    unrequested: "Didn’t request this? Someone may be signed in to your account. Choose a new password.",
  },
  exportFailed: {
    subject: "We couldn’t prepare your {app} data",
    preview: "You can request it again.",
    heading: "We couldn’t prepare your data",
    body: "Something went wrong on our end while we put your archive together, and we’ve been notified. You can request it again.",
    action: "Open settings",
  },
  deletionScheduled: {
    subject: "Your {app} account will be deleted on {date}",
    preview: "You can cancel until then.",
    heading: "Your account will be deleted on {date}",
    body: "You’ve been signed out on your other devices, and your API keys no longer work. Your chats stay until that day.",
    billing: "If you have a plan, it won’t renew, and it ends on that day at the latest.",
    cancel: "Changed your mind? Sign in and choose “Cancel deletion.”",
    action: "Cancel deletion",
    warning:
      "If you didn’t request this, sign in, cancel the deletion, and choose a new password: someone else can use your account.",
  },
  deletionCanceled: {
    subject: "Your {app} account won’t be deleted",
    preview: "The deletion was canceled.",
    heading: "Your account stays",
    body: "You canceled the deletion of your account. Nothing was deleted. If you had a plan, it still ends with the current billing period unless you keep it on the billing page.",
    keys: "API keys that were revoked stay revoked. Create new ones when you need them.",
    action: "Go to billing",
    warning: "If you didn’t cancel it, choose a new password: someone else can use your account.",
  },
} as const;
