"use client";

import { startAuthentication } from "@simplewebauthn/browser";
import { useTranslations } from "next-intl";
import { type FormEvent, useEffect, useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { FormField } from "#app/_ui/form-field.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogHeader,
  DialogTitle,
} from "#app/_ui/overlays/dialog.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import {
  proveIdentityAction,
  readProofMethodsAction,
  requestProofCodeAction,
  startPasskeyProofAction,
} from "#app/(workspace)/_step-up/actions.ts";
import type { IdentityProof, ProofMethods } from "#lib/accounts/step-up.ts";

type Field = "password" | "code" | "emailedCode";

/** Lets the user prove who they are by password, second factor, passkey or an emailed code. */
export default function StepUpDialog({ onDone }: { onDone: (proved: boolean) => void }) {
  const t = useTranslations("stepUp");
  const [methods, setMethods] = useState<ProofMethods | null>(null);
  const [sentTo, setSentTo] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | undefined>();
  const [pending, setPending] = useState(false);
  useEffect(() => {
    void readProofMethodsAction(undefined).then((result) => {
      if (result.ok) setMethods(result.value);
      else setProblem(result.message);
    });
  }, []);
  // Not a transition: the action that asked for the proof runs in one, and would hold this one back.
  const run = async (work: () => Promise<void>) => {
    setPending(true);
    setProblem(undefined);
    await work();
    setPending(false);
  };
  const prove = async (proof: IdentityProof) => {
    const result = await proveIdentityAction(proof);
    if (result.ok) return onDone(true);
    setProblem(result.fields?.[0]?.message ?? result.message);
  };
  const sendCode = () =>
    run(async () => {
      const result = await requestProofCodeAction(undefined);
      if (result.ok) setSentTo(result.value.sentTo);
      else setProblem(result.message);
    });
  const provePasskey = () =>
    run(async () => {
      const options = await startPasskeyProofAction(undefined);
      if (!options.ok) return setProblem(options.message);
      const passkey = await startAuthentication({ optionsJSON: options.value }).catch(() => null);
      if (passkey === null) return setProblem(t("noPasskey"));
      await prove({ passkey });
    });
  const field = methods === null ? null : fieldFor(methods, sentTo !== null);
  return (
    <Dialog open onOpenChange={(open) => !open && onDone(false)}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{t("title")}</DialogTitle>
          <DialogDescription>
            {sentTo === null ? t("lead") : t("sentTo", { email: sentTo })}
          </DialogDescription>
        </DialogHeader>
        {methods === null && problem === undefined && <Spinner />}
        {methods?.passkey && (
          <Button type="button" variant="outline" disabled={pending} onClick={provePasskey}>
            {t("usePasskey")}
          </Button>
        )}
        {field !== null && (
          <ProofForm
            key={field}
            field={field}
            problem={problem}
            pending={pending}
            onSubmit={(proof) => run(() => prove(proof))}
          />
        )}
        {field === null && problem !== undefined && (
          <p role="alert" className="text-danger text-sm">
            {problem}
          </p>
        )}
        {methods?.emailedCode && (
          <Button
            type="button"
            variant={field === null ? "default" : "link"}
            className={field === null ? "" : "h-auto self-start p-0"}
            disabled={pending}
            onClick={sendCode}
          >
            {sentTo === null ? t("emailCode") : t("resend")}
          </Button>
        )}
      </DialogContent>
    </Dialog>
  );
}

/** The field of the form; null before a code was sent to a user without a password. */
function fieldFor(methods: ProofMethods, codeSent: boolean): Field | null {
  if (methods.code) return "code";
  if (codeSent) return "emailedCode";
  return methods.password ? "password" : null;
}

type FormProps = {
  field: Field;
  problem: string | undefined;
  pending: boolean;
  onSubmit: (proof: IdentityProof) => void;
};

function ProofForm({ field, problem, pending, onSubmit }: FormProps) {
  const t = useTranslations("stepUp");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // The dialog is rendered inside of other forms' React trees, whose submit handlers would run too.
    event.stopPropagation();
    const value = String(new FormData(event.currentTarget).get(field) ?? "");
    if (field === "password") return onSubmit({ password: value });
    onSubmit(field === "code" ? { code: value } : { emailedCode: value });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <FormField
        label={t(field)}
        name={field}
        type={field === "password" ? "password" : "text"}
        autoComplete={field === "password" ? "current-password" : "one-time-code"}
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        required
        {...(field === "code" && { hint: t("codeHint") })}
        problem={problem}
      />
      <Button type="submit" disabled={pending} className="self-end">
        {pending && <Spinner />}
        {t("confirm")}
      </Button>
    </form>
  );
}
