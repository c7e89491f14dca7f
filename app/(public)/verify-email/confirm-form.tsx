"use client";

import Link from "next/link";
import { Button } from "#app/_ui/button.tsx";
import { verifyEmailAction } from "#app/(public)/_auth/actions.ts";
import { AuthForm } from "#app/(public)/_auth/auth-form.tsx";

export function ConfirmForm({ token }: { token: string }) {
  return (
    <AuthForm
      action={verifyEmailAction}
      submit="Confirm address"
      hidden={{ token }}
      done={({ email }) => (
        <div role="status" className="flex flex-col gap-6">
          <p>
            <strong className="font-medium [overflow-wrap:anywhere]">{email}</strong> is confirmed.
          </p>
          <Button asChild size="lg">
            <Link href="/chat">Go on to your chats</Link>
          </Button>
        </div>
      )}
    />
  );
}
