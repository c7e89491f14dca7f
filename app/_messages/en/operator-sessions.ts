export const operatorSessions = {
  action: "Sign out everywhere",
  title: "Sign {name} out everywhere?",
  description:
    "All sessions end at once, on every device. Running API requests are cut off, but API keys stay valid.",
  cancel: "Cancel",
  ended: "{count, plural, =0 {Nobody was signed in.} one {One session ended.} other {# sessions ended.}}",
} as const;
