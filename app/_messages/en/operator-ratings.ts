export const operatorRatings = {
  model: "Model",
  title: "Ratings of answers",
  empty: "No answer has been rated yet.",
  good: "Good",
  bad: "Bad",
  reason: "Reasons",
  reasons: {
    incorrect: "Not correct",
    incomplete: "Incomplete",
    ignored: "Ignored instructions",
    length: "Wrong length",
    refused: "Refused",
    other: "Other",
  },
} as const;
