declare const sandboxUrl: string;

type Told =
  | { kind: "authenticated" }
  | { kind: "complete"; returnUrl: string | null }
  | { kind: "height"; height: number };

/** A frame of the sandbox, and what it tells; anything from elsewhere is not listened to. */
export function openFrame(path: string, title: string, hear: (told: Told) => void) {
  const frame = document.createElement("iframe");
  frame.src = `${sandboxUrl}${path}`;
  frame.title = title;
  frame.allow = "payment *";
  Object.assign(frame.style, { border: "0", width: "100%", height: "320px" });
  const listen = (event: MessageEvent) => {
    if (event.source !== frame.contentWindow || event.origin !== sandboxUrl) return;
    const told: Told | undefined = event.data?.stripeSandbox;
    if (told?.kind === "height") frame.style.height = `${told.height}px`;
    else if (told) hear(told);
  };
  window.addEventListener("message", listen);
  const close = () => {
    window.removeEventListener("message", listen);
    frame.remove();
  };
  return { frame, close };
}

/** Shows the bank over the shop's page, until the person has answered it or put it away. */
export function askBank(clientSecret: string): Promise<void> {
  return new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", "Confirm with your bank");
    Object.assign(dialog.style, {
      border: "0",
      borderRadius: "12px",
      // A shop's own style sheet may have taken it from every element.
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
