/** The only messages that browsers load with their script, because the server may have failed. */
export const pageFailure = {
  title: "We can’t show this page right now",
  body: "The problem is on our end. Nothing was lost, and you haven’t been charged. Reload the page in a moment.",
  reference: "If it keeps happening, send us this code:",
  home: "Home",
} as const;
