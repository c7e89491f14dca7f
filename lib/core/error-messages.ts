/**
 * English texts of errors in the ICU syntax. API responses contain them; screens show the text of the
 * reader's language. Texts never contain internal details.
 */
export const errorMessages = {
  /** One text per code, for errors without a reason. */
  codes: {
    bad_request: "We couldn’t read this request.",
    invalid_input: "Some fields are invalid.",
    unsupported_parameter: "This parameter isn’t supported.",
    content_blocked:
      "Your message wasn’t answered because it conflicts with our content policy. You haven’t been charged.",
    bad_signature: "The signature doesn’t match.",
    unauthenticated: "Sign in to continue.",
    invalid_api_key: "This API key isn’t valid.",
    insufficient_credit: "You don’t have enough credit for this.",
    payment_declined: "Your card was declined. You haven’t been charged, and nothing has changed.",
    forbidden: "You don’t have permission to do this.",
    step_up_required: "Confirm that it’s you to continue.",
    plan_required: "This requires a higher plan.",
    not_found: "We couldn’t find this.",
    model_not_found: "This model doesn’t exist.",
    method_not_allowed: "This method isn’t allowed here.",
    trial_used:
      "A free trial was already used with this workspace or email address. You can subscribe to a plan instead.",
    conflict: "Something changed in the meantime. Reload and try again.",
    context_too_long: "This chat is too long for the model.",
    purchase_refused:
      "Our payment provider didn’t accept this purchase. You haven’t been charged, and we’ve been notified.",
    payload_too_large: "This request is too large.",
    unsupported_media_type: "Send JSON (content-type: application/json).",
    too_many_requests: "Too many requests. Wait a moment and try again.",
    credit_reserved:
      "Your remaining credit is reserved for answers that are still running. Try again shortly.",
    internal: "Something went wrong on our end. You haven’t been charged.",
    model_failed: "The model didn’t answer. You haven’t been charged.",
    billing_unavailable: "We can’t reach our payment provider right now. Try again in a few minutes.",
    model_unavailable: "This model is unavailable right now.",
    server_restarting: "The server is restarting. Try again in a moment.",
    model_busy: "The model is busy. Try again in a moment.",
    moderation_unavailable:
      "We couldn’t check your message right now. You haven’t been charged. Try again in a moment.",
    model_timeout: "The model took too long to answer.",
  },
  /** Texts that say more than the code. */
  reasons: {
    missing:
      "{resource, select, account {This account doesn’t exist.} answer {This answer doesn’t exist.} authenticatorApp {You don’t have an authenticator app.} conversation {This chat doesn’t exist.} dataExport {This download doesn’t exist or has expired.} device {This device isn’t signed in anymore.} event {This event doesn’t exist.} file {This file doesn’t exist.} invoice {This invoice doesn’t exist.} key {This API key doesn’t exist.} message {This message doesn’t exist.} passkey {This passkey doesn’t exist.} page {This page doesn’t exist.} payment {This payment doesn’t exist.} price {This price doesn’t exist.} project {This project doesn’t exist.} share {This link doesn’t exist.} subscription {You don’t have a subscription.} workspace {This workspace doesn’t exist.} other {This doesn’t exist.}}",

    accountBeingDeleted: "This account is being deleted.",
    attemptsExceeded: "Too many attempts. Try again in {minutes, plural, one {a minute} other {# minutes}}.",
    authenticatorExists: "Remove your authenticator app before you set up another one.",
    codeExpired: "This code is wrong, has expired, or was already used.",
    cookiesNeeded: "Allow cookies to sign in.",
    deletionScheduled: "Your account is going to be deleted. Cancel the deletion first.",
    deletionByOwnerOnly: "Only the owner of this workspace can delete it.",
    emailUnconfirmed: "Confirm your email first. We sent you a link when you signed up.",
    linkExpired: "This link has expired or was already used. Request a new one.",
    linkOfOtherEmail: "This link is for {email}. Sign in with that email to confirm it.",
    operatorNeedsFactor: "Operators need a second factor. Add another one before you remove this one.",
    passkeyExists: "This passkey is already registered.",
    passkeyRejected: "We couldn’t verify this passkey. Try again.",
    passkeyTimeout: "That took too long. Try again.",
    passkeyUnknown: "This passkey isn’t known here.",
    passwordMismatch: "Incorrect email or password.",
    providerEmailUnverified: "The email of this account isn’t verified there.",
    secondFactorMissing: "Set up two-factor authentication first.",
    signInExpired: "Your sign-in took too long. Start again.",
    tooManyPasskeys:
      "You’ve reached the limit of {max, plural, one {# passkey} other {# passkeys}}. Remove one first.",
    tooManyKeys:
      "You’ve reached the limit of {max, plural, one {# API key} other {# API keys}}. Revoke one first.",
    importRunning: "Another file is being imported. Wait until it is done.",
    tooManyShares:
      "You’ve reached the limit of {max, plural, one {# shared link} other {# shared links}}. Revoke one first.",
    workspaceBeingDeleted: "This workspace is being deleted.",

    adminOnly: "Only an owner or admin of this workspace can do this.",
    amountChanged:
      "The amount has changed since this page was loaded. You haven’t been charged. Check it and try again.",
    canceledPlan: "{plan} is canceled. Keep your plan first to change it.",
    cardChanged:
      "Your card has changed since this page was loaded. You haven’t been charged. Check it and try again.",
    cardMissing: "There’s no card on file anymore. You haven’t been charged.",
    cardNotNeeded: "You’ll add a card with your first payment.",
    changeAwaitsPayment: "A plan change is waiting for payment. Confirm or discard it first.",
    declined:
      "{cause, select, bankUnreachable {We couldn’t reach your bank.} cardExpired {Your card has expired.} cardLimitReached {Your card has reached its limit for now.} cardNumberWrong {Your card number is incorrect.} cardUnsupported {Your card doesn’t support this type of payment.} confirmationFailed {The payment wasn’t confirmed with your bank.} confirmationRequired {Your bank needs you to confirm this payment.} currencyUnsupported {Your card doesn’t support this currency.} insufficientFunds {Your card has insufficient funds.} securityCodeWrong {Your card’s security code is incorrect.} other {Your bank declined the card.}} You haven’t been charged. Try again or use another card.",
    invoiceNotOpen: "This invoice is no longer open. You haven’t been charged.",
    nothingToConfirm: "There’s nothing to confirm anymore. Reload to see what changed.",
    nothingToManage: "There’s nothing to manage before your first payment.",
    openInvoice: "Pay the open invoice first to change your plan.",
    overageNeedsPlan: "Extra usage requires a paid plan without open invoices.",
    notForSale:
      "This isn’t for sale right now. You haven’t been charged, and we’ve been notified. Try again later or choose something else.",
    otherCurrency:
      "Your account is billed in {currency}, and this price is in {priceCurrency}. You haven’t been charged. We’ve been notified and will get back to you.",
    paidInOtherWindow: "A payment just went through in another window. See your billing page.",
    paymentProcessing:
      "Your payment for {plan} is still being processed. Check your billing page in a moment.",
    planPaused: "{plan} is paused. Cancel it on your billing page first, then choose a plan.",
    planUnpaid:
      "Your last {plan} invoice is unpaid. Pay it on your billing page, or cancel {plan} there and choose a plan again.",
    priceChanged: "The price has changed since this page was loaded. Check it and try again.",
    subscribedAlready: "You already have {plan}. You can change plans on your billing page.",
    subscriptionExists: "You already have a subscription. You can manage it on your billing page.",
    tooManyTaxIds: "You can add up to five tax IDs. Remove one first.",

    answerBroken: "The answer was interrupted.",
    answerComplete: "This answer is complete. Regenerate it, or send a new message.",
    answerEmpty: "The model returned an empty answer. You haven’t been charged.",
    answerRefused: "The model declined to answer. You haven’t been charged.",
    answerRunning: "The answer above is still being written. Wait for it or stop it.",
    messageExists: "A message with this ID already exists.",
    messageTooLong:
      "This message is too long for {model}. Shorten it or choose a model with a larger context.",
    modelNeedsPlan: "{model} requires a higher plan.",
    tooManyProjects:
      "You’ve reached the limit of {max, plural, one {# project} other {# projects}}. Delete one first.",
    modelNotOffered: "This model isn’t available. Choose another one.",
    fileChanged: "This file was added to a message already. Add it again.",
    fileEmpty: "This file is empty.",
    fileEncrypted: "This file is protected with a password. Save it without one and try again.",
    fileIncomplete: "The upload was interrupted. Try again.",
    fileMissing: "A file of this message isn’t available anymore. Remove it and add it again.",
    filesFull: "Your plan stores up to {max} of files. Delete chats with files, or upgrade.",
    fileTooLarge: "This file is larger than {max}.",
    fileTooLong: "This document is too long. Split it and add the part you need.",
    fileUnreadable: "We couldn’t read this file. It may be damaged.",
    fileUnsupported: "This type of file isn’t supported.",
    fileWithoutText: "This document has no text, like a scan. Add its pages as images.",
    imageTooLarge: "This image is too large. Use at most {side} × {side} pixels and 40 megapixels.",
    modelWithoutImages: "{model} can’t see images. Choose a model that can.",

    creditGivenAlready: "This form was already submitted, and the credit was granted. Reload to grant more.",
    driftRemains: "Syncing can’t fix this: {findings}. Change it in Stripe, then try again.",
    noStripeCustomer: "Stripe has no customer for this workspace.",
  },
  /** Texts about one field of a form. */
  fields: {
    addressRejected: "Check the address. Our payment provider didn’t accept it.",
    amountInvalid: "Enter an amount, like 5 or 2.50.",
    amountOutOfRange: "Enter an amount from {min, number, usd} to {max, number, usd}.",
    amountTooHigh: "Enter at most {max, number, usd}.",
    amountTooLow: "Enter an amount above zero.",
    choiceMissing: "Choose an option.",
    codeMissing: "Enter a code.",
    codeWrong: "This code isn’t right. Try the newest one.",
    countryMissing: "Choose a country.",
    currentPasswordWrong: "This isn’t your current password.",
    dateInPast: "Choose a date in the future.",
    dateMissing: "Choose a date.",
    emailInvalid: "Enter a valid email, like name@example.com.",
    emailMismatch: "Enter {email} to confirm.",
    invalid: "Check this field.",
    invoiceNameMissing: "Enter the name for your invoices.",
    keyNameMismatch: "Enter “{name}” to confirm.",
    nameMissing: "Enter a name.",
    numberWhole: "Enter a whole dollar amount.",
    passwordWrong: "This isn’t your password.",
    passwordCommon: "This password is too common. Choose another one.",
    passwordPersonal: "Choose a password without your name, your email, or the name of this product.",
    passwordMissing: "Enter your password.",
    permissionMissing: "Choose at least one permission.",
    reasonMissing: "Enter a reason for the audit log.",
    streetMissing: "Enter a street address.",
    taxIdMissing: "Enter the tax ID.",
    taxIdRejected: "Enter a valid tax ID, like {example}.",
    taxIdTypeMissing: "Choose a tax ID type.",
    titleMissing: "Enter a title.",
    tooLong: "Use at most {max, plural, one {# character} other {# characters}}.",
    tooShort: "Use at least {min, plural, one {# character} other {# characters}}.",
  },
} as const;
