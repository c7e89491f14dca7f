export const pricing = {
  title: "Simple plans, transparent costs",
  lead: "Every plan includes monthly credit, and every answer shows what it cost. You’re never charged more unless you top up or set a limit for extra usage.",
  description: "Compare plans. Every answer shows what it cost.",
  interval: {
    legend: "Billing interval",
    month: "Monthly",
    year: "Yearly",
    saving: "2 months free",
  },
  unavailable: {
    title: "Payments are unavailable right now",
    body: "You haven’t been charged. Try again in a few minutes.",
  },
  trialUsed: "Your free trial was already used",
  payOnBilling: "Pay on the billing page",
  card: {
    yourPlan: "Your plan",
    free: "Free forever. No credit card required.",
    monthly: "Billed monthly. Cancel anytime.",
    yearly: "{amount} per month, billed yearly. Credit arrives every month.",
    perMonth: "per month",
    perYear: "per year",
    perMonthPlusTax: "plus tax, per month",
    perYearPlusTax: "plus tax, per year",
    credit: "{amount} of credit per month",
    answers: "About {answers} answers per month",
    answersHint: "Estimated for {model} and a one-page answer.",
  },
  action: {
    start: "Start for free",
    openChat: "Open chat",
    choose: "Choose {plan}",
    tryFree: "Try {plan} free for {days, plural, one {# day} other {# days}}",
    withoutTrial: "Or subscribe to {plan} now",
    manage: "Manage your plan",
    payInvoice: "Pay the open invoice first",
    changeTo: "Change to {plan}",
    payMonthly: "Switch to monthly billing",
    payYearly: "Switch to yearly billing",
    ownerOnly: "Only an owner or admin of your workspace can choose a plan.",
  },
  comparison: {
    title: "Compare plans",
    feature: "Feature",
    included: "Included",
    notIncluded: "Not included",
    price: "Price per month",
    yearlyPrice: "Price per year",
    credit: "Monthly credit",
    answers: "Answers per month (estimate)",
    requests: "Requests per minute",
    api: "OpenAI-compatible API with your own keys",
    receipts: "Cost of every answer",
    topUps: "Top-ups, valid for 12 months",
    extraUsage: "Extra usage with a limit you set",
    trial: "Free trial",
    trialDays: "{days, plural, one {# day} other {# days}}",
    invoices: "Invoices with your billing address and tax ID",
  },
  questions: {
    title: "Questions about credit",
    credit: {
      question: "What is credit, and how far does it go?",
      basics:
        "Credit is prepaid usage in US dollars. Each answer costs what its model costs: one price for the text it reads and one for the text it writes.",
      example:
        "With {model}, a one-page answer in a short chat costs about {cost}. Free covers about {free} of those per month, Pro about {pro}. More capable models and long chats cost more.",
    },
    usedUp: {
      question: "What happens when my credit is used up?",
      answer:
        "No new answers start, so nothing is charged, and we tell you when new credit arrives. An answer in progress ends there, and its text is kept. You can top up anytime or, on a paid plan, enable extra usage with a limit. Otherwise you’re never charged beyond your plan.",
    },
    rollover: {
      question: "Does unused credit roll over?",
      answer:
        "No. Monthly credit expires at the end of the month, and the next month starts with the full amount. Top-up credit is valid for twelve months.",
    },
    failed: {
      question: "Do I pay for failed answers?",
      answer:
        "Not if they fail before the first word. If an answer is interrupted later or you stop it, you pay for what was written. The cost is shown below each answer.",
    },
    yearly: {
      question: "When do I get credit with a yearly plan?",
      answer: "Every month, on the day of the month your plan started.",
    },
    cancel: {
      question: "Can I cancel anytime?",
      answer:
        "Yes, with two clicks. You keep your plan until the end of the billing period and can change your mind until then. Your chats stay.",
    },
    paymentFailed: {
      question: "What if a payment fails?",
      answer:
        "We’ll email you, and you keep your plan for three days to fix it. After that, your workspace moves to Free until the payment goes through. Nothing is deleted.",
    },
    change: {
      question: "Can I change plans?",
      answer:
        "Yes, on your billing page, which shows the exact cost first. Upgrades start now, and you pay the difference. Downgrades start at the end of your billing period.",
    },
  },
} as const;
