/** Conversations as pages to read: shared links and the print view. */
export const transcript = {
  question: "Message",
  answerBy: "Answer by {model}",
  assistant: "Assistant",
  empty: "This answer is empty.",
  shared: "A chat shared from {app}",
  sharedOn: "Shared on <date></date>. Answers are written by AI and can be wrong.",
  invitation: "Start your own chat with {app}.",
  start: "Start a chat",
  pages: "Pages",
  pageOf: "Page {page, number} of {count, number}",
  earlier: "Earlier messages",
  later: "Later messages",
  missingTitle: "This link is not available",
  missing: "It may have expired, or its owner may have stopped sharing it.",
  home: "Home",
  print: "Print or save as PDF",
} as const;
