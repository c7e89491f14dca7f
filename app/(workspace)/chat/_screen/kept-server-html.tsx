import type { ComponentProps } from "react";

/** React leaves an element's content alone as long as this object stays the same. */
const content = { __html: "" };

/**
 * Takes over an element of the server's HTML without its children: they stay in the document as they are, and
 * cost no script. In a component that was not rendered by the server the element is empty.
 */
export function KeptServerHtml(props: ComponentProps<"div">) {
  // biome-ignore lint/security/noDangerouslySetInnerHtml: constant; sets nothing while hydrating
  return <div {...props} suppressHydrationWarning dangerouslySetInnerHTML={content} />;
}
