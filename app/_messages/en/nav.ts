export const nav = {
  usage: "Usage",
  billing: "Billing",
  keys: "API keys",
  operator: "Overview",
  operatorCustomers: "Customers",
  operatorEvents: "Webhooks",
  operatorModels: "Models",
  operatorModeration: "Moderation",
  operatorDrift: "Drift",
  operatorShares: "Shared links",
} as const;
