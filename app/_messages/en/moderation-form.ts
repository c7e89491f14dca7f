export const moderationForm = {
  modes: { off: "Off", flag: "Flag", block: "Block" },
  modesNote:
    "Flag answers the message and records it below. Block also refuses it: nothing is shown, nothing is charged, and you pay what the model has used by then.",
  onFailure: "If a message can’t be checked",
  failures: { allow: "Answer it", block: "Refuse it" },
  failuresNote: "Applies to plans that block. A check has failed after 5 seconds.",
  imageHosts: "Hosts that answers may load images from",
  imageHostsNote:
    "One exact host name per line, without https://. Answers show images from these hosts only; all others appear as links. Anyone who controls a host can learn what a model writes into an image’s address, so list only hosts you trust.",
  saveImageHosts: "Save hosts",
  save: "Save",
} as const;
