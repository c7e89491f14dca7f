"use client";

import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useId, useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { Input } from "#app/_ui/input.tsx";
import { Label } from "#app/_ui/label.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogHeader,
  DialogTitle,
} from "#app/_ui/overlays/dialog.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import {
  createShareAction,
  listSharesAction,
  type SharedLink,
} from "#app/(workspace)/_shell/sharing/actions.ts";
import { ShareList } from "#app/(workspace)/_shell/sharing/share-list.tsx";

type Props = { conversationId: string; onClose: () => void };

const choices = [7, 30, 90] as const;

/** Makes a public link to a conversation, and lists the links that it has. */
export default function ShareDialog({ conversationId, onClose }: Props) {
  const t = useTranslations("sharing");
  const [links, setLinks] = useState<SharedLink[]>([]);
  const [days, setDays] = useState("30");
  // A repeated click, or one after a lost answer, asks for the same link.
  const [nextId, setNextId] = useState(() => crypto.randomUUID());
  const [created, setCreated] = useState<SharedLink | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const selectId = useId();
  useEffect(() => {
    let isMounted = true;
    listSharesAction({ conversationId }).then(
      (result) => {
        if (isMounted && result.ok) setLinks(result.value);
      },
      () => {},
    );
    return () => {
      isMounted = false;
    };
  }, [conversationId]);
  const create = () =>
    startTransition(async () => {
      const expiresInDays = days === "never" ? null : Number(days);
      const result = await createShareAction({ id: nextId, conversationId, expiresInDays });
      if (!result.ok) return setProblem(result.message);
      setProblem(null);
      setCreated(result.value);
      setNextId(crypto.randomUUID());
      setLinks((known) => [result.value, ...known.filter(({ id }) => id !== result.value.id)]);
    });
  const forget = (id: string) => {
    setLinks((known) => known.filter((link) => link.id !== id));
    setCreated((link) => (link?.id === id ? null : link));
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{t("shareTitle")}</DialogTitle>
          <DialogDescription>{t("shareText")}</DialogDescription>
        </DialogHeader>
        <div className="flex flex-wrap items-end gap-3">
          <div className="flex min-w-40 flex-1 flex-col gap-1.5">
            <Label htmlFor={selectId}>{t("expires")}</Label>
            <select
              id={selectId}
              value={days}
              onChange={(event) => setDays(event.target.value)}
              className="h-10 rounded-md border border-input bg-background px-3 text-base sm:text-sm pointer-coarse:h-11"
            >
              {choices.map((count) => (
                <option key={count} value={count}>
                  {t("days", { days: count })}
                </option>
              ))}
              <option value="never">{t("never")}</option>
            </select>
          </div>
          <Button className="h-10 pointer-coarse:h-11" disabled={pending} onClick={create}>
            {pending && <Spinner />}
            {t("create")}
          </Button>
        </div>
        {problem !== null && (
          <p role="alert" className="text-danger text-sm">
            {problem}
          </p>
        )}
        {created !== null && <CopyLink url={created.url} />}
        {links.length > 0 && (
          <section aria-label={t("links")} className="flex flex-col gap-2">
            <h3 className="font-medium text-sm">{t("links")}</h3>
            <ShareList links={links} onRevoked={forget} />
          </section>
        )}
      </DialogContent>
    </Dialog>
  );
}

function CopyLink({ url }: { url: string }) {
  const t = useTranslations("sharing");
  const [isCopied, setCopied] = useState(false);
  const id = useId();
  const copy = async () => {
    await navigator.clipboard.writeText(url).catch(() => undefined);
    setCopied(true);
  };
  return (
    <div className="flex flex-col gap-1.5">
      <Label htmlFor={id}>{t("link")}</Label>
      <div className="flex gap-2">
        <Input id={id} readOnly value={url} onFocus={(event) => event.target.select()} />
        <Button variant="outline" className="h-10 pointer-coarse:h-11" onClick={copy}>
          {isCopied ? <Check aria-hidden /> : <Copy aria-hidden />}
          {t(isCopied ? "copied" : "copy")}
        </Button>
      </div>
      <p role="status" className="sr-only">
        {isCopied && t("copied")}
      </p>
    </div>
  );
}
