export const landing = {
  title: "Chat with the best models. See what every answer costs.",
  lead: "One place for every model. Pay only for what you use, see the price of each answer, and never lose one.",
  start: "Start for free",
  openChat: "Open chat",
  pricing: "See pricing",
  freeCredit: "{amount} of free credit every month. No credit card required.",
  screenshot: "A conversation in {app}: the question, the answer with a table, and its cost below",
  features: {
    title: "Why {app}",
    receipt: {
      title: "A receipt for every answer",
      body: "See tokens, time, and cost below each answer. Your balance is always in view, and you can’t overspend it.",
    },
    durable: {
      title: "Answers never get lost",
      body: "Close the tab, switch to your phone, or lose your connection. The answer keeps going and is there when you’re back.",
    },
    models: {
      title: "One balance, many models",
      body: "Use fast and powerful models side by side, in chat and in your own apps with an OpenAI-compatible API.",
      link: "Read the API documentation",
    },
  },
  plans: {
    title: "Plans",
    perMonth: "{price} <small>per month</small>",
    compare: "Compare plans",
  },
} as const;
