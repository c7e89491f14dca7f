declare const sandboxUrl: string;

type FrameMessage =
  | { kind: "authenticated" }
  | { kind: "complete"; returnUrl: string | null }
  | { kind: "height"; height: number };

/** Opens a sandbox page in an iframe and passes on its messages; messages of other origins are ignored. */
export function openFrame(path: string, title: string, onMessage: (message: FrameMessage) => void) {
  const frame = document.createElement("iframe");
  frame.src = `${sandboxUrl}${path}`;
  frame.title = title;
  frame.allow = "payment *";
  Object.assign(frame.style, { border: "0", width: "100%", height: "320px" });
  const listen = (event: MessageEvent) => {
    if (event.source !== frame.contentWindow || event.origin !== sandboxUrl) return;
    const message: FrameMessage | undefined = event.data?.stripeSandbox;
    if (message?.kind === "height") frame.style.height = `${message.height}px`;
    else if (message) onMessage(message);
  };
  window.addEventListener("message", listen);
  const close = () => {
    window.removeEventListener("message", listen);
    frame.remove();
  };
  return { frame, close };
}

/** Shows the bank's page in a dialog. Resolves when the buyer has answered or closed it. */
export function showBankDialog(clientSecret: string): Promise<void> {
  return new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", "Confirm with your bank");
    Object.assign(dialog.style, {
      border: "0",
      borderRadius: "12px",
      // The merchant's style sheet may reset margins, which would move the dialog from the center.
      margin: "auto",
      padding: "0",
      width: "min(480px, 94vw)",
    });
    const end = () => {
      bank.close();
      dialog.remove();
      resolve();
    };
    const bank = openFrame(`/authenticate/${clientSecret}`, "Confirm with your bank", end);
    dialog.addEventListener("close", end);
    dialog.append(bank.frame);
    document.body.append(dialog);
    dialog.showModal();
  });
}
