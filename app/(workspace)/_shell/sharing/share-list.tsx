"use client";

import { useTranslations } from "next-intl";
import { useTransition } from "react";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { revokeShareAction, type SharedLink } from "#app/(workspace)/_shell/sharing/actions.ts";

type Props = { links: SharedLink[]; onRevoked: (id: string) => void };

/** Links with their expiry, and buttons that open and end them. */
export function ShareList({ links, onRevoked }: Props) {
  return (
    <ul className="divide-y divide-border">
      {links.map((link) => (
        <ShareRow key={link.id} link={link} onRevoked={() => onRevoked(link.id)} />
      ))}
    </ul>
  );
}

function ShareRow({ link, onRevoked }: { link: SharedLink; onRevoked: () => void }) {
  const t = useTranslations("sharing");
  const [pending, startTransition] = useTransition();
  const { id, title, url, expiresAt, createdAt, isTakenDown } = link;
  const revoke = () =>
    startTransition(async () => {
      const result = await revokeShareAction({ id });
      if (!result.ok) return toast(result.message);
      toast(t("revoked"));
      onRevoked();
    });
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3 first:pt-0">
      <div className="min-w-0 flex-1">
        <p dir="auto" className="truncate text-sm">
          {title}
        </p>
        <p className="flex flex-wrap items-center gap-x-2 text-muted-foreground text-xs">
          <DateTime at={createdAt} />
          <span>
            {expiresAt === null
              ? t("untilRevoked")
              : t.rich("until", { date: () => <DateTime at={expiresAt} /> })}
          </span>
          {isTakenDown && <Badge variant="warning">{t("takenDown")}</Badge>}
        </p>
      </div>
      <div className="flex gap-2">
        {!isTakenDown && (
          <Button asChild variant="ghost" size="sm">
            <a href={url} target="_blank" rel="noopener" aria-label={t("openShared", { title })}>
              {t("open")}
            </a>
          </Button>
        )}
        <Button
          variant="outline"
          size="sm"
          disabled={pending}
          aria-label={t("revokeShared", { title })}
          onClick={revoke}
        >
          {t("revoke")}
        </Button>
      </div>
    </li>
  );
}
