import { useEffect, useState } from "react";

const silenceMs = 5_000;

/**
 * Whether nothing has arrived for five seconds.
 * @param active whether something is expected
 * @param received the length of what has arrived; every change ends the silence
 */
export function useSilence(active: boolean, received: number): boolean {
  const [silentAt, setSilentAt] = useState<number | null>(null);
  useEffect(() => {
    if (!active) return;
    const timer = setTimeout(() => setSilentAt(received), silenceMs);
    return () => clearTimeout(timer);
  }, [active, received]);
  return active && silentAt === received;
}
