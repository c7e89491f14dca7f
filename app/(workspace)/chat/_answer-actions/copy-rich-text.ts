/**
 * Copies an answer as rich text, with its Markdown for editors of plain text. Where the asynchronous
 * clipboard is missing (a page without TLS, an older browser), a copy event carries both.
 * @throws when the browser refuses
 */
export async function copyRichText(markdown: string): Promise<void> {
  const html = import("#app/(workspace)/chat/_answer-actions/answer-html.ts").then(({ answerHtml }) =>
    answerHtml(markdown),
  );
  if (typeof ClipboardItem === "function" && navigator.clipboard?.write !== undefined) {
    try {
      // Promises, because Safari allows copying only in the turn of the click.
      const item = new ClipboardItem({
        "text/html": html.then((text) => new Blob([text], { type: "text/html" })),
        "text/plain": new Blob([markdown], { type: "text/plain" }),
      });
      await navigator.clipboard.write([item]);
      return;
    } catch {
      // Tried again by an event below.
    }
  }
  copyByEvent(await html, markdown);
}

function copyByEvent(html: string, markdown: string): void {
  const onCopy = (event: ClipboardEvent) => {
    event.preventDefault();
    event.clipboardData?.setData("text/html", html);
    event.clipboardData?.setData("text/plain", markdown);
  };
  document.addEventListener("copy", onCopy, { once: true });
  const isCopied = document.execCommand("copy");
  document.removeEventListener("copy", onCopy);
  if (!isCopied) throw new Error("The browser refused to copy.");
}
