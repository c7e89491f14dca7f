"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import type { SharedLink } from "#app/(workspace)/_shell/sharing/actions.ts";
import { ShareList } from "#app/(workspace)/_shell/sharing/share-list.tsx";

/** All public links that the user made. */
export function SharedLinks({ initial }: { initial: SharedLink[] }) {
  const t = useTranslations("sharing");
  const [links, setLinks] = useState(initial);
  if (links.length === 0) return <p className="text-muted-foreground text-sm">{t("noLinks")}</p>;
  const forget = (id: string) => setLinks((known) => known.filter((link) => link.id !== id));
  return <ShareList links={links} onRevoked={forget} />;
}
