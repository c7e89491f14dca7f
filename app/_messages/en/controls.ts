export const controls = {
  offline: "You are offline. Reconnect and try again.",
  language: { legend: "Language", system: "System" },
} as const;
