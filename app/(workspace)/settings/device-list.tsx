"use client";

import { useRouter } from "next/navigation";
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
              <p>{device.name}</p>
              <p className="text-muted-foreground text-sm">
                {device.current ? "This device" : <TimeAgoText at={device.lastSeenAt} since={at} />}
              </p>
            </div>
            {!device.current && (
              <Button
                variant="outline"
                size="sm"
                disabled={pending}
                aria-label={`Sign out ${device.name}`}
                onClick={() => signOutOne(device.sessionId)}
              >
                Sign out
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
            Sign out everywhere
          </Button>
        </AlertDialogTrigger>
        <AlertDialogContent>
          <AlertDialogHeader>
            <AlertDialogTitle>Sign out everywhere</AlertDialogTitle>
            <AlertDialogDescription>
              Every device is signed out at once, this one too. Your conversations and keys stay.
            </AlertDialogDescription>
          </AlertDialogHeader>
          <AlertDialogFooter>
            <AlertDialogCancel>Stay signed in</AlertDialogCancel>
            <AlertDialogAction onClick={signOutAll}>Sign out everywhere</AlertDialogAction>
          </AlertDialogFooter>
        </AlertDialogContent>
      </AlertDialog>
    </div>
  );
}
