import { useSyncExternalStore } from "react";

const subscribeNever = () => () => {};

/** Whether a component takes over the server's HTML; false once it has, and in components added later. */
export function useIsHydrating(): boolean {
  return useSyncExternalStore(
    subscribeNever,
    () => false,
    () => true,
  );
}
