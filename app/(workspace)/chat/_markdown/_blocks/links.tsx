import { ImageOff } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ComponentProps, useContext, useState } from "react";
import { FootnoteLink, footnoteIdOf } from "#app/(workspace)/chat/_markdown/_blocks/footnotes.tsx";
import { ImageHosts, isAllowedImage } from "#app/(workspace)/chat/_markdown/_blocks/image-hosts.ts";

/** A link of an answer: within it for footnotes, and to another page in a new tab. */
export function AnswerLink(props: ComponentProps<"a"> & { node?: unknown }) {
  const { href, children } = props;
  const footnote = footnoteIdOf(href);
  if (footnote !== null) return <FootnoteLink {...props} target={footnote} />;
  if (typeof href !== "string" || !/^(https?:|mailto:)/.test(href)) return <span>{children}</span>;
  return (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className="text-accent underline underline-offset-4"
    >
      {children}
    </a>
  );
}

/**
 * An image from a host that the operator allows. Any other image is a link: loading it could send
 * conversation content to a third party in its URL.
 */
export function RemoteImage({ src, alt }: ComponentProps<"img"> & { node?: unknown }) {
  const t = useTranslations("chat.markdown");
  const hosts = useContext(ImageHosts);
  const [hasFailed, setFailed] = useState(false);
  const url = typeof src === "string" && /^https?:\/\//.test(src) && URL.canParse(src) ? src : null;
  if (url === null) return <span className="text-muted-foreground">[{alt}]</span>;
  const { host } = new URL(url);
  const isAllowed = isAllowedImage(url, hosts);
  if (isAllowed && !hasFailed) {
    return (
      // The height is fixed, so that the text does not move when the image arrives.
      // biome-ignore lint/performance/noImgElement: the server must not fetch it to optimize it
      <img
        src={url}
        alt={alt ?? ""}
        loading="lazy"
        decoding="async"
        referrerPolicy="no-referrer"
        onError={() => setFailed(true)}
        className="h-72 max-w-full rounded-lg object-contain object-left"
      />
    );
  }
  const state = isAllowed ? "failed" : "blocked";
  return (
    <AnswerLink href={url}>
      <ImageOff aria-hidden className="mr-1 inline size-4 align-text-bottom" />
      {alt ? t(`image.${state}Named`, { description: alt, host }) : t(`image.${state}`, { host })}
    </AnswerLink>
  );
}
