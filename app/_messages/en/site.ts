export const site = {
  skipToContent: "Skip to content",
  mainNavigation: "Main",
  footerNavigation: "Footer",
  pricing: "Pricing",
  signIn: "Sign in",
  getStarted: "Get started",
  openChat: "Open chat",
  api: "API reference",
  language: "Language",
  description: "Chat with the best models and see what every answer costs.",
} as const;
