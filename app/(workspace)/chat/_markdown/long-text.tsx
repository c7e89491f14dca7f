import { Fragment } from "react";

/**
 * A text that may contain a very long word. Browsers break such a word by measuring all the rest of it for
 * every line, which takes most of a minute for 64 KiB; in pieces each measurement is short.
 */
export function LongText({ text }: { text: string }) {
  if (!/\S{2000}/.test(text)) return text;
  const pieces = text.match(/[\s\S]{1,500}/gu) ?? [];
  return pieces.map((piece, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces only grow at the end
    <Fragment key={index}>
      <span className="inline-block max-w-full align-top">{piece}</span>
      <wbr />
    </Fragment>
  ));
}
