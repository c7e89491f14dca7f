export const attachments = {
  add: "Add files",
  list: "Files",
  uploading: "Uploading…",
  remove: "Remove {name}",
  open: "Open {name}",
  download: "Download",
  drop: "Drop files to add them to your message",
  pages: "{count, plural, one {# page} other {# pages}} · {size}",
  noVision: "{model} can’t see images.",
  useModel: "Use {model}",
} as const;
