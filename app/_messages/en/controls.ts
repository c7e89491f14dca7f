export const controls = {
  language: { legend: "Language", system: "System" },
} as const;
