/** Importing chats of other products. */
export const imports = {
  title: "Import chats",
  lead: "From Parley, ChatGPT, Claude, LibreChat, and Open WebUI: the JSON or ZIP file that you exported there.",
  choose: "Choose a file",
  uploading: "Uploading {name}",
  running: "Importing {name}",
  leave: "You can leave this page.",
  counts:
    "{added, plural, =0 {No new chats} one {# chat added} other {# chats added}}{updated, plural, =0 {} other {, # updated}}{unchanged, plural, =0 {} other {, # already here}}{skipped, plural, =0 {} other {, # skipped}}.",
  done: "Import of {name} finished.",
  problems: {
    malformed: "This file is damaged or isn’t valid JSON.",
    too_large: "This file is too large. Files can have up to 200 MB.",
    unsupported: "We didn’t find chats of a supported product in this file.",
    encrypted: "This ZIP file is protected by a password.",
    internal: "Something went wrong on our end. Try again.",
  },
  kept: "Chats that were imported before the problem stay.",
} as const;
