import { useCallback, useState } from "react";

/**
 * Loads the component of an overlay when it is opened for the first time.
 * @param load the import; it should be a constant
 * @returns the component once it is loaded and open, and functions to load it ahead, open it and close it.
 *   Without a connection it stays closed, and the next attempt loads it again.
 */
export function useLoadedPart<T>(load: () => Promise<T>) {
  const [part, setPart] = useState<{ value: T } | null>(null);
  const [isOpen, setOpen] = useState(false);
  const preload = useCallback(() => {
    load().catch(() => {});
  }, [load]);
  const open = useCallback(() => {
    load().then(
      (value) => {
        setPart({ value });
        setOpen(true);
      },
      () => {},
    );
  }, [load]);
  const close = useCallback(() => setOpen(false), []);
  return { part: isOpen ? (part?.value ?? null) : null, preload, open, close };
}
