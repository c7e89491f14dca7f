"use client";

import type { StripeEmbeddedCheckout } from "@stripe/stripe-js";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import {
  finishCardChangeAction,
  startCardChangeAction,
} from "#app/(workspace)/billing/_payment-method/card-actions.ts";
import { allowsStripe, loadStripe } from "#app/(workspace)/billing/_shared/load-stripe.ts";

type Props = {
  label: string;
  /** Opens the form without a click. */
  autoOpen: boolean;
};

/** Adds or replaces the card in Stripe's embedded form. No card number reaches our server. */
export function ChangeCard({ label, autoOpen }: Props) {
  const t = useTranslations("billingForms.card");
  const frame = useRef<HTMLElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const focusNext = useRef<"form" | "opener" | null>(null);
  const checkout = useRef<StripeEmbeddedCheckout | null>(null);
  const hasStarted = useRef(false);
  const [isShown, setShown] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();
  const router = useRouter();

  const close = () => {
    checkout.current?.destroy();
    checkout.current = null;
    focusNext.current = "opener";
    setShown(false);
  };
  const finish = () =>
    startTransition(async () => {
      close();
      const finished = await finishCardChangeAction({});
      if (!finished.ok) return setProblem(finished.message);
      toast(t("saved"));
      router.replace("/billing");
    });
  const open = () =>
    startTransition(async () => {
      setProblem(null);
      focusNext.current = "opener";
      const change = await startCardChangeAction({});
      if (!change.ok) return setProblem(change.message);
      if (change.value.kind === "portal") return window.location.assign(change.value.url);
      if (!allowsStripe()) return window.location.assign("/billing?card=change#payment-method");
      try {
        const { stripeJs, clientSecret } = change.value;
        const stripe = await loadStripe(stripeJs);
        const form = await stripe.createEmbeddedCheckoutPage({ clientSecret, onComplete: finish });
        checkout.current?.destroy();
        checkout.current = form;
        if (frame.current !== null) form.mount(frame.current);
        focusNext.current = "form";
        setShown(true);
      } catch {
        setProblem(t("unreachable"));
      }
    });
  useEffect(() => {
    if (!autoOpen || hasStarted.current) return;
    hasStarted.current = true;
    open();
  });
  useEffect(() => () => checkout.current?.destroy(), []);
  useEffect(() => {
    if (isPending || focusNext.current === null) return;
    // Focuses the section before the iframe, which may still load; the next Tab reaches its first field.
    (focusNext.current === "form" ? frame : opener).current?.focus();
    focusNext.current = null;
  });

  return (
    <div className="flex flex-col gap-3">
      {/* Stripe's form supports only a light background. */}
      <section
        ref={frame}
        aria-label={t("frame")}
        tabIndex={-1}
        className={isShown ? "overflow-hidden rounded-lg border bg-white" : "hidden"}
      />
      <div>
        {isShown ? (
          <Button variant="ghost" onClick={close}>
            {t("keep")}
          </Button>
        ) : (
          <Button ref={opener} variant="outline" onClick={open} disabled={isPending}>
            {isPending && <Spinner />}
            {label}
          </Button>
        )}
      </div>
      <p role="alert" className="text-danger text-sm empty:hidden">
        {problem}
      </p>
    </div>
  );
}
