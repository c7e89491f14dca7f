export const plans = {
  summary: {
    free: "Try it out.",
    pro: "For everyday work.",
    enterprise: "For heavy use and automation.",
  },
  features: {
    credit: "{amount} of credit every month",
    models: { free: "Everyday models", pro: "The most capable chat models", enterprise: "All models" },
    requests: "{count, number} requests per minute",
    apiKeys: "API keys for your own programs",
  },
  offer: { month: "{plan} monthly", year: "{plan} yearly" },
  price: { month: "{amount} per month", year: "{amount} per year" },
  priceWithTax: { month: "{amount} plus tax per month", year: "{amount} plus tax per year" },
  amountWithTax: "{amount} plus tax",
  creditPerMonth: "{amount} of credit per month",
} as const;
