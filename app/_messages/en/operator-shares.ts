/** The operator console’s list of shared links. */
export const operatorShares = {
  title: "Shared links",
  lead: "Public links to chats. Taking one down is recorded in the audit log and can’t be undone.",
  states: "State",
  open: "Public",
  takenDown: "Taken down",
  link: "Link",
  linkPlaceholder: "https://…/share/…",
  empty: "No links",
  emptyDescription: "Links appear here when customers share a chat.",
  sharedOn: "Shared on <date></date>",
  expires: "Expires on <date></date>",
  takenDownOn: "Taken down on <date></date>",
  view: "View",
  takeDown: "Take down",
  done: "The link is no longer public.",
} as const;
