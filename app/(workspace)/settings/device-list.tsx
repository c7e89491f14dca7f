"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { TimeAgoText } from "#app/_ui/formats/time-ago-text.tsx";
import {
  AlertDialog,
  AlertDialogAction,
  AlertDialogCancel,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogFooter,
  AlertDialogHeader,
  AlertDialogTitle,
  AlertDialogTrigger,
} from "#app/_ui/overlays/alert-dialog.tsx";
import { useStepUp } from "#app/(workspace)/_step-up/step-up-provider.tsx";
import { signOutDeviceAction, signOutEverywhereAction } from "#app/(workspace)/settings/actions.ts";
import type { Device } from "#lib/accounts/devices/devices.ts";

/**
 * The devices where the user is signed in, with buttons to sign out one or all.
 * @param props.at when the list was read
 */
export function DeviceList({ devices, at }: { devices: Device[]; at: Date }) {
  const t = useTranslations("settings.devices");
  const nameOf = ({ name }: Device) => name ?? t("unknown");
  const router = useRouter();
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const withStepUp = useStepUp();
  const signOutOne = (sessionId: string) =>
    startTransition(async () => {
      const result = await withStepUp(() => signOutDeviceAction({ sessionId }));
      setProblem(result.ok ? null : result.message);
      router.refresh();
    });
  const signOutAll = () =>
    startTransition(async () => {
      const result = await withStepUp(() => signOutEverywhereAction(undefined));
      // On success the action redirects to the sign-in page.
      if (result?.ok === false) setProblem(result.message);
    });
  return (
    <div className="flex flex-col gap-5">
      <ul className="divide-y divide-border">
        {devices.map((device) => (
          <li key={device.sessionId} className="flex items-center justify-between gap-4 py-3 first:pt-0">
            <div className="min-w-0">
              <p>{nameOf(device)}</p>
              <p className="text-muted-foreground text-sm">
                {device.current ? t("current") : <TimeAgoText at={device.lastSeenAt} since={at} />}
              </p>
            </div>
            {!device.current && (
              <Button
                variant="outline"
                size="sm"
                disabled={pending}
                aria-label={t("signOutDevice", { device: nameOf(device) })}
                onClick={() => signOutOne(device.sessionId)}
              >
                {t("signOut")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {problem !== null && (
        <p role="alert" className="text-danger text-sm">
          {problem}
        </p>
      )}
      <AlertDialog>
        <AlertDialogTrigger asChild>
          <Button variant="outline" className="self-start" disabled={pending}>
            {t("signOutAll")}
          </Button>
        </AlertDialogTrigger>
        <AlertDialogContent>
          <AlertDialogHeader>
            <AlertDialogTitle>{t("signOutAll")}</AlertDialogTitle>
            <AlertDialogDescription>{t("signOutAllText")}</AlertDialogDescription>
          </AlertDialogHeader>
          <AlertDialogFooter>
            <AlertDialogCancel>{t("stay")}</AlertDialogCancel>
            <AlertDialogAction onClick={signOutAll}>{t("signOutAll")}</AlertDialogAction>
          </AlertDialogFooter>
        </AlertDialogContent>
      </AlertDialog>
    </div>
  );
}
